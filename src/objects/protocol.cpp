// The object protocol: attributes, calls, comparison, truth, hash, text, containers, iteration.
// Numbers are in protocol_number.cpp.

#include "objects/protocol.h"

#include <vector>

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/exception.h"
#include "objects/format_spec.h"
#include "objects/hooks.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

ObjectHooks object_hooks;

// ---- attributes ---------------------------------------------------------------------------------

AnyLookup generic_lookup_attr(Thread& thread, Any object, Borrowed<Str> name) {
  Type* type = type_of(object);
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, name.get());
  slot_function::DescrGet get = nullptr;
  if (attribute) {
    Type* kind = type_of(attribute.value());
    get = kind->slot<SlotId::descr_get>();
    if (get && kind->slot<SlotId::descr_set>()) {
      AnyResult value =
          get(thread, attribute.borrow(), MaybeAny(object.value()), MaybeAny(Value(type)));
      if (value.raised()) return Raised{};
      return value.take();
    }
  }
  if (object.value().is_object()) {
    AnyLookup own = instance_get(thread, object.object(), name);
    if (own.raised() || own.found()) return own;
  }
  if (!attribute) return AnyLookup::absent();
  if (!get) return attribute.take();
  AnyResult value =
      get(thread, attribute.borrow(), MaybeAny(object.value()), MaybeAny(Value(type)));
  if (value.raised()) return Raised{};
  return value.take();
}

AnyResult generic_getattribute(Thread& thread, Any object, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  AnyLookup found = generic_lookup_attr(thread, object, Borrowed<Str>(name.value()));
  if (found.raised()) return Raised{};
  if (found.is_absent()) return raise_attribute_error(thread, object, name);
  return found.take();
}

Result<void> generic_setattr(Thread& thread, Any object, Any name, MaybeAny value) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  Borrowed<Str> key(name.value());
  Type* type = type_of(object);
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, key.get());
  if (attribute) {
    if (auto set = type_of(attribute.value())->slot<SlotId::descr_set>())
      return set(thread, attribute.borrow(), object, value);
  }
  if (object.value().is_object()) {
    bool done = TRY(instance_set(thread, object.object(), key, value));
    if (done) return {};
    if (shape_of(object.object()).flags & kShapeHasDict)
      return raise_attribute_error(thread, object, name);
  }
  if (attribute) {
    (void)raise<AttributeError>(thread, "'{}' object attribute '{}' is read-only",
                                type_name_in(object), name);
  } else if (!value) {
    (void)raise<AttributeError>(thread, "'{}' object has no attribute '{}'", type_name_in(object),
                                name);
  } else {
    (void)raise<AttributeError>(
        thread, "'{}' object has no attribute '{}' and no __dict__ for setting new attributes",
        type_name_in(object), name);
  }
  if (pending_is<AttributeError>(thread)) {
    exception_field_set(thread, Any(thread.exception), exception_field::attribute_error_name, name);
    exception_field_set(thread, Any(thread.exception), exception_field::attribute_error_obj,
                        object);
  }
  return Raised{};
}

AnyResult get_attr(Thread& thread, Any object, Borrowed<Str> name) {
  auto getattribute = type_of(object)->slot<SlotId::getattribute>();
  return getattribute(thread, object, name);
}

AnyLookup lookup_attr(Thread& thread, Any object, Borrowed<Str> name) {
  auto getattribute = type_of(object)->slot<SlotId::getattribute>();
  static const slot_function::Binary generic = TYPE(object)->slot<SlotId::getattribute>();
  if (getattribute == generic) {
    AnyLookup found = generic_lookup_attr(thread, object, name);
    if (!found.raised() || !pending_is<AttributeError>(thread)) return found;
    clear_exception(thread);
    return AnyLookup::absent();
  }
  AnyResult value = getattribute(thread, object, name);
  if (!value.raised()) return value.take();
  if (!pending_is<AttributeError>(thread)) return Raised{};
  clear_exception(thread);
  return AnyLookup::absent();
}

Result<void> set_attr(Thread& thread, Any object, Borrowed<Str> name, MaybeAny value) {
  return type_of(object)->slot<SlotId::setattr>()(thread, object, name, value);
}

