// _operator: Python's operators as functions, and attrgetter, itemgetter, methodcaller.

#include "objects/buffer.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/tuple.h"

namespace dx {
namespace {

TypeHandle attrgetter_type, itemgetter_type, methodcaller_type;

// ---- operators as functions ---------------------------------------------------------------------

template <BinaryOp op>
AnyResult binary(Thread& thread, Any a, Any b) {
  return binary_op(thread, op, a, b);
}
template <BinaryOp op>
AnyResult in_place(Thread& thread, Any a, Any b) {
  return inplace_op(thread, op, a, b);
}
template <UnaryOp op>
AnyResult unary(Thread& thread, Any a) {
  return unary_op(thread, op, a);
}
template <CompareOp op>
AnyResult comparison(Thread& thread, Any a, Any b) {
  return compare(thread, a, b, op);
}

Result<bool> truth_of(Thread& thread, Any a) { return is_true(thread, a); }
Result<bool> not_of(Thread& thread, Any a) { return !TRY(is_true(thread, a)); }
bool is_same(Thread&, Any a, Any b) { return a.is(b); }
bool is_other(Thread&, Any a, Any b) { return !a.is(b); }
bool is_none_value(Thread&, Any a) { return a.is_none(); }
bool is_not_none_value(Thread&, Any a) { return !a.is_none(); }
Result<bool> contains_item(Thread& thread, Any a, Any b) { return contains(thread, a, b); }
AnyResult index_of_number(Thread& thread, Any a) { return exact_index(thread, a); }
AnyResult get_item_of(Thread& thread, Any a, Any b) { return get_item(thread, a, b); }
Result<void> set_item_of(Thread& thread, Any a, Any b, Any c) {
  return set_item(thread, a, b, MaybeAny(c));
}
Result<void> delete_item_of(Thread& thread, Any a, Any b) {
  return set_item(thread, a, b, MaybeAny());
}

bool is_sequence(Any value) { return type_of(value)->slot<SlotId::getitem>() && !is_dict(value); }

AnyResult concat(Thread& thread, Any a, Any b) {
  if (!is_sequence(a))
    return raise<TypeError>(thread, "'{}' object can't be concatenated", type_name_in(a));
  return binary_op(thread, BinaryOp::add, a, b);
}
AnyResult concat_in_place(Thread& thread, Any a, Any b) {
  if (!is_sequence(a))
    return raise<TypeError>(thread, "'{}' object can't be concatenated", type_name_in(a));
  return inplace_op(thread, BinaryOp::add, a, b);
}

Result<Word> index_of_item(Thread& thread, Any a, Any b) {
  AnyRef iterator = TRY(get_iter(thread, a));
  for (Word index = 0;; ++index) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return raise<ValueError>(thread, "sequence.index(x): x not in sequence");
    AnyRef item = step.take();
    if (TRY(equal(thread, item, b))) return index;
  }
}
Result<Word> count_of_item(Thread& thread, Any a, Any b) {
  AnyRef iterator = TRY(get_iter(thread, a));
  for (Word count = 0;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return count;
    AnyRef item = step.take();
    count += TRY(equal(thread, item, b));
  }
}
Result<Word> length_hint_of(Thread& thread, Any obj, Word fallback) {
  return length_hint(thread, obj, fallback);
}

AnyResult call_object(Thread& thread, Arguments arguments) {
  if (arguments.positional() == 0)
    return raise<TypeError>(thread, "call expected at least 1 argument, got 0");
  return call(thread, arguments[0],
              Arguments{arguments.items + 1, arguments.count - 1, arguments.names});
}

// Looks at every byte of b whatever it finds, so that the time tells nothing about where two
// differ.
bool same_bytes(std::string_view a, std::string_view b) {
  volatile const char* left = a.size() == b.size() ? a.data() : b.data();
  volatile const char* right = b.data();
  volatile uint8_t difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < b.size(); ++i)
    difference = static_cast<uint8_t>(difference | (left[i] ^ right[i]));
  return difference == 0;
}
Result<bool> compare_digest(Thread& thread, Any a, Any b) {
  if (is_str(a) && is_str(b)) {
    StrView left = str_view(Borrowed<Str>(a.value())), right = str_view(Borrowed<Str>(b.value()));
    if (!left.ascii || !right.ascii) {
      return raise<TypeError>(thread,
                              "comparing strings with non-ASCII characters is not supported");
    }
    return same_bytes(left.text(), right.text());
  }
  if (!has_buffer(a) && !has_buffer(b)) {
    return raise<TypeError>(thread,
                            "unsupported operand types(s) or combination of types: '{}' and '{}'",
                            type_name_in(a), type_name_in(b));
  }
  BufferScope left(thread), right(thread);
  TRY(left.acquire(a));
  TRY(right.acquire(b));
  return same_bytes(left.text(), right.text());
}

