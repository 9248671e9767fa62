// function, cell, method.

#include "objects/function.h"

#include <cstdio>
#include <utility>

#include "objects/audit.h"
#include "objects/hooks.h"
#include "objects/instance.h"
#include "objects/iter.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {
AnyRef load_or_none(Thread& thread, Object* container, const Slot& slot) {
  Value value = slot_load(thread, container, slot);
  return AnyRef::adopt(value ? value : kNone);
}
AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}
struct Address {
  char text[32];
  explicit Address(const void* pointer) {
    std::snprintf(text, sizeof text, "0x%llx",
                  static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(pointer)));
  }
};
}  // namespace

namespace {

// Where a table of globals has __builtins__ and __name__: every function made asks for them. A
// table's id is never used again and a key never moves within its table, so what is known of an id
// stays true; an entry that lost its key is empty.
//   a word: id | index of __builtins__ | index of __name__ (32, 16, 16 bits)
constexpr size_t kKnownGlobals = 64;
std::atomic<uint64_t> known_globals[kKnownGlobals];

struct GlobalsPlaces {
  DictTable* table = nullptr;  // null: not known
  size_t builtins = 0, name = 0;
};
GlobalsPlaces places_of(Thread& thread, Borrowed<Dict> globals) {
  DictTable* table = globals->table.load(std::memory_order_acquire);
  uint32_t id = table ? table->id.load(std::memory_order_relaxed) : 0;
  if (__builtin_expect(id != 0, 1)) {
    uint64_t word = known_globals[id % kKnownGlobals].load(std::memory_order_relaxed);
    if (__builtin_expect(word >> 32 == id, 1))
      return {table, static_cast<uint16_t>(word >> 16), static_cast<uint16_t>(word)};
  }
  id = dict_table_id(thread, globals);
  Word builtins = dict_entry_index(globals, Borrowed<Str>(NAME("__builtins__")));
  Word name = dict_entry_index(globals, Borrowed<Str>(NAME("__name__")));
  if (!id || builtins < 0 || name < 0 || builtins > UINT16_MAX || name > UINT16_MAX) return {};
  table = globals->table.load(std::memory_order_acquire);
  if (table->id.load(std::memory_order_relaxed) != id) return {};
  known_globals[id % kKnownGlobals].store(
      uint64_t{id} << 32 | static_cast<uint64_t>(builtins) << 16 | static_cast<uint64_t>(name),
      std::memory_order_relaxed);
  return {table, static_cast<size_t>(builtins), static_cast<size_t>(name)};
}

// A counted value of an entry; empty: it was removed, or the table is being left behind.
inline Value entry_value(Thread& thread, Borrowed<Dict> self, DictTable* table, size_t index) {
  Value value = table->value(index).raw();
  if (is_mine(thread, self.get()))
    incref(thread, value);
  else if (value.is_object() && !try_incref(thread, value.object()))
    return Value{};
  return value;
}

// The dict that an entry for __builtins__ stands for, counted; empty: it has to be asked for. Until
// this thread's next safepoint the value's memory stays what it is, so it need not be counted.
inline Value builtins_behind(Thread& thread, Borrowed<Dict> globals, const GlobalsPlaces& places) {
  Value builtins = places.table->value(places.builtins).raw();
  if (!builtins.is_object()) return Value{};
  const Shape& shape = shape_of(builtins.object());
  if (shape.type == TYPE(module) && shape.flags & kShapeDictMode) {
    auto* slot =
        reinterpret_cast<Slot*>(reinterpret_cast<char*>(builtins.object()) + shape.dict_offset);
    Value dict = slot->raw();
    return dict.is_object() && try_incref(thread, dict.object()) ? dict : Value{};
  }
  if (shape.id != SHAPE(dict)) return Value{};
  return entry_value(thread, globals, places.table, places.builtins);
}

constexpr size_t kFunctionBytes = sizeof(Function) + sizeof(Slot);  // its __dict__ word

}  // namespace