AnyLookup instance_dict(Thread& thread, Any object) {
  if (!object.value().is_object() || !(shape_of(object.object()).flags & kShapeHasDict))
    return AnyLookup::absent();
  Result<Ref<Dict>> dict = instance_materialize(thread, object.object());
  if (dict.raised()) return Raised{};
  return AnyLookup(Ref<Object>(dict.take()));
}

AnyLookup lookup_special(Thread& thread, Any object, Borrowed<Str> name) {
  Type* type = type_of(object);
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, name.get());
  if (!attribute) return AnyLookup::absent();
  auto get = type_of(attribute.value())->slot<SlotId::descr_get>();
  if (!get) return attribute.take();
  AnyResult value =
      get(thread, attribute.borrow(), MaybeAny(object.value()), MaybeAny(Value(type)));
  if (value.raised()) return Raised{};
  return value.take();
}

// ---- calls --------------------------------------------------------------------------------------

AnyResult call(Thread& thread, Any callable, const Arguments& arguments) {
  ShapeId shape = callable.value().is_object() ? callable.object()->shape() : 0;
  if (shape == SHAPE(function)) {
    if (auto limited = enter_recursion(thread, ""); limited.raised()) return Raised{};
    return object_hooks.call_function(thread, Borrowed<Function>(callable.value()), arguments);
  }
  if (shape == SHAPE(builtin_function_or_method)) {
    if (auto limited = enter_recursion(thread, ""); limited.raised()) return Raised{};
    auto* function = static_cast<NativeFunction*>(callable.object());
    NativeInfo& info = *function->info;
    if (arguments.count == info.exact && !arguments.names) {
      return AnyResult::adopt(
          info.bound_entry(thread, info, function->self.raw_relaxed(), arguments.items));
    }
    return AnyResult::adopt(info.entry(thread, info, function->self.raw_relaxed(), arguments));
  }
  auto function = type_of(callable)->slot<SlotId::call>();
  if (!function)
    return raise<TypeError>(thread, "'{}' object is not callable", type_name_in(callable));
  if (auto limited = enter_recursion(thread, ""); limited.raised()) return Raised{};
  AnyResult result = function(thread, callable, arguments);
  leave_recursion(thread);
  return result;
}

AnyResult call(Thread& thread, Any callable, std::initializer_list<Value> arguments) {
  CHECK(arguments.size() <= 8);
  alignas(Value) char room[8 * sizeof(Value)];  // not worth clearing
  Value* window = reinterpret_cast<Value*>(room);
  std::copy(arguments.begin(), arguments.end(), window);
  return call(thread, callable, Arguments{window, arguments.size(), nullptr});
}

AnyResult call_method(Thread& thread, Any object, Borrowed<Str> name,
                      std::initializer_list<Value> arguments) {
  AnyRef method = TRY(get_attr(thread, object, name));
  return call(thread, method, arguments);
}

AnyResult call_with(Thread& thread, Any callable, Borrowed<Tuple> arguments,
                    Maybe<Borrowed<Dict>> keywords) {
  Word extra = keywords ? dict_size(*keywords) : 0;
  if (extra == 0) {
    return call(thread, callable,
                Arguments{reinterpret_cast<Value*>(arguments->items()),
                          static_cast<size_t>(arguments->size), nullptr});
  }
  constexpr size_t kInPlace = 16;
  size_t positional = static_cast<size_t>(arguments->size),
         room = positional + static_cast<size_t>(extra);
  Value small[kInPlace];
  std::vector<Value> large(room > kInPlace ? room : 0);
  Value* window = room > kInPlace ? large.data() : small;
  for (size_t i = 0; i < positional; ++i) window[i] = arguments->item(static_cast<Word>(i));
  // The keywords' values stay alive though the dict may change meanwhile.
  size_t filled = positional;
  AnyResult outcome = Raised{};
  Ref<Tuple> names = TRY(tuple_create(thread, static_cast<size_t>(extra)));
  Word position = 0;
  Value key, value;
  bool strings = true;
  Ref<Dict> source = Ref<Dict>::share(thread, *keywords);
  while (filled < room && dict_walk(thread, source, position, DictOrder::forward, &key, &value)) {
    strings = strings && is_str(key);
    slot_init(names.get(), names->items()[filled - positional], key);
    window[filled++] = value;
  }
  if (!strings) {
    outcome = raise<TypeError>(thread, "keywords must be strings");
  } else if (filled < room) {  // another thread took some away
    Result<Ref<Tuple>> fewer =
        tuple_slice(thread, names, 0, static_cast<Word>(filled - positional));
    if (!fewer.raised()) {
      Ref<Tuple> rest = fewer.take();
      outcome = call(thread, callable, Arguments{window, filled, rest.get()});
    }
  } else {
    outcome = call(thread, callable, Arguments{window, filled, names.get()});
  }
  for (size_t i = positional; i < filled; ++i) decref(thread, window[i]);
  return outcome;
}

