// Exception groups: construction, splitting by class or predicate, and putting parts together again
// after `except*`.

#include "objects/exception_group.h"

#include <unordered_set>
#include <vector>

#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

// Fields of the wider exception layout. `shown` is the repr of the given sequence, kept when that
// is neither a list nor a tuple, because it may change or vanish later.
constexpr size_t kMessage = exception_field::group_message,
                 kExceptions = exception_field::group_exceptions, kShown = 2;

ExtendedException* group_of(Any group) { return static_cast<ExtendedException*>(group.object()); }
// Set once, by __new__, and never again.
Borrowed<Tuple> exceptions_of(Any group) {
  return Borrowed<Tuple>(group_of(group)->fields[kExceptions].raw());
}

AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}

// ---- construction -------------------------------------------------------------------------------

AnyResult group_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  size_t given = arguments.positional();
  if (given != 2)
    return raise<TypeError>(
        thread, "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", given);
  Any message = arguments[0], sequence = arguments[1];
  if (!is_str(message)) {
    return raise<TypeError>(
        thread, "BaseExceptionGroup.__new__() argument 1 must be str, not {}",
        message.is_none() ? FormatArgument("None") : FormatArgument(type_name_in(message)));
  }
  bool plain = is_list(sequence) || is_tuple(sequence);
  if (!plain && (is_dict(sequence) || !type_of(sequence)->slot<SlotId::getitem>())) {
    return raise<TypeError>(thread, "second argument (exceptions) must be a sequence");
  }
  Maybe<Ref<Object>> shown;
  if (!plain) shown = Maybe<Ref<Object>>(AnyRef(TRY(repr(thread, sequence))));
  AnyRef items = TRY(sequence_tuple(thread, sequence));
  Borrowed<Tuple> exceptions(items.value());
  if (exceptions->size == 0)
    return raise<ValueError>(thread, "second argument (exceptions) must be a non-empty sequence");
  bool nested_base = false;
  for (Word i = 0; i < exceptions->size; ++i) {
    Any item = exceptions->item(i);
    if (!is_exception(item))
      return raise<ValueError>(thread,
                               "Item {} of second argument (exceptions) is not an exception", i);
    nested_base |= !is_subtype(type_of(item), EXCEPTION(Exception));
  }
  Type* actual = type.get();
  if (actual == EXCEPTION(BaseExceptionGroup)) {
    if (!nested_base) actual = EXCEPTION(ExceptionGroup);
  } else if (actual == EXCEPTION(ExceptionGroup)) {
    if (nested_base)
      return raise<TypeError>(thread, "Cannot nest BaseExceptions in an ExceptionGroup");
  } else if (nested_base && is_subtype(actual, EXCEPTION(Exception))) {
    return raise<TypeError>(thread, "Cannot nest BaseExceptions in '{}'",
                            type_name(thread, actual));
  }
  AnyRef self = TRY(allocate_instance(thread, Borrowed<Type>(actual)));
  ExtendedException* group = group_of(self);
  slot_init(group, group->args, TRY(tuple_from(thread, arguments.items, given)));
  slot_init(group, group->fields[kMessage], share(thread, message));
  slot_init(group, group->fields[kExceptions], std::move(items));
  if (shown) slot_init(group, group->fields[kShown], std::move(shown));
  return self;
}

AnyResult group_str(Thread& thread, Any self) {
  Word count = exceptions_of(self)->size;
  return text(thread, "{} ({} sub-exception{})",
              {group_of(self)->fields[kMessage].borrow(), count, count == 1 ? "" : "s"});
}

AnyResult group_repr(Thread& thread, Any self) {
  ExtendedException* group = group_of(self);
  Any message = group->fields[kMessage].borrow();
  Borrowed<Str> name = type_of(self)->name.borrow();
  if (Value shown = group->fields[kShown].raw())
    return text(thread, "{}({}, {})", {name, repr_of(message), Any(shown)});
  // A list was given: shown as one, although it is kept as a tuple.
  Maybe<Ref<Tuple>> args = field_load(thread, group, group->args);
  if (args && args->size == 2 && is_list(args->item(1))) {
    AnyRef list = TRY(sequence_list(thread, exceptions_of(self)));
    return text(thread, "{}({}, {})", {name, repr_of(message), repr_of(list.borrow())});
  }
  return text(thread, "{}({}, {})", {name, repr_of(message), repr_of(exceptions_of(self))});
}