// ---- attrgetter and itemgetter ------------------------------------------------------------------

struct Getter : Object {
  Field<Tuple> wanted;  // names as given, or keys
  Field<Tuple> paths;   // attrgetter: for each name a tuple of its parts
};

// "a.b.c" as interned parts.
AnyResult split_path(Thread& thread, Borrowed<Str> name) {
  Ref<List> parts = TRY(list_create(thread));
  StrView view = name->view();
  for (Word start = 0;;) {
    Word dot = start;
    while (dot < view.length && view[dot] != '.') ++dot;
    Ref<Str> part = TRY(str_substring(thread, name, start, dot));
    Ref<Str> interned = TRY(str_intern(thread, std::move(part)));
    TRY(list_append(thread, parts, std::move(interned)));
    if (dot == view.length) break;
    start = dot + 1;
  }
  return list_to_tuple(thread, parts);
}

Result<void> expect_some(Thread& thread, const char* name, const Arguments& arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "{}() takes no keyword arguments", name);
  if (arguments.count == 0) return raise<TypeError>(thread, "{} expected 1 argument, got 0", name);
  return {};
}

AnyResult attrgetter_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_some(thread, "attrgetter", arguments));
  for (size_t i = 0; i < arguments.count; ++i) {
    if (!is_str(arguments[i])) return raise<TypeError>(thread, "attribute name must be a string");
  }
  Ref<Tuple> wanted = TRY(tuple_from(thread, arguments.items, arguments.count));
  Ref<Tuple> paths = TRY(tuple_create(thread, arguments.count));
  for (size_t i = 0; i < arguments.count; ++i) {
    AnyRef path = TRY(split_path(thread, Borrowed<Str>(arguments[i].value())));
    slot_init(paths.get(), paths->items()[i], std::move(path));
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  Getter* self = static_cast<Getter*>(made.get());
  slot_init(self, self->wanted, std::move(wanted));
  slot_init(self, self->paths, std::move(paths));
  return made;
}
AnyResult itemgetter_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_some(thread, "itemgetter", arguments));
  Ref<Tuple> wanted = TRY(tuple_from(thread, arguments.items, arguments.count));
  AnyRef made = TRY(allocate_instance(thread, type));
  Getter* self = static_cast<Getter*>(made.get());
  slot_init(self, self->wanted, std::move(wanted));
  return made;
}

AnyResult get_path(Thread& thread, Any object, Borrowed<Tuple> path) {
  AnyRef at = share(thread, object);
  for (Word i = 0; i < path->size; ++i)
    at = TRY(get_attr(thread, at, Borrowed<Str>(path->item(i).value())));
  return at;
}

template <class Fetch>
AnyResult fetch_all(Thread& thread, Borrowed<Tuple> wanted, Fetch fetch) {
  if (wanted->size == 1) return fetch(0);
  Ref<Tuple> results = TRY(tuple_create(thread, static_cast<size_t>(wanted->size)));
  for (Word i = 0; i < wanted->size; ++i) {
    AnyRef item = TRY(fetch(i));
    slot_init(results.get(), results->items()[i], std::move(item));
  }
  return results;
}