bool is_callable(Any object) { return type_of(object)->slot<SlotId::call>() != nullptr; }

// ---- truth, comparison, hash --------------------------------------------------------------------

namespace {
using BinaryFunction = slot_function::Binary;
constexpr SlotId compare_slots[] = {SlotId::lt, SlotId::le, SlotId::eq,
                                    SlotId::ne, SlotId::gt, SlotId::ge};
constexpr CompareOp swapped[] = {CompareOp::gt, CompareOp::ge, CompareOp::eq,
                                 CompareOp::ne, CompareOp::lt, CompareOp::le};
constexpr const char* compare_text[] = {"<", "<=", "==", "!=", ">", ">="};

BinaryFunction compare_function(Type* type, CompareOp op) {
  return reinterpret_cast<BinaryFunction>(
      type->slots[static_cast<size_t>(compare_slots[static_cast<size_t>(op)])].load(
          std::memory_order_relaxed));
}
// kNotImplemented when neither side knows.
AnyResult compare_sides(Thread& thread, Any left, Any right, CompareOp op) {
  Type* left_type = type_of(left);
  Type* right_type = type_of(right);
  CompareOp reverse = swapped[static_cast<size_t>(op)];
  bool right_tried = false;
  if (left_type != right_type && is_subtype(right_type, left_type)) {
    if (auto function = compare_function(right_type, reverse)) {
      right_tried = true;
      AnyRef result = TRY(function(thread, right, left));
      if (result.value() != kNotImplemented) return result;
    }
  }
  if (auto function = compare_function(left_type, op)) {
    AnyRef result = TRY(function(thread, left, right));
    if (result.value() != kNotImplemented) return result;
  }
  if (!right_tried) {
    if (auto function = compare_function(right_type, reverse)) return function(thread, right, left);
  }
  return AnyRef::adopt(kNotImplemented);
}
}  // namespace

AnyResult compare(Thread& thread, Any left, Any right, CompareOp op) {
  if (left.value().is_int() && right.value().is_int()) {
    Word a = small_int_value(left), b = small_int_value(right);
    return AnyRef::adopt(bool_value(op == CompareOp::lt   ? a < b
                                    : op == CompareOp::le ? a <= b
                                    : op == CompareOp::eq ? a == b
                                    : op == CompareOp::ne ? a != b
                                    : op == CompareOp::gt ? a > b
                                                          : a >= b));
  }
  if (op == CompareOp::eq && left.value().is_object() && right.value().is_object()) {
    // Neither class says what equal means: identity.
    static void* const object_eq = TYPE(object)->slots[static_cast<size_t>(SlotId::eq)].load();
    auto eq_of = [](Any side) {
      return type_of(side)->slots[static_cast<size_t>(SlotId::eq)].load(std::memory_order_relaxed);
    };
    if (eq_of(left) == object_eq && eq_of(right) == object_eq)
      return AnyRef::adopt(bool_value(left.is(right)));
  }
  TRY_RECURSION(thread, " in comparison");
  AnyRef result = TRY(compare_sides(thread, left, right, op));
  if (result.value() != kNotImplemented) return result;
  if (op == CompareOp::eq) return AnyRef::adopt(bool_value(left.is(right)));
  if (op == CompareOp::ne) return AnyRef::adopt(bool_value(!left.is(right)));
  return raise<TypeError>(thread, "'{}' not supported between instances of '{}' and '{}'",
                          compare_text[static_cast<size_t>(op)], type_name_in(left),
                          type_name_in(right));
}

Result<bool> compare_true(Thread& thread, Any left, Any right, CompareOp op) {
  if (is_exact(left, SHAPE(str)) && is_exact(right, SHAPE(str))) {
    int order = left.is(right) ? 0
                               : str_compare(Borrowed<Str>(left.value())->view(),
                                             Borrowed<Str>(right.value())->view());
    return op == CompareOp::lt   ? order < 0
           : op == CompareOp::le ? order <= 0
           : op == CompareOp::eq ? order == 0
           : op == CompareOp::ne ? order != 0
           : op == CompareOp::gt ? order > 0
                                 : order >= 0;
  }
  AnyRef result = TRY(compare(thread, left, right, op));
  return is_true(thread, result);
}