template <size_t field>
AnyResult group_field(Thread& thread, Any self) {
  return share(thread, group_of(self)->fields[field].borrow());
}
Result<void> group_readonly(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}

// ---- splitting ----------------------------------------------------------------------------------

// What a node of the tree is asked: is it an instance of a class (or one of several), does a
// predicate hold, or is it one of these very objects?
struct Matcher {
  enum class Kind : uint8_t { classes, predicate, identity } kind;
  Value value;
  const std::unordered_set<uint64_t>* identities = nullptr;

  Result<bool> matches(Thread& thread, Any exception) const {
    if (kind == Kind::identity)
      return !is_exception_group(exception) && identities->count(exception.value().bits) != 0;
    if (kind == Kind::predicate) {
      AnyRef answer = TRY(call(thread, Any(value), {exception.value()}));
      return is_true(thread, answer);
    }
    Type* type = type_of(exception);
    if (!is_tuple(value)) return is_subtype(type, static_cast<Type*>(value.object()));
    Borrowed<Tuple> classes(value);
    for (Word i = 0; i < classes->size; ++i) {
      if (is_subtype(type, static_cast<Type*>(classes->item(i).object()))) return true;
    }
    return false;
  }
};

Result<Matcher> matcher_from(Thread& thread, Any value) {
  if (is_callable(value) && !is_type(value)) return Matcher{Matcher::Kind::predicate, value};
  bool good = is_exception_class(value);
  if (is_tuple(value)) {
    Borrowed<Tuple> classes(value.value());
    good = true;
    for (Word i = 0; i < classes->size; ++i) good &= is_exception_class(classes->item(i));
  }
  if (good) return Matcher{Matcher::Kind::classes, value};
  return raise<TypeError>(
      thread,
      "expected an exception type, a tuple of exception types, or a callable (other than a class)");
}

// A group like original holding only these; kNone when there are none.
AnyResult subset(Thread& thread, Any original, Borrowed<List> exceptions) {
  if (list_length(exceptions) == 0) return AnyRef::adopt(kNone);
  AnyRef part = TRY(call_method(thread, original, NAME("derive"), {exceptions.value()}));
  if (!is_exception_group(part.value()))
    return raise<TypeError>(thread, "derive must return an instance of BaseExceptionGroup");
  auto* to = static_cast<BaseException*>(part.get());
  auto* from = static_cast<BaseException*>(original.object());
  if (from->traceback.raw())
    slot_write(thread, to, to->traceback, slot_load(thread, from, from->traceback));
  slot_write(thread, to, to->context, slot_load(thread, from, from->context));
  slot_write(thread, to, to->cause, slot_load(thread, from, from->cause));
  to->suppress_context.store(1, std::memory_order_relaxed);
  AnyLookup notes = lookup_attr(thread, original, NAME("__notes__"));
  if (notes.raised()) return Raised{};
  // Notes that are no sequence are an earlier mistake, which is not reported here.
  if (notes.found() && !is_dict(notes.value()) && type_of(notes.value())->slot<SlotId::getitem>()) {
    AnyRef copy = TRY(sequence_list(thread, notes.borrow()));
    TRY(set_attr(thread, part, NAME("__notes__"), MaybeAny(copy.value())));
  }
  return part;
}

struct Parts {
  Value found, rest;  // owned; kNone: nothing
};