Result<Ref<Dict>> annotations_from(Thread& thread, Any annotate) {
  constexpr Word kFormatValue = 1;
  if (!is_callable(annotate)) return dict_create(thread);
  AnyRef made = TRY(call(thread, annotate, {small_int(kFormatValue)}));
  if (!is_dict(made.value()))
    return raise<TypeError>(thread, "__annotate__ returned non-dict of type '{}'",
                            type_name_in(made.borrow()));
  return Ref<Dict>::adopt(made.release());
}

Result<Ref<Function>> function_create(Thread& thread, Borrowed<Code> code, Borrowed<Dict> globals) {
  Value builtins, module;
  if (GlobalsPlaces places = places_of(thread, globals); places.table) {
    builtins = builtins_behind(thread, globals, places);
    if (builtins) module = entry_value(thread, globals, places.table, places.name);
  }
  if (__builtin_expect(!builtins, 0)) builtins = TRY(builtins_of(thread, globals)).release();
  AnyRef owned_builtins = AnyRef::adopt(builtins);
  if (__builtin_expect(!module, 0)) {
    AnyLookup found = dict_get_str(thread, globals, NAME("__name__"));
    if (found.raised()) return Raised{};
    if (found.found()) module = found.release();
  }
  AnyRef owned_module = AnyRef::adopt(module);
  Function* function = nullptr;
  if (__builtin_expect(shape_of(SHAPE(function)).instance_bytes.load(std::memory_order_relaxed) ==
                           kFunctionBytes,
                       1)) {
    function = static_cast<Function*>(
        allocate_object(thread, kFunctionBytes, SHAPE(function), PageKind::traced));
    if (!function) return raise_memory_error(thread);
  } else {
    function = static_cast<Function*>(
        TRY(allocate_instance(thread, Borrowed<Type>(TYPE(function)))).release().object());
  }
  slot_init(function, function->code, Ref<Code>::share(thread, code));
  slot_init(function, function->globals, Ref<Dict>::share(thread, globals));
  slot_init(function, function->builtins, std::move(owned_builtins));
  slot_init(function, function->name, Ref<Str>::share(thread, code->name.borrow()));
  slot_init(function, function->qualname, Ref<Str>::share(thread, code->qualname.borrow()));
  slot_init(function, function->module, std::move(owned_module));
  return Ref<Function>::adopt(function);
}

Result<Ref<Cell>> cell_create(Thread& thread, Value owned_content) {
  auto* cell =
      static_cast<Cell*>(allocate_object(thread, sizeof(Cell), SHAPE(cell), PageKind::traced));
  if (!cell) return raise_memory_error(thread);
  slot_init(cell, cell->content, owned_content);
  return Ref<Cell>::adopt(cell);
}

Result<Ref<BoundMethod>> bound_method_create(Thread& thread, Any function, Any self) {
  auto* method = static_cast<BoundMethod*>(
      allocate_object(thread, sizeof(BoundMethod), SHAPE(method), PageKind::traced));
  if (!method) return raise_memory_error(thread);
  slot_init(method, method->function, share(thread, function));
  slot_init(method, method->self, share(thread, self));
  return Ref<BoundMethod>::adopt(method);
}

