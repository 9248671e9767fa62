// Native functions as Python sees them, and the binder that puts a call's arguments where a
// signature wants them.

#include "objects/native.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "memory/byte_lock.h"
#include "memory/safepoint.h"
#include "objects/iter.h"
#include "objects/dict.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/instance.h"
#include "objects/str.h"
#include "objects/module.h"
#include "objects/tuple.h"

namespace dx {

namespace {

// The value of a default written in a signature; empty for `?`.
Result<MaybeAny> default_value(Thread& thread, std::string_view text) {
  if (text == "?") return MaybeAny();
  if (text == "None") return MaybeAny(kNone);
  if (text == "True") return MaybeAny(kTrue);
  if (text == "False") return MaybeAny(kFalse);
  if (text == "maxsize") {  // does not fit an immediate; SliceBound and Clamped treat any large
                            // number alike
    Value value = TRY(int_from_word(thread, INT64_MAX)).release();
    make_immortal(value.object());
    return MaybeAny(value);
  }
  if (text.size() >= 2 && text[0] == '\'') {
    std::string plain;
    for (size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] == '\\' && text[i + 1] == 'n') {
        plain += '\n';
        ++i;
      } else {
        plain += text[i];
      }
    }
    Value value = TRY(str_intern_ascii(thread, plain)).release();
    make_immortal(value.object());
    return MaybeAny(value);
  }
  char* end = nullptr;
  std::string digits(text);
  long long number = std::strtoll(digits.c_str(), &end, 0);
  CHECK(end && *end == 0);  // a default must be one of the forms above
  return MaybeAny(small_int(number));
}

std::string_view parameter_name(const Method& method, size_t i) {
  return {method.signature + method.parameters.name_begin[i], method.parameters.name_length[i]};
}

AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}

// "join" or "str.join" as error messages name the function.
Ref<Str> display_name(Thread& thread, NativeInfo& info) {
  if (!info.owner) return Ref<Str>::share(thread, info.name);
  AnyResult full = text(thread, "{}.{}", {info.owner->name.borrow(), info.name});
  if (full.raised()) {
    clear_exception(thread);
    return Ref<Str>::share(thread, info.name);
  }
  return Ref<Str>::adopt(full.release());
}

bool too_many_positional(Thread& thread, NativeInfo& info, size_t given) {
  const ParameterList& list = info.method->parameters;
  size_t required = 0;
  for (size_t i = 0; i < list.positional; ++i) required += list.default_length[i] == 0;
  Ref<Str> name = display_name(thread, info);
  if (list.count == 0 && !list.var_keyword) {
    (void)raise<TypeError>(thread, "{}() takes no arguments ({} given)", name, given);
  } else if (list.positional_only == list.count && list.count == 1 && required == 1) {
    (void)raise<TypeError>(thread, "{}() takes exactly one argument ({} given)", name, given);
  } else if (list.positional == 0) {
    (void)raise<TypeError>(thread, "{}() takes no positional arguments", info.name);
  } else if (list.positional_only == list.positional) {
    const char* bound = required == list.positional ? ""
                        : given < required          ? "at least "
                                                    : "at most ";
    size_t limit = given < required ? required : list.positional;
    (void)raise<TypeError>(thread, "{} expected {}{} argument{}, got {}", info.name, bound, limit,
                           limit == 1 ? "" : "s", given);
  } else {
    (void)raise<TypeError>(thread, "{}() takes {} {} positional argument{} ({} given)", info.name,
                           required == list.positional ? "exactly" : "at most",
                           size_t{list.positional}, list.positional == 1 ? "" : "s", given);
  }
  return false;
}