Result<void> split_tree(Thread& thread, Any exception, const Matcher& matcher, bool with_rest,
                        Parts& out) {
  out = {kNone, kNone};
  if (TRY(matcher.matches(thread, exception))) {
    out.found = share(thread, exception).release();
    return {};
  }
  if (!is_exception_group(exception)) {
    if (with_rest) out.rest = share(thread, exception).release();
    return {};
  }
  TRY_RECURSION(thread, " in exceptiongroup_split_recursive");
  Ref<List> found = TRY(list_create(thread)), rest = TRY(list_create(thread));
  Borrowed<Tuple> children = exceptions_of(exception);
  for (Word i = 0; i < children->size; ++i) {
    Parts parts;
    TRY(split_tree(thread, children->item(i), matcher, with_rest, parts));
    AnyRef child_found = AnyRef::adopt(parts.found), child_rest = AnyRef::adopt(parts.rest);
    if (!child_found.value().is_none()) TRY(list_append(thread, found, std::move(child_found)));
    if (!child_rest.value().is_none()) TRY(list_append(thread, rest, std::move(child_rest)));
  }
  AnyRef found_part = TRY(subset(thread, exception, found));
  if (with_rest) out.rest = TRY(subset(thread, exception, rest)).release();
  out.found = found_part.release();
  return {};
}

AnyResult group_split(Thread& thread, Any self, Any matcher_value) {
  Matcher matcher = TRY(matcher_from(thread, matcher_value));
  Parts parts;
  TRY(split_tree(thread, self, matcher, true, parts));
  AnyRef found = AnyRef::adopt(parts.found), rest = AnyRef::adopt(parts.rest);
  return tuple_of(thread, {found.value(), rest.value()});
}

AnyResult group_subgroup(Thread& thread, Any self, Any matcher_value) {
  Matcher matcher = TRY(matcher_from(thread, matcher_value));
  Parts parts;
  TRY(split_tree(thread, self, matcher, false, parts));
  return AnyRef::adopt(parts.found);
}

AnyResult group_derive(Thread& thread, Any self, Any exceptions) {
  return exception_group_create(thread, group_of(self)->fields[kMessage].borrow(), exceptions);
}

// ---- putting parts together ---------------------------------------------------------------------

void collect_leaves(Any exception, std::unordered_set<uint64_t>& leaves) {
  if (!is_exception_group(exception)) {
    leaves.insert(exception.value().bits);
    return;
  }
  Borrowed<Tuple> children = exceptions_of(exception);
  for (Word i = 0; i < children->size; ++i) collect_leaves(children->item(i), leaves);
}

// Whether part was only split off original and never raised anew: then nothing that raising changes
// is different.
bool same_metadata(Any part, Any original) {
  auto* a = static_cast<BaseException*>(part.object());
  auto* b = static_cast<BaseException*>(original.object());
  return a->traceback.raw() == b->traceback.raw() && a->cause.raw() == b->cause.raw() &&
         a->context.raw() == b->context.raw();
}

// The part of original's tree whose leaves occur in `kept`.
AnyResult projection(Thread& thread, Any original, Borrowed<List> kept) {
  std::unordered_set<uint64_t> leaves;
  for (Word i = 0; i < list_length(kept); ++i)
    collect_leaves(list_item(thread, kept, i).borrow(), leaves);
  if (leaves.empty()) return AnyRef::adopt(kNone);
  Parts parts;
  TRY(split_tree(thread, original, Matcher{Matcher::Kind::identity, Value{}, &leaves}, false,
                 parts));
  return AnyRef::adopt(parts.found);
}

}  // namespace

AnyResult exception_group_create(Thread& thread, Any message, Any exceptions) {
  return call(thread, Any(Value(EXCEPTION(BaseExceptionGroup))),
              {message.value(), exceptions.value()});
}