namespace {

// ---- function -----------------------------------------------------------------------------------

AnyResult function_call(Thread& thread, Borrowed<Function> self, const Arguments& arguments) {
  return object_hooks.call_function(thread, self, arguments);
}

AnyResult function_get(Thread& thread, Borrowed<Function> self, MaybeAny instance, MaybeAny) {
  if (!instance || instance.value().is_none()) return share(thread, self);
  return bound_method_create(thread, self, *instance);
}

AnyResult function_repr(Thread& thread, Borrowed<Function> self) {
  AnyRef name = load_or_none(thread, self.get(), self->qualname);
  return text(thread, "<function {} at {}>", {name, Address(self.get()).text});
}

// FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)
AnyResult function_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  static const char* const names[] = {"code",    "globals", "name",
                                      "argdefs", "closure", "kwdefaults"};
  Value given[6];
  size_t positional = arguments.positional();
  if (positional > 6)
    return raise<TypeError>(thread, "function() takes at most 6 arguments ({} given)", positional);
  for (size_t i = 0; i < positional; ++i) given[i] = arguments.items[i];
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> keyword(arguments.names->item(static_cast<Word>(k)).value());
    size_t index = 0;
    while (index < 6 && !str_equals_ascii(keyword, names[index])) ++index;
    if (index == 6)
      return raise<TypeError>(thread, "function() got an unexpected keyword argument '{}'",
                              keyword);
    given[index] = arguments.items[positional + k];
  }
  for (size_t i = 0; i < 2; ++i) {
    if (!given[i])
      return raise<TypeError>(thread, "function() missing required argument '{}' (pos {})",
                              names[i], i + 1);
  }
  if (!TypeCheck<Code>::check(given[0]))
    return raise<TypeError>(thread, "function() argument 'code' must be code, not {}",
                            type_name_in(Any(given[0])));
  if (!is_dict(given[1]))
    return raise<TypeError>(thread, "function() argument 'globals' must be dict, not {}",
                            type_name_in(Any(given[1])));
  auto present = [](Value value) { return value && !value.is_none(); };
  if (present(given[2]) && !is_str(given[2]))
    return raise<TypeError>(thread, "arg 3 (name) must be None or string");
  if (present(given[3]) && !is_tuple(given[3]))
    return raise<TypeError>(thread, "arg 4 (defaults) must be None or tuple");
  Borrowed<Code> code(given[0]);
  size_t free_count = code->view().freevars().size();
  if (!present(given[4])) {
    if (free_count) return raise<TypeError>(thread, "arg 5 (closure) must be tuple");
  } else {
    if (!is_tuple(given[4]))
      return raise<TypeError>(thread, "arg 5 (closure) must be None or tuple");
    Borrowed<Tuple> closure(given[4]);
    if (static_cast<size_t>(closure->size) != free_count) {
      return raise<ValueError>(thread, "{} requires closure of length {}, not {}",
                               code->name.borrow(), free_count, closure->size);
    }
    for (Word i = 0; i < closure->size; ++i) {
      if (!TypeCheck<Cell>::check(closure->item(i))) {
        return raise<TypeError>(thread, "arg 5 (closure) expected cell, found {}",
                                type_name_in(closure->item(i)));
      }
    }
  }
  Ref<Function> function = TRY(function_create(thread, code, Borrowed<Dict>(given[1])));
  if (present(given[2]))
    slot_write(thread, function.get(), function->name, share(thread, Any(given[2])));
  if (present(given[3]))
    slot_write(thread, function.get(), function->defaults, share(thread, Any(given[3])));
  if (present(given[4]) && free_count)
    slot_write(thread, function.get(), function->closure, share(thread, Any(given[4])));
  if (present(given[5]))
    slot_write(thread, function.get(), function->kwdefaults, share(thread, Any(given[5])));
  return function;
}