Result<bool> equal(Thread& thread, Any left, Any right) {
  if (left.is(right)) return true;
  if (left.value().is_int() && right.value().is_int()) return false;
  if (left.value().is_float() && right.value().is_float())
    return float_decode(left) == float_decode(right);
  if (is_exact(left, SHAPE(str)) && is_exact(right, SHAPE(str)))
    return str_equal(Borrowed<Str>(left.value()), Borrowed<Str>(right.value()));
  return compare_true(thread, left, right, CompareOp::eq);
}

Result<bool> is_true(Thread& thread, Any object) {
  Value value = object.value();
  if (value.is_bool()) return value.is_true();
  if (value.is_none()) return false;
  if (value.is_int()) return small_int_value(value) != 0;
  Type* type = type_of(value);
  if (auto function = type->slot<SlotId::bool_>()) return function(thread, object);
  if (auto function = type->slot<SlotId::len>()) return TRY(function(thread, object)) != 0;
  return true;
}

Result<Word> hash(Thread& thread, Any object) {
  if (is_exact(object, SHAPE(str)))
    return static_cast<Word>(str_hash(Borrowed<Str>(object.value())));
  auto function = type_of(object)->slot<SlotId::hash>();
  if (!function) return raise<TypeError>(thread, "unhashable type: '{}'", type_name_in(object));
  TRY(enter_recursion(thread, " while hashing an object"));  // tuples of tuples
  return function(thread, object);
}

namespace {
Result<bool> instance_by_class(Thread& thread, Any object, Any cls) {
  if (is_type(cls)) {
    auto* type = static_cast<Type*>(cls.object());
    Type* own = type_of(object);
    if (is_subtype(own, type)) return true;
    // A proxy may claim another class: by a __class__ of its own or by attribute hooks. Most types
    // have neither.
    static const slot_function::Binary generic = TYPE(object)->slot<SlotId::getattribute>();
    if (own->slot<SlotId::getattribute>() == generic) {
      if (!own->has_flag(kTypeHeap)) return false;
      uint32_t version = own->version.load(std::memory_order_acquire);
      if (version && version == own->honest_version.load(std::memory_order_relaxed)) return false;
      Str* name = NAME("__class__");
      Maybe<Ref<Object>> described = type_lookup(thread, own, name),
                         plain = type_lookup(thread, TYPE(object), name);
      if (described && plain && described.value() == plain.value()) {
        own->honest_version.store(version, std::memory_order_relaxed);
        return false;
      }
    }
    AnyLookup claimed = lookup_attr(thread, object, NAME("__class__"));
    if (claimed.raised()) return Raised{};
    if (claimed.found() && is_type(claimed.value()) && claimed.value() != Value(type_of(object))) {
      return is_subtype(static_cast<Type*>(claimed.value().object()), type);
    }
    return false;
  }
  AnyLookup bases = lookup_attr(thread, cls, NAME("__bases__"));
  if (bases.raised()) return Raised{};
  if (bases.is_absent() || !is_tuple(bases.value())) {
    return raise<TypeError>(thread,
                            "isinstance() arg 2 must be a type, a tuple of types, or a union");
  }
  AnyLookup claimed = lookup_attr(thread, object, NAME("__class__"));
  if (claimed.raised()) return Raised{};
  if (claimed.is_absent()) return false;
  return is_subclass(thread, claimed.borrow(), cls);
}

Result<bool> abstract_is_subclass(Thread& thread, Any derived, Any cls) {
  if (derived.is(cls)) return true;
  AnyLookup bases = lookup_attr(thread, derived, NAME("__bases__"));
  if (bases.raised()) return Raised{};
  if (bases.is_absent() || !is_tuple(bases.value())) return false;
  Borrowed<Tuple> tuple(bases.value());
  TRY_RECURSION(thread, " in __issubclass__");
  for (Word i = 0; i < tuple->size; ++i) {
    if (TRY(abstract_is_subclass(thread, tuple->item(i), cls))) return true;
  }
  return false;
}
}  // namespace