bool exception_group_split(Thread& thread, Any exception, Any type, Value& found, Value& rest,
                           bool& wrapped) {
  found = rest = kNone;
  wrapped = false;
  if (exception.is_none()) return true;
  Matcher matcher{Matcher::Kind::classes, type};
  bool whole = matcher.matches(thread, exception).take();  // classes only: no Python runs
  bool group = is_exception_group(exception);
  if (whole && group) {
    found = share(thread, exception).release();
    return true;
  }
  if (whole) {
    Result<Ref<Tuple>> only = tuple_of(thread, {exception.value()});
    if (only.raised()) return false;
    Ref<Tuple> parts = only.take();
    AnyResult made = exception_group_create(thread, Borrowed<Str>(str_empty()), parts);
    if (made.raised()) return false;
    found = made.release();
    wrapped = true;
    return true;
  }
  if (!group) {
    rest = share(thread, exception).release();
    return true;
  }
  AnyResult answer = call_method(thread, exception, NAME("split"), {type.value()});
  if (answer.raised()) return false;
  AnyRef pair = answer.take();
  if (!is_tuple(pair.value())) {
    (void)raise<TypeError>(thread, "{}.split must return a tuple, not {}", type_name_in(exception),
                           type_name_in(pair.borrow()));
    return false;
  }
  Borrowed<Tuple> parts(pair.value());
  if (parts->size < 2) {
    (void)raise<TypeError>(thread, "{}.split must return a 2-tuple, got tuple of size {}",
                           type_name_in(exception), parts->size);
    return false;
  }
  found = share(thread, parts->item(0)).release();
  rest = share(thread, parts->item(1)).release();
  return true;
}

AnyResult exception_group_reraise(Thread& thread, Any original, Any raised_list) {
  Borrowed<List> all(raised_list.value());
  Word count = list_length(all);
  if (count == 0) return AnyRef::adopt(kNone);
  // Of a plain exception at most one clause ran: what it raised, or the exception itself.
  if (!is_exception_group(original)) return AnyRef(list_item(thread, all, 0).take());
  Ref<List> raised = TRY(list_create(thread)), passed_on = TRY(list_create(thread));
  for (Word i = 0; i < count; ++i) {
    AnyRef exception = list_item(thread, all, i).take();
    if (exception.value().is_none()) continue;
    bool same = same_metadata(exception, original);
    TRY(list_append(thread, same ? passed_on : raised, std::move(exception)));
  }
  AnyRef again = TRY(projection(thread, original, passed_on));
  if (list_length(raised) == 0) return again;
  if (!again.value().is_none()) TRY(list_append(thread, raised, std::move(again)));
  if (list_length(raised) > 1)
    return exception_group_create(thread, Borrowed<Str>(str_empty()), raised);
  return AnyRef(list_item(thread, raised, 0).take());
}

// ---- the tables ---------------------------------------------------------------------------------

namespace {
void trace_group(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<ExtendedException*>(object);
  visit(self->args);
  visit(self->traceback);
  visit(self->context);
  visit(self->cause);
  for (Field<Object>& field : self->fields) visit(field);
}

const SlotEntry group_slots[] = {slot<SlotId::new_, group_new>(), slot<SlotId::str, group_str>(),
                                 slot<SlotId::repr, group_repr>()};
constexpr Method group_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
    method<group_derive>("derive(excs, /)"),
    method<group_split>("split(matcher_value, /)"),
    method<group_subgroup>("subgroup(matcher_value, /)"),
};
const GetSet group_getsets[] = {
    GetSet{"message", &group_field<kMessage>, &group_readonly, "exception message"},
    GetSet{"exceptions", &group_field<kExceptions>, &group_readonly, "nested exceptions"}};
}  // namespace

const Layout exception_group_layout{"BaseExceptionGroup", sizeof(ExtendedException), true,
                                    trace_group, nullptr};
std::span<const SlotEntry> exception_group_slot_table() { return group_slots; }
std::span<const Method> exception_group_method_table() { return group_methods; }
std::span<const GetSet> exception_group_getset_table() { return group_getsets; }

// ExceptionGroup has two bases, so it is made as a class statement would.
Result<void> exception_group_initialize(Thread& thread) {
  Ref<Tuple> bases =
      TRY(tuple_of(thread, {Value(EXCEPTION(BaseExceptionGroup)), Value(EXCEPTION(Exception))}));
  Ref<Dict> names = TRY(dict_create(thread));
  TRY(dict_set_str(thread, names, NAME("__module__"), Any(Value(NAME("builtins")))));
  AnyRef made = TRY(call(thread, Any(Value(TYPE(type))),
                         {Value(NAME("ExceptionGroup")), bases.value(), names.value()}));
  exception_types[static_cast<size_t>(ExceptionId::ExceptionGroup)] =
      static_cast<Type*>(made.release().object());
  return {};
}

}  // namespace dx