AnyResult function_code(Thread& thread, Borrowed<Function> self) {
  TRY(audit_get(thread, self.value(), "__code__"));
  return load_or_none(thread, self.get(), self->code);
}
// The docstring is read from the code when somebody first asks (an empty field): most are never
// read.
AnyResult function_doc(Thread& thread, Borrowed<Function> self) {
  Value known = slot_load(thread, self.get(), self->doc);
  if (known) return AnyRef::adopt(known);
  Ref<Code> code = Ref<Code>::adopt(slot_load(thread, self.get(), self->code));
  if (!code->has_flag(dpb::kCoHasDocstring)) return AnyRef::adopt(kNone);
  TRY(code_prepare(thread, code));
  return share(thread, TRY(code_constant(thread, code, 0)));
}
// What __doc__ is now stays, whatever code the function gets.
Result<void> function_keep_doc(Thread& thread, Borrowed<Function> self) {
  AnyRef doc = TRY(function_doc(thread, self));
  slot_write(thread, self.get(), self->doc, std::move(doc));
  return {};
}
Result<void> function_set_code(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  TRY(audit_set(thread, self.value(), "__code__", value));
  if (!value || !TypeCheck<Code>::check(value.value()))
    return raise<TypeError>(thread, "__code__ must be set to a code object");
  Borrowed<Code> code(value.value());
  Value closure = self->closure.raw();
  size_t have = closure ? static_cast<size_t>(static_cast<Tuple*>(closure.object())->size) : 0,
         wanted = code->view().freevars().size();
  if (have != wanted) {
    return raise<ValueError>(thread, "{}() requires a code object with {} free vars, not {}",
                             self->name.borrow(), have, wanted);
  }
  if (!self->doc.raw()) TRY(function_keep_doc(thread, self));
  // Frames may still run the old code: the function keeps it.
  Value kept = self->old_codes.raw();
  AnyRef old = load_or_none(thread, self.get(), self->code);
  Ref<Tuple> both = TRY(tuple_of(thread, {kept ? kept : kNone, old.value()}));
  slot_write(thread, self.get(), self->old_codes, std::move(both));
  slot_write(thread, self.get(), self->code, Ref<Code>::share(thread, code));
  return {};
}
AnyRef function_globals(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->globals);
}
AnyRef function_builtins(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->builtins);
}
AnyRef function_closure(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->closure);
}
AnyResult function_defaults(Thread& thread, Borrowed<Function> self) {
  TRY(audit_get(thread, self.value(), "__defaults__"));
  return load_or_none(thread, self.get(), self->defaults);
}
Result<void> set_checked(Thread& thread, Borrowed<Function> self, Field<Object>& field,
                         MaybeAny value, bool (*check)(Value), const char* error) {
  if (!value || value.value().is_none()) {
    slot_clear(thread, self.get(), field);
    return {};
  }
  if (!check(value.value())) return raise<TypeError>(thread, "{}", error);
  slot_write(thread, self.get(), field, share(thread, *value));
  return {};
}
Result<void> function_set_defaults(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  TRY(audit_set(thread, self.value(), "__defaults__", value));
  return set_checked(thread, self, self->defaults, value, is_tuple,
                     "__defaults__ must be set to a tuple object");
}
AnyResult function_kwdefaults(Thread& thread, Borrowed<Function> self) {
  TRY(audit_get(thread, self.value(), "__kwdefaults__"));
  return load_or_none(thread, self.get(), self->kwdefaults);
}
Result<void> function_set_kwdefaults(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  TRY(audit_set(thread, self.value(), "__kwdefaults__", value));
  return set_checked(thread, self, self->kwdefaults, value, is_dict,
                     "__kwdefaults__ must be set to a dict object");
}
AnyRef function_name(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->name);
}
Result<void> set_text(Thread& thread, Borrowed<Function> self, Field<Object>& field, MaybeAny value,
                      const char* error) {
  if (!value || !is_str(value.value())) return raise<TypeError>(thread, "{}", error);
  slot_write(thread, self.get(), field, share(thread, *value));
  return {};
}
Result<void> function_set_name(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  return set_text(thread, self, self->name, value, "__name__ must be set to a string object");
}
AnyRef function_qualname(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->qualname);
}
Result<void> function_set_qualname(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  return set_text(thread, self, self->qualname, value,
                  "__qualname__ must be set to a string object");
}
Result<void> set_any(Thread& thread, Borrowed<Function> self, Field<Object>& field,
                     MaybeAny value) {
  if (value)
    slot_write(thread, self.get(), field, share(thread, *value));
  else
    slot_write(thread, self.get(), field, kNone);
  return {};
}
Result<void> function_set_doc(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  return set_any(thread, self, self->doc, value);
}
AnyRef function_module(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->module);
}
Result<void> function_set_module(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  return set_any(thread, self, self->module, value);
}
AnyResult function_annotations(Thread& thread, Borrowed<Function> self) {
  Value known = slot_load(thread, self.get(), self->annotations);
  if (known) return AnyRef::adopt(known);
  AnyRef annotate = load_or_none(thread, self.get(), self->annotate);
  Ref<Dict> made = TRY(annotations_from(thread, annotate));
  slot_write(thread, self.get(), self->annotations, share(thread, made));
  return made;
}
Result<void> function_set_annotations(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  TRY(set_checked(thread, self, self->annotations, value, is_dict,
                  "__annotations__ must be set to a dict object"));
  slot_clear(thread, self.get(), self->annotate);
  return {};
}
AnyRef function_annotate(Thread& thread, Borrowed<Function> self) {
  return load_or_none(thread, self.get(), self->annotate);
}
Result<void> function_set_annotate(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "__annotate__ cannot be deleted");
  if (!value.value().is_none() && !is_callable(*value))
    return raise<TypeError>(thread, "__annotate__ must be callable or None");
  if (value.value().is_none()) {
    slot_clear(thread, self.get(), self->annotate);
  } else {
    slot_write(thread, self.get(), self->annotate, share(thread, *value));
    slot_clear(thread, self.get(), self->annotations);
  }
  return {};
}
AnyRef function_type_params(Thread& thread, Borrowed<Function> self) {
  Value value = slot_load(thread, self.get(), self->type_params);
  return value ? AnyRef::adopt(value) : AnyRef::adopt(Value(tuple_empty()));
}
Result<void> function_set_type_params(Thread& thread, Borrowed<Function> self, MaybeAny value) {
  return set_checked(thread, self, self->type_params, value, is_tuple,
                     "__type_params__ must be set to a tuple");
}

