#pragma once
// Native functions: declared once, beside their C++ function, with a signature that is real Python:
//
//   constexpr Method tuple_methods[] = {
//       method<tuple_index>("index(value, start=0, stop=maxsize, /)", "Position of the first item
//       equal to value."),
//   };
//
// The signature is parsed at compile time and checked against the C++ parameters; it feeds the
// argument binder,
// __text_signature__, inspect, argument errors and docs. Parameter types carry the conversion:
//
//   Any               any value                       MaybeAny        any value, or empty when left
//   out (default `?`) Borrowed<Str>     our layout of str (TypeError)   Maybe<Borrowed<Str>>  the
//   same, or empty (default `?`) Word              __index__, OverflowError        Clamped
//   __index__, clamped to Word instead int               __index__ into a C int          bool truth
//   double            __float__ / __index__           SliceBound      __index__ clamped; kNone not
//   accepted Rest              *args, in place                 Maybe<Borrowed<Dict>>   as **kwargs:
//   the keywords left over (or empty) Arguments         the only parameter: the raw window; the
//   function binds by itself
//
// Defaults written in the signature: integers, None, True, False, 'text', maxsize, and `?` for
// "left out" (shown as <unrepresentable>). Returned: Result<Ref<T>>, Ref<T>, bool, Word, int,
// double, Value (owned), void, and Results of them.

#include <optional>
#include <string_view>
#include <tuple>

#include "objects/type.h"