// type.__instancecheck__ and type.__subclasscheck__ (type_object.cpp) are these two.
Result<bool> type_instance_check(Thread& thread, Any cls, Any object) {
  return instance_by_class(thread, object, cls);
}
Result<bool> type_subclass_check(Thread& thread, Any cls, Any derived) {
  if (is_type(cls) && is_type(derived))
    return is_subtype(static_cast<Type*>(derived.object()), static_cast<Type*>(cls.object()));
  AnyLookup bases = lookup_attr(thread, derived, NAME("__bases__"));
  if (bases.raised()) return Raised{};
  if (bases.is_absent() || !is_tuple(bases.value()))
    return raise<TypeError>(thread, "issubclass() arg 1 must be a class");
  AnyLookup class_bases = lookup_attr(thread, cls, NAME("__bases__"));
  if (class_bases.raised()) return Raised{};
  if (class_bases.is_absent() || !is_tuple(class_bases.value())) {
    return raise<TypeError>(thread,
                            "issubclass() arg 2 must be a class, a tuple of classes, or a union");
  }
  return abstract_is_subclass(thread, derived, cls);
}

namespace {
// Some class of a tuple answers true. The tuple's last item takes its place, so that long chains of
// pairs need no stack; the outermost tuple holds all of them.
using ClassCheck = Result<bool> (*)(Thread& thread, Any subject, Any cls);
Result<bool> any_class(Thread& thread, Any subject, Any cls, ClassCheck check, const char* where) {
  constexpr int kDeepest = 200'000;
  for (int depth = 0; is_tuple(cls); ++depth) {
    Borrowed<Tuple> classes(cls.value());
    if (classes->size == 0) return false;
    TRY_RECURSION(thread, where);
    if (depth == kDeepest)
      return raise<RecursionError>(thread, "maximum recursion depth exceeded{}", where);
    for (Word i = 0; i + 1 < classes->size; ++i) {
      if (TRY(check(thread, subject, classes->item(i)))) return true;
    }
    cls = classes->item(classes->size - 1);
  }
  return check(thread, subject, cls);
}
}  // namespace

Result<bool> is_instance(Thread& thread, Any object, Any cls) {
  if (Value(type_of(object)) == cls.value()) return true;
  if (type_of(cls) == TYPE(type)) return instance_by_class(thread, object, cls);
  if (is_tuple(cls)) return any_class(thread, object, cls, is_instance, " in __instancecheck__");
  AnyLookup check = lookup_special(thread, cls, NAME("__instancecheck__"));
  if (check.raised()) return Raised{};
  if (check.is_absent()) return instance_by_class(thread, object, cls);
  TRY_RECURSION(thread, " in __instancecheck__");
  AnyRef result = TRY(call(thread, check.borrow(), {object.value()}));
  return is_true(thread, result);
}

Result<bool> is_subclass(Thread& thread, Any derived, Any cls) {
  if (type_of(cls) == TYPE(type))
    return derived.is(cls) ? Result<bool>(true) : type_subclass_check(thread, cls, derived);
  if (is_tuple(cls)) return any_class(thread, derived, cls, is_subclass, " in __subclasscheck__");
  AnyLookup check = lookup_special(thread, cls, NAME("__subclasscheck__"));
  if (check.raised()) return Raised{};
  if (check.is_absent()) return type_subclass_check(thread, cls, derived);
  TRY_RECURSION(thread, " in __subclasscheck__");
  AnyRef result = TRY(call(thread, check.borrow(), {derived.value()}));
  return is_true(thread, result);
}

// ---- text ---------------------------------------------------------------------------------------

Result<Ref<Str>> repr(Thread& thread, Any object) {
  TRY_RECURSION(thread, " while getting the repr of an object");
  AnyRef text = TRY(type_of(object)->slot<SlotId::repr>()(thread, object));
  if (!is_str(text.value()))
    return raise<TypeError>(thread, "__repr__ returned non-string (type {})",
                            type_name_in(text.borrow()));
  return Ref<Str>::adopt(text.release());
}

Result<Ref<Str>> str(Thread& thread, Any object) {
  if (is_exact(object, SHAPE(str))) return Ref<Str>::share(thread, Borrowed<Str>(object.value()));
  TRY_RECURSION(thread, " while getting the str of an object");
  AnyRef text = TRY(type_of(object)->slot<SlotId::str>()(thread, object));
  if (!is_str(text.value()))
    return raise<TypeError>(thread, "__str__ returned non-string (type {})",
                            type_name_in(text.borrow()));
  return Ref<Str>::adopt(text.release());
}