void trace_function(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<Function*>(object);
  visit(self->code);
  visit(self->globals);
  visit(self->builtins);
  visit(self->defaults);
  visit(self->kwdefaults);
  visit(self->closure);
  visit(self->name);
  visit(self->qualname);
  visit(self->module);
  visit(self->doc);
  visit(self->annotations);
  visit(self->annotate);
  visit(self->type_params);
  visit(self->old_codes);
}

// The same when it dies; most functions have few of these.
void function_drop(Thread& thread, Object* object) {
  auto* self = static_cast<Function*>(object);
  slot_drop(thread, self->code);
  slot_drop(thread, self->globals);
  slot_drop(thread, self->builtins);
  slot_drop(thread, self->defaults);
  slot_drop(thread, self->kwdefaults);
  slot_drop(thread, self->closure);
  slot_drop(thread, self->name);
  slot_drop(thread, self->qualname);
  slot_drop(thread, self->module);
  if (self->doc.raw_relaxed() || self->annotations.raw_relaxed() || self->annotate.raw_relaxed() ||
      self->type_params.raw_relaxed() || self->old_codes.raw_relaxed()) {
    slot_drop(thread, self->doc);
    slot_drop(thread, self->annotations);
    slot_drop(thread, self->annotate);
    slot_drop(thread, self->type_params);
    slot_drop(thread, self->old_codes);
  }
}

// ---- cell ---------------------------------------------------------------------------------------

AnyResult cell_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.keywords() || arguments.count > 1)
    return raise<TypeError>(thread, "cell expected at most 1 argument, got {}", arguments.count);
  if (!arguments.count) return cell_create(thread, Value{});
  return cell_create(thread, share(thread, arguments[0]).release());
}
AnyResult cell_contents(Thread& thread, Borrowed<Cell> self) {
  Value value = slot_load(thread, self.get(), self->content);
  if (!value) return raise<ValueError>(thread, "cell is empty");
  return AnyRef::adopt(value);
}
Result<void> cell_set_contents(Thread& thread, Borrowed<Cell> self, MaybeAny value) {
  incref(thread, value.value());
  slot_write(thread, self.get(), self->content, value.value());
  return {};
}
AnyResult cell_repr(Thread& thread, Borrowed<Cell> self) {
  Value value = slot_load(thread, self.get(), self->content);
  if (!value) return text(thread, "<cell at {}: empty>", {Address(self.get()).text});
  AnyRef owned = AnyRef::adopt(value);
  return text(
      thread, "<cell at {}: {} object at {}>",
      {Address(self.get()).text, type_name_in(owned.borrow()), Address(value.object()).text});
}
AnyResult cell_compare(Thread& thread, Borrowed<Cell> self, Any other, CompareOp op) {
  if (!TypeCheck<Cell>::check(other.value())) return AnyRef::adopt(kNotImplemented);
  auto* right = static_cast<Cell*>(other.object());
  AnyRef left_content = AnyRef::adopt(slot_load(thread, self.get(), self->content)),
         right_content = AnyRef::adopt(slot_load(thread, right, right->content));
  if (left_content.value() && right_content.value())
    return compare(thread, left_content, right_content, op);
  Word l = bool(left_content.value()), r = bool(right_content.value());
  return compare(thread, Any(small_int(l)), Any(small_int(r)), op);
}
template <CompareOp op>
AnyResult cell_rich(Thread& thread, Borrowed<Cell> self, Any other) {
  return cell_compare(thread, self, other, op);
}
void trace_cell(Object* object, SlotVisitor& visit) { visit(static_cast<Cell*>(object)->content); }