AnyResult attrgetter_call(Thread& thread, Borrowed<Getter> self, const Arguments& arguments) {
  TRY(expect_positional(thread, "attrgetter", arguments, 1));
  Any object = arguments[0];
  Borrowed<Tuple> paths = self->paths.borrow();
  return fetch_all(thread, paths, [&](Word i) {
    return get_path(thread, object, Borrowed<Tuple>(paths->item(i).value()));
  });
}
AnyResult itemgetter_call(Thread& thread, Borrowed<Getter> self, const Arguments& arguments) {
  TRY(expect_positional(thread, "itemgetter", arguments, 1));
  Any object = arguments[0];
  Borrowed<Tuple> keys = self->wanted.borrow();
  return fetch_all(thread, keys, [&](Word i) { return get_item(thread, object, keys->item(i)); });
}

// What inspect.signature() says of an instance of any of the three: called with one operand.
AnyResult operand_text_signature(Thread& thread, Any) { return str_from_ascii(thread, "(obj, /)"); }
const GetSet operand_getsets[] = {getter<operand_text_signature>("__text_signature__")};

// "operator.name(a, b)"
AnyResult getter_repr(Thread& thread, Borrowed<Getter> self) {
  if (TRY(repr_enter(thread, self.get()))) {
    FormatArgument name(type_name_in(self));
    return format_text(thread, "{}(...)", &name, 1);
  }
  ReprScope scope(thread, self.get());
  Borrowed<Tuple> wanted = self->wanted.borrow();
  if (wanted->size == 1) {
    const FormatArgument arguments[] = {FormatArgument(type_name_in(self)),
                                        FormatArgument(repr_of(wanted->item(0)))};
    return format_text(thread, "{}({})", arguments, 2);
  }
  const FormatArgument arguments[] = {FormatArgument(type_name_in(self)),
                                      FormatArgument(repr_of(wanted))};
  return format_text(thread, "{}{}", arguments, 2);
}
AnyResult getter_reduce(Thread& thread, Borrowed<Getter> self) {
  return tuple_of(thread,
                  {Value(static_cast<Object*>(type_of(self))), self->wanted.borrow().value()});
}

const Layout getter_layout{"getter", sizeof(Getter), true,
                           trace_fields<Getter, &Getter::wanted, &Getter::paths>, nullptr};
const SlotEntry attrgetter_slots[] = {
    slot<SlotId::new_, attrgetter_new>(),
    slot<SlotId::repr, getter_repr>(),
    slot<SlotId::call, attrgetter_call>(),
};
const SlotEntry itemgetter_slots[] = {
    slot<SlotId::new_, itemgetter_new>(),
    slot<SlotId::repr, getter_repr>(),
    slot<SlotId::call, itemgetter_call>(),
};
constexpr Method getter_methods[] = {
    method<getter_reduce>("__reduce__()", "Return state information for pickling"),
};
const TypeSpec attrgetter_spec{
    .name = "operator.attrgetter",
    .doc =
        "attrgetter(attr, /, *attrs)\n--\n\n"
        "Return a callable object that fetches the given attribute(s) from its operand.\n"
        "After f = attrgetter('name'), the call f(r) returns r.name.\n"
        "After g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\n"
        "After h = attrgetter('name.first', 'name.last'), the call h(r) returns\n(r.name.first, "
        "r.name.last).",
    .flags = kTypeImmutable,
    .layout = &getter_layout,
    .slots = attrgetter_slots,
    .methods = getter_methods,
    .getsets = operand_getsets,
};
const TypeSpec itemgetter_spec{
    .name = "operator.itemgetter",
    .doc =
        "itemgetter(item, /, *items)\n--\n\n"
        "Return a callable object that fetches the given item(s) from its operand.\n"
        "After f = itemgetter(2), the call f(r) returns r[2].\n"
        "After g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
    .flags = kTypeImmutable,
    .layout = &getter_layout,
    .slots = itemgetter_slots,
    .methods = getter_methods,
    .getsets = operand_getsets,
};