Result<Ref<Str>> ascii(Thread& thread, Any object) {
  Ref<Str> text = TRY(repr(thread, object));
  if (text->ascii()) return text;
  StrBuilder builder(thread);
  StrView view = text->view();
  char escaped[16];
  for (Word i = 0; i < view.length; ++i) {
    char32_t c = view[i];
    if (c < 0x80) {
      TRY(builder.append(c));
    } else {
      std::snprintf(escaped, sizeof escaped,
                    c <= 0xff     ? "\\x%02x"
                    : c <= 0xffff ? "\\u%04x"
                                  : "\\U%08x",
                    static_cast<unsigned>(c));
      TRY(builder.append(std::string_view(escaped)));
    }
  }
  return builder.finish();
}

static Result<Ref<Str>> formatted(AnyResult text) {
  if (text.raised()) return Raised{};
  return Ref<Str>::adopt(text.release());
}

Result<Ref<Str>> format(Thread& thread, Any object, Borrowed<Str> spec) {
  if (spec->length() == 0 && is_exact(object, SHAPE(str)))
    return Ref<Str>::share(thread, Borrowed<Str>(object.value()));
  if (spec->length() == 0 && object.value().is_int()) return str(thread, object);
  // The builtin numbers and str, whose __format__ nobody can replace.
  if (object.value().is_int() || is_exact(object, SHAPE(int)))
    return formatted(format_int(thread, object, spec));
  if (object.value().is_float() || is_exact(object, SHAPE(float)))
    return formatted(format_float(thread, object, spec));
  AnyLookup method = lookup_special(thread, object, NAME("__format__"));
  if (method.raised()) return Raised{};
  if (method.is_absent())
    return raise<TypeError>(thread, "Type {} doesn't define __format__", type_name_in(object));
  AnyRef text = TRY(call(thread, method.borrow(), {spec.value()}));
  if (!is_str(text.value()))
    return raise<TypeError>(thread, "__format__ must return a str, not {}",
                            type_name_in(text.borrow()));
  return Ref<Str>::adopt(text.release());
}

namespace {
struct ReprStack {
  std::vector<Object*> objects;
};
thread_local ReprStack repr_stack;
}  // namespace

Result<bool> repr_enter(Thread&, Object* object) {
  for (Object* other : repr_stack.objects) {
    if (other == object) return true;
  }
  repr_stack.objects.push_back(object);
  return false;
}
void repr_leave(Thread&, Object* object) { std::erase(repr_stack.objects, object); }

// ---- containers and iteration -------------------------------------------------------------------

Result<Word> length(Thread& thread, Any object) {
  auto function = type_of(object)->slot<SlotId::len>();
  if (!function)
    return raise<TypeError>(thread, "object of type '{}' has no len()", type_name_in(object));
  return function(thread, object);
}