// ---- method -------------------------------------------------------------------------------------

AnyResult method_call(Thread& thread, Borrowed<BoundMethod> self, const Arguments& arguments) {
  constexpr size_t kInPlace = 12;
  Value in_place[kInPlace];
  Maybe<Ref<Tuple>> heap;
  Value* window = in_place;
  if (arguments.count + 1 > kInPlace) {
    heap = Maybe<Ref<Tuple>>(TRY(tuple_create(thread, arguments.count + 1)));
    window = reinterpret_cast<Value*>(heap->items());
    incref(thread, self->self.raw());
    for (size_t i = 0; i < arguments.count; ++i) incref(thread, arguments.items[i]);
  }
  window[0] = self->self.raw();
  for (size_t i = 0; i < arguments.count; ++i) window[i + 1] = arguments.items[i];
  return call(thread, self->function.borrow(),
              Arguments{window, arguments.count + 1, arguments.names});
}
AnyResult method_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "method() takes no keyword arguments");
  if (arguments.count != 2)
    return raise<TypeError>(thread, "method expected 2 arguments, got {}", arguments.count);
  if (!is_callable(arguments[0]))
    return raise<TypeError>(thread, "first argument must be callable");
  if (arguments[1].is_none()) return raise<TypeError>(thread, "instance must not be None");
  return bound_method_create(thread, arguments[0], arguments[1]);
}
AnyResult method_getattribute(Thread& thread, Any self, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  AnyLookup own = generic_lookup_attr(thread, self, Borrowed<Str>(name.value()));
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  return get_attr(thread, static_cast<BoundMethod*>(self.object())->function.borrow(),
                  Borrowed<Str>(name.value()));
}
AnyResult method_get(Thread& thread, Borrowed<BoundMethod> self, MaybeAny, MaybeAny) {
  return share(thread, self);
}
AnyRef method_function(Thread& thread, Borrowed<BoundMethod> self) {
  return share(thread, self->function.borrow());
}
AnyRef method_self(Thread& thread, Borrowed<BoundMethod> self) {
  return share(thread, self->self.borrow());
}
AnyResult method_doc(Thread& thread, Borrowed<BoundMethod> self) {
  return get_attr(thread, self->function.borrow(), NAME("__doc__"));
}
AnyResult method_repr(Thread& thread, Borrowed<BoundMethod> self) {
  AnyLookup name = lookup_attr(thread, self->function.borrow(), NAME("__qualname__"));
  if (name.raised()) return Raised{};
  if (name.is_absent()) name = lookup_attr(thread, self->function.borrow(), NAME("__name__"));
  if (name.raised()) return Raised{};
  if (name.found() && is_str(name.value()))
    return text(thread, "<bound method {} of {}>", {name.borrow(), repr_of(self->self.borrow())});
  return text(thread, "<bound method ? of {}>", {repr_of(self->self.borrow())});
}
AnyResult method_eq(Thread& thread, Borrowed<BoundMethod> self, Any other) {
  if (type_of(other) != TYPE(method)) return AnyRef::adopt(kNotImplemented);
  auto* right = static_cast<BoundMethod*>(other.object());
  if (self->self.raw() != right->self.raw()) return AnyRef::adopt(kFalse);
  return AnyRef::adopt(
      bool_value(TRY(equal(thread, self->function.borrow(), right->function.borrow()))));
}
Result<Word> method_hash(Thread& thread, Borrowed<BoundMethod> self) {
  Word function = TRY(hash(thread, self->function.borrow()));
  Word number = function ^ static_cast<Word>(self->self.raw().bits >> 4);
  return number == -1 ? Word{-2} : number;
}
AnyResult method_reduce(Thread& thread, Borrowed<BoundMethod> self) {
  AnyRef name = TRY(get_attr(thread, self->function.borrow(), NAME("__name__")));
  return reduce_with_builtin(thread, NAME("getattr"), {self->self.raw(), name.value()}, {});
}
void trace_method(Object* object, SlotVisitor& visit) {
  visit(static_cast<BoundMethod*>(object)->function);
  visit(static_cast<BoundMethod*>(object)->self);
}