bool missing_argument(Thread& thread, NativeInfo& info, size_t index, size_t given) {
  const ParameterList& list = info.method->parameters;
  if (index < list.positional_only) {
    size_t required = 0;
    for (size_t i = 0; i < list.positional_only; ++i) required += list.default_length[i] == 0;
    if (list.positional_only == list.count && list.count == 1) {
      (void)raise<TypeError>(thread, "{}() takes exactly one argument ({} given)",
                             display_name(thread, info), given);
    } else {
      (void)raise<TypeError>(thread, "{} expected {}{} argument{}, got {}", info.name,
                             required == list.positional ? "" : "at least ", required,
                             required == 1 ? "" : "s", given);
    }
  } else {
    (void)raise<TypeError>(thread, "{}() missing required argument '{}' (pos {})", info.name,
                           info.names[index], index + 1);
  }
  return false;
}

}  // namespace

NativeInfo* native_info_create(Thread& thread, const Method& method, Type* owner) {
  auto* info = static_cast<NativeInfo*>(std::calloc(1, sizeof(NativeInfo)));
  if (!info) {
    (void)raise_memory_error(thread);
    return nullptr;
  }
  info->method = &method;
  info->entry = method.entry;
  info->bound_entry = method.bound_entry;
  info->owner = owner;
  const ParameterList& list = method.parameters;
  bool exact = method.bound_entry && !list.var_positional && !list.var_keyword &&
               list.positional == list.count;
  info->exact = exact ? list.count : kNotExact;
  info->required = info->exact;
  while (exact && info->required > 0 && list.default_length[info->required - 1]) --info->required;
  auto immortal_name = [&](std::string_view name) -> Str* {
    Result<Ref<Str>> interned = str_intern_ascii(thread, name);
    if (interned.raised()) return nullptr;
    auto* str = static_cast<Str*>(interned.release().object());
    make_immortal(str);
    return str;
  };
  info->name = immortal_name({method.signature, method.name_length});
  if (!info->name) return nullptr;
  for (size_t i = 0; i < method.parameters.count; ++i) {
    info->names[i] = immortal_name(parameter_name(method, i));
    if (!info->names[i]) return nullptr;
    if (method.parameters.default_length[i]) {
      Result<MaybeAny> value =
          default_value(thread, {method.signature + method.parameters.default_begin[i],
                                 method.parameters.default_length[i]});
      if (value.raised()) return nullptr;
      info->defaults[i] = value.take().value();
    }
  }
  return info;
}

bool bind_arguments(Thread& thread, NativeInfo& info, const Arguments& arguments,
                    BoundArguments& out) {
  const ParameterList& list = info.method->parameters;
  size_t positional = arguments.positional();
  size_t taken = positional < list.positional ? positional : list.positional;
  for (size_t i = 0; i < taken; ++i) out.values[i] = arguments.items[i];
  if (positional > list.positional) {
    if (!list.var_positional) return too_many_positional(thread, info, positional);
    out.rest = Rest{arguments.items + taken, positional - taken};
  }
  for (size_t i = taken; i < list.count; ++i) out.values[i] = Value{};
  if (arguments.names && arguments.names->size) {
    if (list.positional_only == list.count && !list.var_keyword) {
      (void)raise<TypeError>(thread, "{}() takes no keyword arguments", display_name(thread, info));
      return false;
    }
    if (!list.var_keyword && !list.var_positional && arguments.count > list.count) {
      (void)raise<TypeError>(thread, "{}() takes at most {} {}argument{} ({} given)", info.name,
                             list.count, positional == 0 ? "keyword " : "",
                             list.count == 1 ? "" : "s", arguments.count);
      return false;
    }
    for (Word k = 0; k < arguments.names->size; ++k) {
      auto* name = static_cast<Str*>(arguments.names->item(k).object());
      Value value = arguments.items[positional + static_cast<size_t>(k)];
      size_t index = list.positional_only;
      while (index < list.count && info.names[index] != name &&
             !str_equal(info.names[index], Borrowed<Str>(name)))
        ++index;
      if (index < list.count) {
        if (out.values[index]) {
          (void)raise<TypeError>(thread, "argument for {}() given by name ('{}') and position ({})",
                                 info.name, name, index + 1);
          return false;
        }
        out.values[index] = value;
        continue;
      }
      if (!list.var_keyword) {
        for (size_t i = 0; i < list.positional_only; ++i) {
          if (!str_equal(info.names[i], Borrowed<Str>(name))) continue;
          (void)raise<TypeError>(
              thread, "{}() got some positional-only arguments passed as keyword arguments: '{}'",
              info.name, name);
          return false;
        }
        (void)raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'", info.name,
                               name);
        return false;
      }
      if (!out.keywords) {
        Result<Ref<Dict>> dict = dict_create(thread);
        if (dict.raised()) return false;
        out.keywords = Maybe<Ref<Object>>(dict.take());
      }
      if (dict_set_str(thread, Borrowed<Dict>(out.keywords.value()), Borrowed<Str>(name),
                       Any(value))
              .raised())
        return false;
    }
  }
  for (size_t i = taken; i < list.count; ++i) {
    if (out.values[i]) continue;
    if (list.default_length[i] == 0) return missing_argument(thread, info, i, positional);
    out.values[i] = info.defaults[i];
  }
  return true;
}