// ---- methodcaller -------------------------------------------------------------------------------

struct MethodCaller : Object {
  Field<Str> name;
  Field<Tuple> arguments;
  Field<Dict> keywords;  // empty without keywords
};

AnyResult methodcaller_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (positional == 0) {
    return raise<TypeError>(thread, "methodcaller needs at least one argument, the method name");
  }
  if (!is_str(arguments[0])) return raise<TypeError>(thread, "method name must be a string");
  Ref<Str> name =
      TRY(str_intern(thread, Ref<Str>::share(thread, Borrowed<Str>(arguments[0].value()))));
  Ref<Tuple> items = TRY(tuple_from(thread, arguments.items + 1, positional - 1));
  AnyRef made = TRY(allocate_instance(thread, type));
  MethodCaller* self = static_cast<MethodCaller*>(made.get());
  slot_init(self, self->name, std::move(name));
  slot_init(self, self->arguments, std::move(items));
  if (arguments.keywords()) {
    Ref<Dict> keywords = TRY(dict_create(thread));
    for (size_t i = positional; i < arguments.count; ++i) {
      TRY(dict_set(thread, keywords, arguments.names->item(static_cast<Word>(i - positional)),
                   arguments[i]));
    }
    slot_init(self, self->keywords, std::move(keywords));
  }
  return made;
}
AnyResult methodcaller_call(Thread& thread, Borrowed<MethodCaller> self,
                            const Arguments& arguments) {
  TRY(expect_positional(thread, "methodcaller", arguments, 1));
  AnyRef function = TRY(get_attr(thread, arguments[0], self->name.borrow()));
  return call_with(thread, function, self->arguments.borrow(), self->keywords.maybe());
}
AnyResult methodcaller_repr(Thread& thread, Borrowed<MethodCaller> self) {
  if (TRY(repr_enter(thread, self.get()))) {
    FormatArgument name(type_name_in(self));
    return format_text(thread, "{}(...)", &name, 1);
  }
  ReprScope scope(thread, self.get());
  StrBuilder text(thread);
  const FormatArgument head[] = {FormatArgument(type_name_in(self)),
                                 FormatArgument(repr_of(self->name.borrow()))};
  AnyRef start = TRY(format_text(thread, "{}({}", head, 2));
  TRY(text.append(Borrowed<Str>(start.value())));
  Borrowed<Tuple> items = self->arguments.borrow();
  for (Word i = 0; i < items->size; ++i) {
    TRY(text.append(std::string_view(", ")));
    Ref<Str> item = TRY(repr(thread, items->item(i)));
    TRY(text.append(item.borrow()));
  }
  if (Maybe<Borrowed<Dict>> keywords = self->keywords.maybe()) {
    size_t position = 0;
    Maybe<Ref<Object>> key, value;
    while (dict_next(thread, *keywords, position, key, value)) {
      const FormatArgument parts[] = {FormatArgument(key.borrow()),
                                      FormatArgument(repr_of(value.borrow()))};
      AnyRef part = TRY(format_text(thread, ", {}={}", parts, 2));
      TRY(text.append(Borrowed<Str>(part.value())));
    }
  }
  TRY(text.append(')'));
  return text.finish();
}
AnyResult methodcaller_reduce(Thread& thread, Borrowed<MethodCaller> self) {
  Value type = Value(static_cast<Object*>(type_of(self)));
  Borrowed<Tuple> items = self->arguments.borrow();
  if (!self->keywords.raw()) {
    Ref<Tuple> arguments = TRY(tuple_create(thread, static_cast<size_t>(items->size + 1)));
    slot_init(arguments.get(), arguments->items()[0], share(thread, self->name.borrow()));
    for (Word i = 0; i < items->size; ++i) {
      slot_init(arguments.get(), arguments->items()[i + 1], share(thread, items->item(i)));
    }
    return tuple_of(thread, {type, arguments.value()});
  }
  AnyRef import = TRY(builtin_function(thread, NAME("__import__")));
  AnyRef functools = TRY(call(thread, import, {Value(static_cast<Object*>(NAME("functools")))}));
  AnyRef partial = TRY(get_attr(thread, functools, NAME("partial")));
  Ref<Tuple> first = TRY(tuple_of(thread, {type, self->name.borrow().value()}));
  AnyRef maker = TRY(call_with(thread, partial, first, self->keywords.maybe()));
  return tuple_of(thread, {maker.value(), items.value()});
}