Result<Word> length_hint(Thread& thread, Any object, Word fallback) {
  if (auto function = type_of(object)->slot<SlotId::len>()) {
    Result<Word> length = function(thread, object);
    if (!length.raised()) return length;
    if (!pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
  }
  AnyLookup method = lookup_special(thread, object, NAME("__length_hint__"));
  if (method.raised()) return Raised{};
  if (method.is_absent()) return fallback;
  AnyResult answer = call(thread, method.borrow(), {});
  if (answer.raised()) {
    if (!pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
    return fallback;
  }
  AnyRef hint = answer.take();
  if (hint.value() == kNotImplemented) return fallback;
  if (!is_int(hint.value()))
    return raise<TypeError>(thread, "__length_hint__ must be an integer, not {}",
                            type_name_in(hint.borrow()));
  Word number = TRY(int_word(thread, hint.value()));
  if (number < 0) return raise<ValueError>(thread, "__length_hint__() should return >= 0");
  return number;
}

AnyResult get_item(Thread& thread, Any container, Any key) {
  if (auto function = type_of(container)->slot<SlotId::getitem>())
    return function(thread, container, key);
  if (is_type(container)) {
    if (container.value() == Value(TYPE(type))) return generic_alias_create(thread, container, key);
    AnyLookup method = lookup_attr(thread, container, NAME("__class_getitem__"));
    if (method.raised()) return Raised{};
    if (method.found() && !method.value().is_none())
      return call(thread, method.borrow(), {key.value()});
    return raise<TypeError>(thread, "type '{}' is not subscriptable",
                            type_name(thread, static_cast<Type*>(container.object())));
  }
  return raise<TypeError>(thread, "'{}' object is not subscriptable", type_name_in(container));
}

Result<void> set_item(Thread& thread, Any container, Any key, MaybeAny value) {
  auto function = type_of(container)->slot<SlotId::setitem>();
  if (!function) {
    // CPython's wording tells which of its two protocols refused.
    Type* type = type_of(container);
    bool as_sequence =
        !value && has_index(key) &&
        (type->has_flag(kTypeHeap) || type->slot<SlotId::contains>() || type->slot<SlotId::len>());
    return raise<TypeError>(thread, "'{}' object does{} support item {}", type_name_in(container),
                            as_sequence ? "n't" : " not", value ? "assignment" : "deletion");
  }
  return function(thread, container, key, value);
}

Result<bool> contains(Thread& thread, Any container, Any item) {
  if (auto function = type_of(container)->slot<SlotId::contains>())
    return function(thread, container, item);
  AnyResult iterator = get_iter(thread, container);
  if (iterator.raised()) {
    if (!pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
    return raise<TypeError>(thread, "argument of type '{}' is not a container or iterable",
                            type_name_in(container));
  }
  AnyRef owned = iterator.take();
  for (;;) {
    Step step = iter_next(thread, owned);
    if (step.raised()) return Raised{};
    if (step.is_done()) return false;
    AnyRef found = step.take();
    if (TRY(equal(thread, found, item))) return true;
  }
}

bool is_iterator(Any object) { return type_of(object)->slot<SlotId::next>() != nullptr; }

// iter.h (which includes this header).
AnyResult sequence_iterator(Thread& thread, Any sequence);

AnyResult get_iter(Thread& thread, Any object) {
  Type* type = type_of(object);
  auto function = type->slot<SlotId::iter>();
  if (!function) {
    if (has_sequence_items(object)) return sequence_iterator(thread, object);
    return raise<TypeError>(thread, "'{}' object is not iterable", type_name_in(object));
  }
  AnyRef iterator = TRY(function(thread, object));
  if (!is_iterator(iterator))
    return raise<TypeError>(thread, "iter() returned non-iterator of type '{}'",
                            type_name_in(iterator.borrow()));
  return iterator;
}

Step iter_next(Thread& thread, Any iterator) {
  auto function = type_of(iterator)->slot<SlotId::next>();
  if (!function)
    return raise<TypeError>(thread, "'{}' object is not an iterator", type_name_in(iterator));
  TRY(enter_recursion(thread, ""));  // map over map over map
  Step step = function(thread, iterator);
  if (step.raised() && pending_is<StopIteration>(thread)) {
    clear_exception(thread);
    return Step::done();
  }
  return step;
}

AnyResult sequence_list(Thread& thread, Any iterable) {
  Ref<List> list = TRY(list_create(thread));
  TRY(list_extend(thread, list, iterable));
  return list;
}
AnyResult sequence_tuple(Thread& thread, Any iterable) {
  if (is_exact(iterable, SHAPE(tuple))) return share(thread, iterable);
  if (is_exact(iterable, SHAPE(list)))
    return list_to_tuple(thread, Borrowed<List>(iterable.value()));
  AnyRef list = TRY(sequence_list(thread, iterable));
  return list_to_tuple(thread, Borrowed<List>(list.value()));
}

// ---- recursion ----------------------------------------------------------------------------------

Result<void> enter_recursion(Thread& thread, const char* where) {
  if (__builtin_expect(static_cast<char*>(__builtin_frame_address(0)) < thread.native_stack_limit,
                       0)) {
    // Making the exception is a call too: it may use what is kept below the limit for that.
    char* limit = thread.native_stack_limit;
    thread.native_stack_limit = limit - (size_t{128} << 10);
    (void)raise<RecursionError>(thread, "maximum recursion depth exceeded{}", where);
    thread.native_stack_limit = limit;
    return Raised{};
  }
  return {};
}
void leave_recursion(Thread&) {}

void report_unraisable(Thread& thread, const char* context, MaybeAny object) {
  if (object_hooks.unraisable)
    object_hooks.unraisable(thread, context, object);
  else
    clear_exception(thread);
}

}  // namespace dx