bool bind_plain_arguments(Thread& thread, NativeInfo& info, const Arguments& arguments,
                          Value* values) {
  const ParameterList& list = info.method->parameters;
  size_t given = arguments.count;
  if (!arguments.names && given <= list.positional) {
    for (size_t i = 0; i < given; ++i) values[i] = arguments.items[i];
    size_t i = given;
    for (; i < list.count && list.default_length[i]; ++i) values[i] = info.defaults[i];
    if (i == list.count) return true;
  }
  BoundArguments bound;
  if (!bind_arguments(thread, info, arguments, bound)) return false;
  for (size_t i = 0; i < list.count; ++i) values[i] = bound.values[i];
  return true;
}

Value bind_and_enter(Thread& thread, NativeInfo& info, Value self, const Arguments& arguments) {
  size_t given = arguments.count;
  if (given == info.exact && !arguments.names)
    return info.bound_entry(thread, info, self, arguments.items);
  alignas(Value) char room[kMaxParameters * sizeof(Value)];  // not worth clearing
  Value* values = reinterpret_cast<Value*>(room);
  if (!arguments.names && given >= info.required && given < info.exact && info.exact != kNotExact) {
    size_t i = 0;
    // Atomic, so that they do not become calls of memcpy: there are few.
    for (; i < given; ++i)
      __atomic_store_n(&values[i].bits, arguments.items[i].bits, __ATOMIC_RELAXED);
    for (; i < info.exact; ++i)
      __atomic_store_n(&values[i].bits, info.defaults[i].bits, __ATOMIC_RELAXED);
  } else if (!bind_plain_arguments(thread, info, arguments, values)) {
    return Value{};
  }
  return info.bound_entry(thread, info, self, values);
}

Result<void> raise_argument_type(Thread& thread, ArgumentPlace place, const char* expected,
                                 Value got) {
  const ParameterList& list = place.info.method->parameters;
  const char* actual = got.is_none() ? "None" : type_name_of(thread, got);
  if (list.count == 1 && list.positional_only == 1) {
    return raise<TypeError>(thread, "{}() argument must be {}, not {}", place.info.name, expected,
                            actual);
  }
  if (place.index < list.positional_only) {
    return raise<TypeError>(thread, "{}() argument {} must be {}, not {}", place.info.name,
                            place.index + 1, expected, actual);
  }
  return raise<TypeError>(thread, "{}() argument '{}' must be {}, not {}", place.info.name,
                          place.info.names[place.index], expected, actual);
}

// ---- conversions --------------------------------------------------------------------------------