const Layout methodcaller_layout{"methodcaller", sizeof(MethodCaller), true,
                                 trace_fields<MethodCaller, &MethodCaller::name,
                                              &MethodCaller::arguments, &MethodCaller::keywords>,
                                 nullptr};
const SlotEntry methodcaller_slots[] = {
    slot<SlotId::new_, methodcaller_new>(),
    slot<SlotId::repr, methodcaller_repr>(),
    slot<SlotId::call, methodcaller_call>(),
};
constexpr Method methodcaller_methods[] = {
    method<methodcaller_reduce>("__reduce__()", "Return state information for pickling"),
};
const TypeSpec methodcaller_spec{
    .name = "operator.methodcaller",
    .doc =
        "methodcaller(name, /, *args, **kwargs)\n--\n\n"
        "Return a callable object that calls the given method on its operand.\n"
        "After f = methodcaller('name'), the call f(r) returns r.name().\n"
        "After g = methodcaller('name', 'date', foo=1), the call g(r) returns\nr.name('date', "
        "foo=1).",
    .flags = kTypeImmutable,
    .layout = &methodcaller_layout,
    .slots = methodcaller_slots,
    .methods = methodcaller_methods,
    .getsets = operand_getsets,
};

// ---- the module ---------------------------------------------------------------------------------