const SlotEntry function_slots[] = {
    slot<SlotId::new_, function_new>(), slot<SlotId::call, function_call>(),
    slot<SlotId::descr_get, function_get>(), slot<SlotId::repr, function_repr>()};
const GetSet function_getsets[] = {
    getset<function_code, function_set_code>("__code__"),
    getter<function_globals>("__globals__"),
    getter<function_builtins>("__builtins__"),
    getter<function_closure>("__closure__"),
    getset<function_defaults, function_set_defaults>("__defaults__"),
    getset<function_kwdefaults, function_set_kwdefaults>("__kwdefaults__"),
    getset<function_name, function_set_name>("__name__"),
    getset<function_qualname, function_set_qualname>("__qualname__"),
    getset<function_doc, function_set_doc>("__doc__"),
    getset<function_module, function_set_module>("__module__"),
    getset<function_annotations, function_set_annotations>("__annotations__"),
    getset<function_annotate, function_set_annotate>("__annotate__"),
    getset<function_type_params, function_set_type_params>("__type_params__")};
const SlotEntry cell_slots[] = {slot<SlotId::new_, cell_new>(),
                                slot<SlotId::repr, cell_repr>(),
                                slot<SlotId::eq, cell_rich<CompareOp::eq>>(),
                                slot<SlotId::ne, cell_rich<CompareOp::ne>>(),
                                slot<SlotId::lt, cell_rich<CompareOp::lt>>(),
                                slot<SlotId::le, cell_rich<CompareOp::le>>(),
                                slot<SlotId::gt, cell_rich<CompareOp::gt>>(),
                                slot<SlotId::ge, cell_rich<CompareOp::ge>>()};
const GetSet cell_getsets[] = {getset<cell_contents, cell_set_contents>("cell_contents")};
const SlotEntry method_slots[] = {slot<SlotId::new_, method_new>(),
                                  slot<SlotId::call, method_call>(),
                                  slot<SlotId::getattribute, method_getattribute>(),
                                  slot<SlotId::descr_get, method_get>(),
                                  slot<SlotId::repr, method_repr>(),
                                  slot<SlotId::eq, method_eq>(),
                                  slot<SlotId::hash, method_hash>()};
constexpr Method method_methods[] = {method<method_reduce>("__reduce__()")};
const GetSet method_getsets[] = {getter<method_function>("__func__"),
                                 getter<method_self>("__self__"), getter<method_doc>("__doc__")};
const Layout function_layout{"function", sizeof(Function), true,         trace_function,
                             nullptr,    nullptr,          function_drop};
const Layout cell_layout{"cell",  sizeof(Cell),       true, trace_cell, nullptr,
                         nullptr, drop_by<trace_cell>};
const Layout method_layout{"method", sizeof(BoundMethod),  true, trace_method, nullptr,
                           nullptr,  drop_by<trace_method>};
}  // namespace

const TypeSpec function_spec{.name = "function",
                             .doc = "Create a function object.",
                             .flags = kTypeMethodDescriptor | kTypeHasDict | kTypeWeakrefable,
                             .shape_flags = kShapeFunction,
                             .layout = &function_layout,
                             .slots = function_slots,
                             .getsets = function_getsets};
const TypeSpec cell_spec{.name = "cell",
                         .doc = "Create a new cell object.",
                         .layout = &cell_layout,
                         .slots = cell_slots,
                         .getsets = cell_getsets};
const TypeSpec method_spec{.name = "method",
                           .doc = "Create a bound instance method object.",
                           .flags = kTypeWeakrefable,
                           .layout = &method_layout,
                           .slots = method_slots,
                           .methods = method_methods,
                           .getsets = method_getsets};

}  // namespace dx