Result<Word> Convert<Word>::from(Thread& thread, ArgumentPlace, Value value) {
  if (value.is_int()) return small_int_value(value);
  AnyRef index = TRY(to_index(thread, value));
  return int_word(thread, index.value(), "Python int too large to convert to C ssize_t");
}
Result<Clamped> Convert<Clamped>::from(Thread& thread, ArgumentPlace, Value value) {
  return Clamped{TRY(index_word_clamped(thread, value))};
}
Result<SliceBound> Convert<SliceBound>::from(Thread& thread, ArgumentPlace, Value value) {
  if (!has_index(value)) {
    return raise<TypeError>(thread, "slice indices must be integers or have an __index__ method");
  }
  return SliceBound{TRY(index_word_clamped(thread, value))};
}
Result<int> Convert<int>::from(Thread& thread, ArgumentPlace, Value value) {
  AnyRef index = TRY(to_index(thread, value));
  Word word;
  if (!int_to_word(index.value(), word) || word > INT32_MAX || word < INT32_MIN)
    return raise<OverflowError>(thread, "Python int too large to convert to C int");
  return static_cast<int>(word);
}
Result<bool> Convert<bool>::from(Thread& thread, ArgumentPlace, Value value) {
  return is_true(thread, value);
}
Result<double> Convert<double>::from(Thread& thread, ArgumentPlace, Value value) {
  return float_convert(thread, value);
}

Value big_word_to_value(Thread& thread, Word number) {
  return int_from_word(thread, number).release();
}
Value heap_double_to_value(Thread& thread, double number) {
  return float_from_double(thread, number).release();
}

// ---- builtin_function_or_method -----------------------------------------------------------------

Result<Ref<NativeFunction>> native_function_create(Thread& thread, const Method& method,
                                                   MaybeAny self, MaybeAny module) {
  Type* owner = self && is_type(self.value()) ? static_cast<Type*>(self.value().object()) : nullptr;
  NativeInfo* info = native_info_create(thread, method, owner);
  if (!info) return Raised{};
  auto* function = static_cast<NativeFunction*>(allocate_object(
      thread, sizeof(NativeFunction), SHAPE(builtin_function_or_method), PageKind::traced));
  if (!function) return raise_memory_error(thread);
  function->info = info;
  incref(thread, self.value());
  incref(thread, module.value());
  slot_init(function, function->self, self.value());
  slot_init(function, function->module, module.value());
  return Ref<NativeFunction>::adopt(function);
}