constexpr Method operator_functions[] = {
    function<truth_of>("truth(a, /)", "Return True if a is true, False otherwise."),
    function<contains_item>("contains(a, b, /)", "Same as b in a (note reversed operands)."),
    function<index_of_item>("indexOf(a, b, /)", "Return the first index of b in a."),
    function<count_of_item>("countOf(a, b, /)",
                            "Return the number of items in a which are, or which equal, b."),
    function<is_same>("is_(a, b, /)", "Same as a is b."),
    function<is_other>("is_not(a, b, /)", "Same as a is not b."),
    function<is_none_value>("is_none(a, /)", "Same as a is None."),
    function<is_not_none_value>("is_not_none(a, /)", "Same as a is not None."),
    function<index_of_number>("index(a, /)", "Same as a.__index__()"),
    function<binary<BinaryOp::add>>("add(a, b, /)", "Same as a + b."),
    function<binary<BinaryOp::subtract>>("sub(a, b, /)", "Same as a - b."),
    function<binary<BinaryOp::multiply>>("mul(a, b, /)", "Same as a * b."),
    function<binary<BinaryOp::matrix_multiply>>("matmul(a, b, /)", "Same as a @ b."),
    function<binary<BinaryOp::floor_divide>>("floordiv(a, b, /)", "Same as a // b."),
    function<binary<BinaryOp::true_divide>>("truediv(a, b, /)", "Same as a / b."),
    function<binary<BinaryOp::remainder>>("mod(a, b, /)", "Same as a % b."),
    function<unary<UnaryOp::negative>>("neg(a, /)", "Same as -a."),
    function<unary<UnaryOp::positive>>("pos(a, /)", "Same as +a."),
    function<unary<UnaryOp::absolute>>("abs(a, /)", "Same as abs(a)."),
    function<unary<UnaryOp::invert>>("inv(a, /)", "Same as ~a."),
    function<unary<UnaryOp::invert>>("invert(a, /)", "Same as ~a."),
    function<binary<BinaryOp::lshift>>("lshift(a, b, /)", "Same as a << b."),
    function<binary<BinaryOp::rshift>>("rshift(a, b, /)", "Same as a >> b."),
    function<not_of>("not_(a, /)", "Same as not a."),
    function<binary<BinaryOp::and_>>("and_(a, b, /)", "Same as a & b."),
    function<binary<BinaryOp::xor_>>("xor(a, b, /)", "Same as a ^ b."),
    function<binary<BinaryOp::or_>>("or_(a, b, /)", "Same as a | b."),
    function<in_place<BinaryOp::add>>("iadd(a, b, /)", "Same as a += b."),
    function<in_place<BinaryOp::subtract>>("isub(a, b, /)", "Same as a -= b."),
    function<in_place<BinaryOp::multiply>>("imul(a, b, /)", "Same as a *= b."),
    function<in_place<BinaryOp::matrix_multiply>>("imatmul(a, b, /)", "Same as a @= b."),
    function<in_place<BinaryOp::floor_divide>>("ifloordiv(a, b, /)", "Same as a //= b."),
    function<in_place<BinaryOp::true_divide>>("itruediv(a, b, /)", "Same as a /= b."),
    function<in_place<BinaryOp::remainder>>("imod(a, b, /)", "Same as a %= b."),
    function<in_place<BinaryOp::lshift>>("ilshift(a, b, /)", "Same as a <<= b."),
    function<in_place<BinaryOp::rshift>>("irshift(a, b, /)", "Same as a >>= b."),
    function<in_place<BinaryOp::and_>>("iand(a, b, /)", "Same as a &= b."),
    function<in_place<BinaryOp::xor_>>("ixor(a, b, /)", "Same as a ^= b."),
    function<in_place<BinaryOp::or_>>("ior(a, b, /)", "Same as a |= b."),
    function<concat>("concat(a, b, /)", "Same as a + b, for a and b sequences."),
    function<concat_in_place>("iconcat(a, b, /)", "Same as a += b, for a and b sequences."),
    function<get_item_of>("getitem(a, b, /)", "Same as a[b]."),
    function<set_item_of>("setitem(a, b, c, /)", "Same as a[b] = c."),
    function<delete_item_of>("delitem(a, b, /)", "Same as del a[b]."),
    function<binary<BinaryOp::power>>("pow(a, b, /)", "Same as a ** b."),
    function<in_place<BinaryOp::power>>("ipow(a, b, /)", "Same as a **= b."),
    function<comparison<CompareOp::eq>>("eq(a, b, /)", "Same as a == b."),
    function<comparison<CompareOp::ne>>("ne(a, b, /)", "Same as a != b."),
    function<comparison<CompareOp::lt>>("lt(a, b, /)", "Same as a < b."),
    function<comparison<CompareOp::le>>("le(a, b, /)", "Same as a <= b."),
    function<comparison<CompareOp::gt>>("gt(a, b, /)", "Same as a > b."),
    function<comparison<CompareOp::ge>>("ge(a, b, /)", "Same as a >= b."),
    function<compare_digest>(
        "_compare_digest(a, b, /)",
        "Return 'a == b'.\n\nFor str (ASCII only) and bytes-like objects; the time taken does not "
        "depend on where they differ."),
    function<length_hint_of>(
        "length_hint(obj, default=0, /)",
        "Return an estimate of the number of items in obj.\n\n"
        "This is useful for presizing containers when building from an iterable.\n\n"
        "If the object supports len(), the result will be exact.\n"
        "Otherwise, it may over- or under-estimate by an arbitrary amount.\n"
        "The result will be an integer >= 0."),
    function<call_object>("call(obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs)."),
};
const ModuleType operator_types[] = {
    {&attrgetter_spec, &attrgetter_type},
    {&itemgetter_spec, &itemgetter_type},
    {&methodcaller_spec, &methodcaller_type},
};

}  // namespace

extern const ModuleSpec _operator_module;
const ModuleSpec _operator_module{
    .name = "_operator",
    .doc =
        "Operator interface.\n\n"
        "This module exports a set of functions implemented in C corresponding\n"
        "to the intrinsic operators of Python.  For example, operator.add(x, y)\n"
        "is equivalent to the expression x+y.",
    .functions = operator_functions,
    .types = operator_types,
};

}  // namespace dx