namespace dx {

struct Module;

struct Rest {
  Value* items;
  size_t count;
  Any operator[](size_t i) const { return Any(items[i]); }
};
struct Clamped {
  Word value;
};
struct SliceBound {
  Word value;
  // The bound as an index into a sequence of `length` items: negative counts from the end, then
  // clamped to [0, length].
  Word clamp(Word length) const {
    Word at = value < 0 ? value + length : value;
    return at < 0 ? 0 : at > length ? length : at;
  }
};

constexpr size_t kMaxParameters = 24;
struct ParameterList {
  uint8_t count = 0;  // without *args and **kwargs
  uint8_t positional_only = 0;
  uint8_t positional = 0;  // positional-only and positional-or-keyword
  bool var_positional = false;
  bool var_keyword = false;
  uint8_t var_positional_index = 0;  // where *args stands among the C++ parameters
  uint16_t name_begin[kMaxParameters] = {};
  uint8_t name_length[kMaxParameters] = {};
  uint16_t default_begin[kMaxParameters] = {};
  uint8_t default_length[kMaxParameters] = {};  // 0: required
  bool raw = false;
};

struct NativeInfo;
// Owned, 0 = raised. The arguments come by reference: copying words that were stored just before
// stalls the processor.
using NativeEntry = Value (*)(Thread& thread, NativeInfo& info, Value self,
                              const Arguments& arguments);
// The same for functions without *args and **kwargs, one word a parameter, in order: binding is
// done.
using BoundEntry = Value (*)(Thread& thread, NativeInfo& info, Value self, const Value* values);

enum class MethodKind : uint8_t { instance, class_method, static_method };

struct Method {
  const char* signature;  // "name(parameters)"
  const char* doc;
  NativeEntry entry;
  BoundEntry bound_entry;  // null: *args, **kwargs, or the raw window
  MethodKind kind;
  uint8_t name_length;
  ParameterList parameters;
};

// A Method at run time: names interned, defaults made. Lives for ever; shared by all threads;
// read-only after creation.
struct NativeInfo {
  const Method* method;
  NativeEntry entry;       // the method's
  BoundEntry bound_entry;  // to be called with `exact` values
  uint16_t exact;  // number of parameters, when all of them may be positional and there are no
                   // others; else kNotExact
  uint16_t
      required;  // so many of them have no default, all before the others; kNotExact when not exact
  Str* name;     // immortal
  Type* owner;   // the type of `self` for methods; null for functions
  Str* names[kMaxParameters];
  Value defaults[kMaxParameters];  // 0: none or `?`
};
constexpr uint16_t kNotExact = 0xFFFF;
NativeInfo* native_info_create(Thread& thread, const Method& method,
                               Type* owner);  // null: MemoryError pending

// Binds to info.method->parameters: values[i] borrowed, 0 where left out. False: a TypeError with
// CPython's text is pending.
struct BoundArguments {
  Value values[kMaxParameters];
  Rest rest{nullptr, 0};
  Maybe<Ref<Object>> keywords;  // the dict for **kwargs
};
bool bind_arguments(Thread& thread, NativeInfo& info, const Arguments& arguments,
                    BoundArguments& out);
// The same for parameters without *args and **kwargs, into `values` (one word a parameter): what a
// call takes that does not name every parameter by position.
bool bind_plain_arguments(Thread& thread, NativeInfo& info, const Arguments& arguments,
                          Value* values);
// The NativeEntry of every function that has a bound_entry.
Value bind_and_enter(Thread& thread, NativeInfo& info, Value self, const Arguments& arguments);

// ---- conversions of one argument ----------------------------------------------------------------
struct ArgumentPlace {
  NativeInfo& info;
  size_t index;
};
Result<void> raise_argument_type(Thread& thread, ArgumentPlace place, const char* expected,
                                 Value got);

// Specialized beside each layout: TypeCheck<Str>{ static bool check(Value); static constexpr const
// char* name = "str"; }
template <class T>
struct TypeCheck;

template <class T>
struct Convert;
template <>
struct Convert<Any> {
  static Result<Any> from(Thread&, ArgumentPlace, Value value) { return Any(value); }
};
template <>
struct Convert<MaybeAny> {
  static Result<MaybeAny> from(Thread&, ArgumentPlace, Value value) { return MaybeAny(value); }
};
template <class T>
struct Convert<Borrowed<T>> {
  static Result<Borrowed<T>> from(Thread& thread, ArgumentPlace place, Value value) {
    if (__builtin_expect(TypeCheck<T>::check(value), 1)) return Borrowed<T>(value);
    (void)raise_argument_type(thread, place, TypeCheck<T>::name, value);
    return Raised{};
  }
};
template <class T>
struct Convert<Maybe<Borrowed<T>>> {
  static Result<Maybe<Borrowed<T>>> from(Thread& thread, ArgumentPlace place, Value value) {
    if (value.is_empty() || value.is_none() || TypeCheck<T>::check(value)) {
      return Maybe<Borrowed<T>>(value.is_none() ? Value{} : value);
    }
    (void)raise_argument_type(thread, place, TypeCheck<T>::name, value);
    return Raised{};
  }
};
template <>
struct Convert<Word> {
  static Result<Word> from(Thread& thread, ArgumentPlace place, Value value);
};
template <>
struct Convert<Clamped> {
  static Result<Clamped> from(Thread& thread, ArgumentPlace place, Value value);
};
template <>
struct Convert<SliceBound> {
  static Result<SliceBound> from(Thread& thread, ArgumentPlace place, Value value);
};
template <>
struct Convert<int> {
  static Result<int> from(Thread& thread, ArgumentPlace place, Value value);
};
template <>
struct Convert<bool> {
  static Result<bool> from(Thread& thread, ArgumentPlace place, Value value);
};
template <>
struct Convert<double> {
  static Result<double> from(Thread& thread, ArgumentPlace place, Value value);
};

// ---- results ------------------------------------------------------------------------------------
Value big_word_to_value(Thread& thread, Word number);
Value heap_double_to_value(Thread& thread, double number);
// A small int, or a big one; an immediate, or a heap float; 0: MemoryError pending.
inline Value word_to_value(Thread& thread, Word number) {
  return __builtin_expect(fits_small_int(number), 1) ? small_int(number)
                                                     : big_word_to_value(thread, number);
}
inline Value double_to_value(Thread& thread, double number) {
  Value value = float_encode(number);
  return __builtin_expect(bool(value), 1) ? value : heap_double_to_value(thread, number);
}

namespace native_detail {

template <class R>
Value to_value(Thread& thread, R&& result) {
  using T = std::remove_cvref_t<R>;
  if constexpr (std::is_base_of_v<OwnedWord, T>)
    return result.release();
  else if constexpr (std::is_same_v<T, bool>)
    return bool_value(result);
  else if constexpr (std::is_same_v<T, double>)
    return double_to_value(thread, result);
  else if constexpr (std::is_integral_v<T>)
    return word_to_value(thread, static_cast<Word>(result));
  else if constexpr (std::is_same_v<T, Value>)
    return result;
  else if constexpr (std::is_same_v<T, Result<void>>)
    return result.raised() ? Value{} : kNone;
  else
    return result.raised() ? Value{} : to_value(thread, result.take());
}

template <class... P>
struct Signature {
  static constexpr size_t count = sizeof...(P);
};

template <class P>
constexpr bool is_rest = std::is_same_v<P, Rest>;
template <class P>
constexpr bool is_raw = std::is_same_v<P, Arguments>;

// What **kwargs arrives in: such a function, and one with *args, binds by the general way.
template <class P>
constexpr bool is_dict = std::is_same_v<P, Maybe<Borrowed<Dict>>>;

template <class P>
bool convert_value(Thread& thread, NativeInfo& info, size_t index, Value value,
                   std::optional<P>& out) {
  auto converted = Convert<P>::from(thread, ArgumentPlace{info, index}, value);
  if (__builtin_expect(converted.raised(), 0)) return false;
  out.emplace(converted.take());
  return true;
}

// Converts parameter number I (C++ order) into its optional; false when it raised.
template <class P>
bool convert_one(Thread& thread, NativeInfo& info, BoundArguments& bound, size_t index,
                 std::optional<P>& out) {
  const ParameterList& parameters = info.method->parameters;
  if constexpr (is_rest<P>) {
    out = bound.rest;
    return true;
  } else {
    if (parameters.var_positional && index > parameters.var_positional_index) --index;
    if (index >= parameters.count) {  // **kwargs
      if constexpr (std::is_constructible_v<P, Value>) {
        out.emplace(bound.keywords.value());
        return true;
      } else {
        CHECK(!"a **kwargs parameter is Maybe<Borrowed<Dict>>");
      }
    }
    auto converted = Convert<P>::from(thread, ArgumentPlace{info, index}, bound.values[index]);
    if (converted.raised()) return false;
    out.emplace(converted.take());
    return true;
  }
}

template <class Call, class... P, size_t... I>
Value bind_and_call(Thread& thread, NativeInfo& info, const Arguments& arguments, Call call,
                    Signature<P...>, std::index_sequence<I...>) {
  if constexpr (sizeof...(P) == 1 && (is_raw<P> && ...)) {
    return call(arguments);
  } else {
    BoundArguments bound;
    if (__builtin_expect(!bind_arguments(thread, info, arguments, bound), 0)) return Value{};
    std::tuple<std::optional<P>...> converted;
    if (!(convert_one<P>(thread, info, bound, I, std::get<I>(converted)) && ...)) return Value{};
    return call(*std::get<I>(converted)...);
  }
}

template <class Call, class... P, size_t... I>
Value convert_and_call(Thread& thread, NativeInfo& info, const Value* values, Call call,
                       Signature<P...>, std::index_sequence<I...>) {
  std::tuple<std::optional<P>...> converted;
  if (!(convert_value<P>(thread, info, I, values[I], std::get<I>(converted)) && ...))
    return Value{};
  return call(*std::get<I>(converted)...);
}
// Arguments of a call, or the values of its parameters when they are bound already.
template <class Call, class S, class I>
Value bind_and_call(Thread& thread, NativeInfo& info, const Value* values, Call call, S signature,
                    I indexes) {
  return convert_and_call(thread, info, values, call, signature, indexes);
}

template <class Self>
Self self_from(Value self) {
  return Self(self);
}

// with_self: the first parameter (after Thread&) is the receiver (or the module).
template <auto function, bool with_self>
struct Trampoline;

template <class R, class... P>
Value finish(Thread& thread, R (*function)(P...), P... arguments) {
  if constexpr (std::is_void_v<R>) {
    function(arguments...);
    return kNone;
  } else {
    return to_value(thread, function(arguments...));
  }
}

// Given: const Arguments&, or const Value* for bound ones.
template <auto function, class Given, class R, class Self, class... P>
Value run_method(Thread& thread, NativeInfo& info, Value self, Given arguments,
                 R (*)(Thread&, Self, P...)) {
  return bind_and_call(
      thread, info, arguments,
      [&](P... converted) {
        return finish<R, Thread&, Self, P...>(thread, function, thread, self_from<Self>(self),
                                              converted...);
      },
      Signature<P...>{}, std::index_sequence_for<P...>{});
}
template <auto function, class Given, class R, class Self, class... P>
  requires(!std::is_same_v<Self, Thread&>)
Value run_method(Thread& thread, NativeInfo& info, Value self, Given arguments, R (*)(Self, P...)) {
  return bind_and_call(
      thread, info, arguments,
      [&](P... converted) {
        return finish<R, Self, P...>(thread, function, self_from<Self>(self), converted...);
      },
      Signature<P...>{}, std::index_sequence_for<P...>{});
}
template <auto function, class Given, class R, class... P>
Value run_function(Thread& thread, NativeInfo& info, Given arguments, R (*)(Thread&, P...)) {
  return bind_and_call(
      thread, info, arguments,
      [&](P... converted) {
        return finish<R, Thread&, P...>(thread, function, thread, converted...);
      },
      Signature<P...>{}, std::index_sequence_for<P...>{});
}

template <auto function, bool with_self>
Value entry(Thread& thread, NativeInfo& info, Value self, const Arguments& arguments) {
  if constexpr (with_self)
    return run_method<function, const Arguments&>(thread, info, self, arguments, function);
  else
    return run_function<function, const Arguments&>(thread, info, arguments, function);
}
template <auto function, bool with_self>
Value bound_entry(Thread& thread, NativeInfo& info, Value self, const Value* values) {
  if constexpr (with_self)
    return run_method<function, const Value*>(thread, info, self, values, function);
  else
    return run_function<function, const Value*>(thread, info, values, function);
}

template <class R, class... P>
constexpr size_t parameter_count(R (*)(P...)) {
  return sizeof...(P);
}
template <class R, class First, class... P>
constexpr bool takes_thread(R (*)(First, P...)) {
  return std::is_same_v<First, Thread&>;
}
template <class R>
constexpr bool takes_thread(R (*)()) {
  return false;
}
template <class T, class R, class... P>
constexpr bool has_parameter(R (*)(P...)) {
  return (std::is_same_v<T, P> || ...);
}

// Called only to make a compile error with a telling name.
inline void python_signature_and_cpp_parameters_disagree() {}
inline void malformed_python_signature() {}

constexpr bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr ParameterList parse_signature(const char* text, bool raw) {
  ParameterList list;
  list.raw = raw;
  size_t at = 0;
  while (text[at] && text[at] != '(') ++at;
  if (text[at] != '(') malformed_python_signature();
  ++at;
  bool keyword_only = false;
  while (text[at] && text[at] != ')') {
    if (text[at] == ' ' || text[at] == ',') {
      ++at;
    } else if (text[at] == '/') {
      list.positional_only = list.count;
      ++at;
    } else if (text[at] == '*' && text[at + 1] == '*') {
      list.var_keyword = true;
      at += 2;
      while (is_name_char(text[at])) ++at;
    } else if (text[at] == '*') {
      ++at;
      keyword_only = true;
      list.positional = list.count;
      if (is_name_char(text[at])) {
        list.var_positional = true;
        list.var_positional_index = list.count;
        while (is_name_char(text[at])) ++at;
      }
    } else {
      size_t i = list.count++;
      if (list.count > kMaxParameters) malformed_python_signature();
      list.name_begin[i] = static_cast<uint16_t>(at);
      while (is_name_char(text[at])) ++at;
      list.name_length[i] = static_cast<uint8_t>(at - list.name_begin[i]);
      if (list.name_length[i] == 0) malformed_python_signature();
      if (text[at] == '=') {
        ++at;
        list.default_begin[i] = static_cast<uint16_t>(at);
        if (text[at] == '\'') {
          ++at;
          while (text[at] != '\'') ++at;
          ++at;
        } else {
          while (text[at] && text[at] != ',' && text[at] != ')' && text[at] != ' ') ++at;
        }
        list.default_length[i] = static_cast<uint8_t>(at - list.default_begin[i]);
      }
    }
  }
  if (text[at] != ')') malformed_python_signature();
  if (!keyword_only) list.positional = list.count;
  return list;
}

template <auto function, bool with_self>
consteval Method make(const char* signature, const char* doc, MethodKind kind) {
  constexpr size_t cpp_count = parameter_count(function) - takes_thread(function) - with_self;
  constexpr bool raw = has_parameter<Arguments>(function);
  constexpr bool bound =
      !(raw || has_parameter<Rest>(function) || has_parameter<Maybe<Borrowed<Dict>>>(function));
  Method method{signature, doc, &bind_and_enter, nullptr, kind, 0, parse_signature(signature, raw)};
  if constexpr (bound)
    method.bound_entry = &bound_entry<function, with_self>;
  else
    method.entry = &entry<function, with_self>;
  while (is_name_char(signature[method.name_length])) ++method.name_length;
  const ParameterList& list = method.parameters;
  if (list.var_keyword && !raw && !has_parameter<Maybe<Borrowed<Dict>>>(function))
    python_signature_and_cpp_parameters_disagree();
  if (!raw && list.count + list.var_positional + list.var_keyword != cpp_count)
    python_signature_and_cpp_parameters_disagree();
  return method;
}
}  // namespace native_detail

// A method: the C++ function's first parameter (after Thread&) is the receiver, not named in the
// signature.
template <auto function>
consteval Method method(const char* signature, const char* doc = nullptr) {
  return native_detail::make<function, true>(signature, doc, MethodKind::instance);
}
// A class method: the receiver is Borrowed<Type>.
template <auto function>
consteval Method class_method(const char* signature, const char* doc = nullptr) {
  return native_detail::make<function, true>(signature, doc, MethodKind::class_method);
}
template <auto function>
consteval Method static_method(const char* signature, const char* doc = nullptr) {
  return native_detail::make<function, false>(signature, doc, MethodKind::static_method);
}
// A module's function: no receiver. Its first parameter must be Thread&.
template <auto target>
consteval Method function(const char* signature, const char* doc = nullptr) {
  return native_detail::make<target, false>(signature, doc, MethodKind::static_method);
}

// ---- modules ------------------------------------------------------------------------------------
struct ModuleConstant {
  const char* name;
  enum class Kind : uint8_t { integer, real, text } kind;
  Word integer = 0;
  double real = 0;
  const char* text = nullptr;
};
constexpr ModuleConstant constant(const char* name, Word value) {
  return {name, ModuleConstant::Kind::integer, value};
}
constexpr ModuleConstant constant_real(const char* name, double value) {
  return {name, ModuleConstant::Kind::real, 0, value};
}
constexpr ModuleConstant constant_text(const char* name, const char* value) {
  return {name, ModuleConstant::Kind::text, 0, 0, value};
}

struct ModuleType {
  const TypeSpec* spec;
  TypeHandle* handle;
};

// One line in modules/modules.def (DX_MODULE(math)) makes `math_module` importable.
struct ModuleSpec {
  const char* name;
  const char* doc = nullptr;
  std::span<const Method> functions = {};
  std::span<const ModuleConstant> constants = {};
  std::span<const ModuleType> types = {};
  Result<void> (*initialize)(Thread& thread, Borrowed<Module> module) = nullptr;  // the rest, last
};

// ---- the Python objects around a Method ---------------------------------------------------------
struct NativeFunction : Object {  // builtin_function_or_method
  NativeInfo* info;
  Field<Object> self;    // the receiver, the module, or empty
  Field<Object> module;  // __module__: str or empty
};
struct MethodDescriptor : Object {  // method_descriptor, classmethod_descriptor
  NativeInfo* info;
};
struct SlotWrapper : Object {  // wrapper_descriptor: list.__len__
  Type* owner;
  void* function;
  SlotId slot;
  bool twin;
};
struct MethodWrapper : Object {  // method-wrapper: [].__len__
  Field<SlotWrapper> wrapper;
  Field<Object> self;
};
struct GetSetDescriptor : Object {
  Type* owner;
  const GetSet* getset;
};
struct MemberDescriptor : Object {  // a __slots__ entry
  Field<Str> name;
  Type* owner;
  uint32_t offset;  // bytes to the slot
};

Result<Ref<NativeFunction>> native_function_create(Thread& thread, const Method& method,
                                                   MaybeAny self, MaybeAny module);

}  // namespace dx