namespace {

Result<Ref<NativeFunction>> bind_native(Thread& thread, NativeInfo* info, Any self) {
  auto* function = static_cast<NativeFunction*>(allocate_object(
      thread, sizeof(NativeFunction), SHAPE(builtin_function_or_method), PageKind::traced));
  if (!function) return raise_memory_error(thread);
  function->info = info;
  slot_init(function, function->self, share(thread, self));
  return Ref<NativeFunction>::adopt(function);
}

AnyResult builtin_function_call(Thread& thread, Borrowed<NativeFunction> self,
                                const Arguments& arguments) {
  return AnyResult::adopt(
      self->info->entry(thread, *self->info, self->self.raw_relaxed(), arguments));
}

AnyResult signature_text(Thread& thread, NativeInfo& info, bool with_self) {
  const Method& method = *info.method;
  const char* open = method.signature + method.name_length;
  StrBuilder builder(thread);
  std::string_view rest(open + 1);
  TRY(builder.append(with_self ? (method.kind == MethodKind::class_method ? "($type" : "($self")
                               : "("));
  bool positional_only = method.parameters.positional_only > 0;
  if (with_self && !positional_only) TRY(builder.append(", /"));
  if (with_self && rest != ")") TRY(builder.append(", "));
  std::string shown(rest);
  for (size_t at; (at = shown.find("=?")) != std::string::npos;)
    shown.replace(at, 2, "=<unrepresentable>");
  for (size_t at; (at = shown.find("=maxsize")) != std::string::npos;)
    shown.replace(at, 8, "=sys.maxsize");
  TRY(builder.append(shown));
  return builder.finish();
}

Ref<Str> builtin_function_name(Thread& thread, Borrowed<NativeFunction> self) {
  return Ref<Str>::share(thread, self->info->name);
}
AnyResult builtin_function_qualname(Thread& thread, Borrowed<NativeFunction> self) {
  Value receiver = self->self.raw();
  if (!receiver || has_layout(receiver, kShapeModule))
    return share(thread, Any(Value(self->info->name)));
  Type* owner = is_type(receiver) ? static_cast<Type*>(receiver.object()) : type_of(receiver);
  return text(thread, "{}.{}", {owner->qualname.borrow(), self->info->name});
}
AnyResult builtin_function_module(Thread& thread, Borrowed<NativeFunction> self) {
  Value module = self->module.raw();
  return module ? share(thread, module) : AnyRef::adopt(kNone);
}
AnyResult builtin_function_self(Thread& thread, Borrowed<NativeFunction> self) {
  Value receiver = self->self.raw();
  return receiver ? share(thread, receiver) : AnyRef::adopt(kNone);
}
AnyResult info_doc(Thread& thread, NativeInfo& info) {
  if (!info.method->doc) return AnyRef::adopt(kNone);
  return str_from_utf8(thread, info.method->doc);
}
AnyResult builtin_function_doc(Thread& thread, Borrowed<NativeFunction> self) {
  return info_doc(thread, *self->info);
}
AnyResult builtin_function_text_signature(Thread& thread, Borrowed<NativeFunction> self) {
  return signature_text(
      thread, *self->info,
      self->info->owner != nullptr && self->info->method->kind != MethodKind::static_method);
}
AnyResult builtin_function_repr(Thread& thread, Borrowed<NativeFunction> self) {
  Value receiver = self->self.raw();
  if (!receiver || has_layout(receiver, kShapeModule))
    return text(thread, "<built-in function {}>", {self->info->name});
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx", static_cast<unsigned long long>(receiver.bits));
  return text(thread, "<built-in method {} of {} object at {}>",
              {self->info->name, type_name_of(thread, receiver), address});
}
bool same_method(NativeFunction* left, NativeFunction* right) {
  return left->info->method == right->info->method && left->self.raw() == right->self.raw();
}
AnyResult builtin_function_eq(Thread&, Borrowed<NativeFunction> self, Any other) {
  if (type_of(other) != TYPE(builtin_function_or_method)) return AnyRef::adopt(kNotImplemented);
  return AnyRef::adopt(
      bool_value(same_method(self.get(), static_cast<NativeFunction*>(other.object()))));
}
Result<Word> builtin_function_hash(Borrowed<NativeFunction> self) {
  return static_cast<Word>((self->self.raw().bits >> 4) ^
                           (reinterpret_cast<uintptr_t>(self->info->method) >> 3));
}
void trace_native_function(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<NativeFunction*>(object);
  visit(self->self);
  visit(self->module);
}

// ---- method_descriptor --------------------------------------------------------------------------

AnyResult method_descriptor_call(Thread& thread, Borrowed<MethodDescriptor> self,
                                 const Arguments& arguments) {
  NativeInfo& info = *self->info;
  bool on_class = info.method->kind == MethodKind::class_method;
  if (arguments.positional() == 0) {
    return raise<TypeError>(
        thread,
        on_class ? "descriptor '{}' of type '{}' needs an argument"
                 : "unbound method {}.{}() needs an argument",
        on_class ? FormatArgument(info.name) : FormatArgument(info.owner->name.borrow()),
        on_class ? FormatArgument(info.owner->name.borrow()) : FormatArgument(info.name));
  }
  Value receiver = arguments.items[0];
  if (on_class) {
    if (!is_type(receiver)) {
      return raise<TypeError>(thread,
                              "descriptor '{}' requires a type but received a '{}' instance",
                              info.name, type_name_in(Any(receiver)));
    }
  } else if (!is_subtype(type_of(receiver), info.owner)) {
    return raise<TypeError>(thread,
                            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                            info.name, type_name(thread, info.owner), type_name_in(Any(receiver)));
  }
  return AnyResult::adopt(
      info.entry(thread, info, receiver,
                 Arguments{arguments.items + 1, arguments.count - 1, arguments.names}));
}
AnyResult method_descriptor_get(Thread& thread, Borrowed<MethodDescriptor> self, MaybeAny instance,
                                MaybeAny owner) {
  NativeInfo& info = *self->info;
  if (info.method->kind == MethodKind::class_method) {
    Value type = owner ? owner.value() : Value(type_of(instance.value()));
    return bind_native(thread, &info, Any(type));
  }
  if (!instance) return share(thread, self);
  if (!is_subtype(type_of(instance.value()), info.owner)) {
    return raise<TypeError>(thread,
                            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                            info.name, type_name(thread, info.owner), type_name_in(*instance));
  }
  return bind_native(thread, &info, *instance);
}
AnyResult method_descriptor_repr(Thread& thread, Borrowed<MethodDescriptor> self) {
  return text(thread, "<method '{}' of '{}' objects>",
              {self->info->name, type_name(thread, self->info->owner)});
}
Ref<Str> method_descriptor_name(Thread& thread, Borrowed<MethodDescriptor> self) {
  return Ref<Str>::share(thread, self->info->name);
}
AnyResult method_descriptor_qualname(Thread& thread, Borrowed<MethodDescriptor> self) {
  return text(thread, "{}.{}", {self->info->owner->qualname.borrow(), self->info->name});
}
AnyResult method_descriptor_objclass(Thread& thread, Borrowed<MethodDescriptor> self) {
  return share(thread, Any(Value(self->info->owner)));
}
AnyResult method_descriptor_doc(Thread& thread, Borrowed<MethodDescriptor> self) {
  return info_doc(thread, *self->info);
}
AnyResult method_descriptor_text_signature(Thread& thread, Borrowed<MethodDescriptor> self) {
  return signature_text(thread, *self->info, true);
}

// ---- getset and member descriptors --------------------------------------------------------------

template <class D>
Result<void> check_receiver(Thread& thread, D* self, const char* name, Value receiver) {
  if (is_subtype(type_of(receiver), self->owner)) return {};
  // Another thread may have given the object its other class since the attribute was looked up.
  // __dict__ is found through the object's own class, so it is right for both.
  if (threads_are_shared() && std::strcmp(name, "__dict__") == 0 &&
      self->owner->has_flag(kTypeHeap) && type_of(receiver)->has_flag(kTypeHeap) &&
      type_of(receiver)->dict_offset == self->owner->dict_offset) {
    return {};
  }
  return raise<TypeError>(thread, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                          name, type_name(thread, self->owner), type_name_in(Any(receiver)));
}

AnyResult getset_get(Thread& thread, Borrowed<GetSetDescriptor> self, MaybeAny instance, MaybeAny) {
  if (!instance) return share(thread, self);
  TRY(check_receiver(thread, self.get(), self->getset->name, instance.value()));
  return self->getset->get(thread, *instance);
}
Result<void> getset_set(Thread& thread, Borrowed<GetSetDescriptor> self, Any instance,
                        MaybeAny value) {
  TRY(check_receiver(thread, self.get(), self->getset->name, instance.value()));
  if (!self->getset->set) {
    return raise<AttributeError>(thread, "attribute '{}' of '{}' objects is not writable",
                                 self->getset->name, type_name(thread, self->owner));
  }
  return self->getset->set(thread, instance, value);
}
AnyResult getset_repr(Thread& thread, Borrowed<GetSetDescriptor> self) {
  return text(thread, "<attribute '{}' of '{}' objects>",
              {self->getset->name, type_name(thread, self->owner)});
}
AnyResult getset_name(Thread& thread, Borrowed<GetSetDescriptor> self) {
  return str_intern_ascii(thread, self->getset->name);
}
AnyResult getset_qualname(Thread& thread, Borrowed<GetSetDescriptor> self) {
  return text(thread, "{}.{}", {self->owner->qualname.borrow(), self->getset->name});
}
AnyResult getset_objclass(Thread& thread, Borrowed<GetSetDescriptor> self) {
  return share(thread, Any(Value(self->owner)));
}
AnyResult getset_doc(Thread& thread, Borrowed<GetSetDescriptor> self) {
  if (!self->getset->doc) return AnyRef::adopt(kNone);
  return str_from_utf8(thread, self->getset->doc);
}

Slot& member_slot(MemberDescriptor* self, Object* object) {
  return *reinterpret_cast<Slot*>(instance_tail(object) + self->offset);
}

AnyResult member_get(Thread& thread, Borrowed<MemberDescriptor> self, MaybeAny instance, MaybeAny) {
  if (!instance) return share(thread, self);
  if (!is_subtype(type_of(instance.value()), self->owner)) {
    return raise<TypeError>(
        thread, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        self->name.borrow(), type_name(thread, self->owner), type_name_in(*instance));
  }
  Value value = slot_load(thread, instance.value().object(),
                          member_slot(self.get(), instance.value().object()));
  if (!value) return raise_attribute_error(thread, *instance, self->name.borrow());
  return AnyRef::adopt(value);
}
Result<void> member_set(Thread& thread, Borrowed<MemberDescriptor> self, Any instance,
                        MaybeAny value) {
  if (!is_subtype(type_of(instance), self->owner)) {
    return raise<TypeError>(
        thread, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        self->name.borrow(), type_name(thread, self->owner), type_name_in(instance));
  }
  Object* object = instance.object();
  incref(thread, value.value());
  Value old;
  {
    ObjectLock lock(thread, object);
    old = slot_exchange(thread, object, member_slot(self.get(), object), value.value());
  }
  if (!value && !old) return raise_attribute_error(thread, instance, self->name.borrow());
  decref(thread, old);
  return {};
}
AnyResult member_repr(Thread& thread, Borrowed<MemberDescriptor> self) {
  return text(thread, "<member '{}' of '{}' objects>",
              {self->name.borrow(), type_name(thread, self->owner)});
}
Ref<Str> member_name(Thread& thread, Borrowed<MemberDescriptor> self) {
  return Ref<Str>::share(thread, self->name.borrow());
}
AnyResult member_qualname(Thread& thread, Borrowed<MemberDescriptor> self) {
  return text(thread, "{}.{}", {self->owner->qualname.borrow(), self->name.borrow()});
}
AnyResult member_objclass(Thread& thread, Borrowed<MemberDescriptor> self) {
  return share(thread, Any(Value(self->owner)));
}
Value member_doc(Thread&, Borrowed<MemberDescriptor>) { return kNone; }
void trace_member(Object* object, SlotVisitor& visit) {
  visit(static_cast<MemberDescriptor*>(object)->name);
}

// How pickle finds them again: a function of a module by its name, a bound one as getattr(self,
// name), an unbound method as getattr(class, name).
AnyResult builtin_function_reduce(Thread& thread, Borrowed<NativeFunction> self) {
  Value receiver = self->self.raw();
  if (!receiver || TypeCheck<Module>::check(receiver))
    return Ref<Str>::share(thread, Borrowed<Str>(self->info->name));
  return reduce_with_builtin(thread, NAME("getattr"), {receiver, Value(self->info->name)});
}
AnyResult method_descriptor_reduce(Thread& thread, Borrowed<MethodDescriptor> self) {
  return reduce_with_builtin(thread, NAME("getattr"),
                             {Value(self->info->owner), Value(self->info->name)});
}
constexpr Method native_function_methods[] = {method<builtin_function_reduce>("__reduce__()")};
constexpr Method method_descriptor_methods[] = {method<method_descriptor_reduce>("__reduce__()")};

const SlotEntry native_function_slots[] = {
    slot<SlotId::call, builtin_function_call>(), slot<SlotId::repr, builtin_function_repr>(),
    slot<SlotId::eq, builtin_function_eq>(), slot<SlotId::hash, builtin_function_hash>()};
const GetSet native_function_getsets[] = {
    getter<builtin_function_name>("__name__"),
    getter<builtin_function_qualname>("__qualname__"),
    getter<builtin_function_module>("__module__"),
    getter<builtin_function_self>("__self__"),
    getter<builtin_function_doc>("__doc__"),
    getter<builtin_function_text_signature>("__text_signature__")};
const SlotEntry method_descriptor_slots[] = {slot<SlotId::call, method_descriptor_call>(),
                                             slot<SlotId::descr_get, method_descriptor_get>(),
                                             slot<SlotId::repr, method_descriptor_repr>()};
const GetSet method_descriptor_getsets[] = {
    getter<method_descriptor_name>("__name__"), getter<method_descriptor_qualname>("__qualname__"),
    getter<method_descriptor_objclass>("__objclass__"), getter<method_descriptor_doc>("__doc__"),
    getter<method_descriptor_text_signature>("__text_signature__")};
const SlotEntry getset_slots[] = {slot<SlotId::descr_get, getset_get>(),
                                  slot<SlotId::descr_set, getset_set>(),
                                  slot<SlotId::repr, getset_repr>()};
const GetSet getset_getsets[] = {
    getter<getset_name>("__name__"), getter<getset_qualname>("__qualname__"),
    getter<getset_objclass>("__objclass__"), getter<getset_doc>("__doc__")};
const SlotEntry member_slots[] = {slot<SlotId::descr_get, member_get>(),
                                  slot<SlotId::descr_set, member_set>(),
                                  slot<SlotId::repr, member_repr>()};
const GetSet member_getsets[] = {
    getter<member_name>("__name__"), getter<member_qualname>("__qualname__"),
    getter<member_objclass>("__objclass__"), getter<member_doc>("__doc__")};
const Layout native_function_layout{"builtin_function_or_method",
                                    sizeof(NativeFunction),
                                    true,
                                    trace_native_function,
                                    nullptr,
                                    nullptr,
                                    drop_by<trace_native_function>};
const Layout method_descriptor_layout{"method_descriptor", sizeof(MethodDescriptor), false, nullptr,
                                      nullptr};
const Layout getset_layout{"getset_descriptor", sizeof(GetSetDescriptor), false, nullptr, nullptr};
const Layout member_layout{"member_descriptor", sizeof(MemberDescriptor), true, trace_member,
                           nullptr};

}  // namespace

const TypeSpec builtin_function_or_method_spec{.name = "builtin_function_or_method",
                                               .flags = kTypeDisallowNew | kTypeWeakrefable,
                                               .layout = &native_function_layout,
                                               .slots = native_function_slots,
                                               .methods = native_function_methods,
                                               .getsets = native_function_getsets};
const TypeSpec method_descriptor_spec{.name = "method_descriptor",
                                      .flags = kTypeMethodDescriptor | kTypeDisallowNew,
                                      .layout = &method_descriptor_layout,
                                      .slots = method_descriptor_slots,
                                      .methods = method_descriptor_methods,
                                      .getsets = method_descriptor_getsets};
const TypeSpec classmethod_descriptor_spec{.name = "classmethod_descriptor",
                                           .flags = kTypeDisallowNew,
                                           .layout = &method_descriptor_layout,
                                           .slots = method_descriptor_slots,
                                           .getsets = method_descriptor_getsets};
const TypeSpec getset_descriptor_spec{.name = "getset_descriptor",
                                      .flags = kTypeDisallowNew,
                                      .layout = &getset_layout,
                                      .slots = getset_slots,
                                      .getsets = getset_getsets};
const TypeSpec member_descriptor_spec{.name = "member_descriptor",
                                      .flags = kTypeDisallowNew,
                                      .layout = &member_layout,
                                      .slots = member_slots,
                                      .getsets = member_getsets};

}  // namespace dx
