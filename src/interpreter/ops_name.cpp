// Names: globals with their cache, class and module namespaces, cells.

#include "interpreter/ops.h"
#include "objects/exception.h"

namespace dx {

namespace {

Dict* globals_of(Function* function) {
  return static_cast<Dict*>(function->globals.raw_relaxed().object());
}

Value not_defined(Thread& thread, Str* name) {
  (void)raise<NameError>(thread, "name '{}' is not defined", name);
  if (pending_is<NameError>(thread))
    exception_field_set(thread, Any(thread.exception), exception_field::name_error_name,
                        Any(Value(name)));
  return Value{};
}

// globals[name], then builtins[name]; empty: NameError or another error is pending.
Value global_or_builtin(Thread& thread, Function* function, Str* name) {
  Any globals(function->globals.raw());
  if (is_exact(globals, SHAPE(dict))) {
    AnyLookup found = dict_get_str(thread, Borrowed<Dict>(globals.value()), Borrowed<Str>(name));
    if (found.raised()) return Value{};
    if (found.found()) return found.release();
  } else {
    AnyResult found = get_item(thread, globals, Any(Value(name)));
    if (!found.raised()) return found.release();
    if (!pending_is<KeyError>(thread)) return Value{};
    clear_exception(thread);
  }
  Any builtins(function->builtins.raw());
  if (is_exact(builtins, SHAPE(dict))) {
    AnyLookup found = dict_get_str(thread, Borrowed<Dict>(builtins.value()), Borrowed<Str>(name));
    if (found.raised()) return Value{};
    if (found.found()) return found.release();
  } else {
    AnyResult found = get_item(thread, builtins, Any(Value(name)));
    if (!found.raised()) return found.release();
    if (!pending_is<KeyError>(thread)) return Value{};
    clear_exception(thread);
  }
  return not_defined(thread, name);
}

// mapping[name]; kAbsent when it has no such key.
Value from_mapping(Thread& thread, Any mapping, Str* name) {
  if (is_exact(mapping, SHAPE(dict)))
    return dict_get_str(thread, Borrowed<Dict>(mapping.value()), Borrowed<Str>(name)).release();
  AnyResult found = get_item(thread, mapping, Any(Value(name)));
  if (!found.raised()) return found.release();
  if (!pending_is<KeyError>(thread)) return Value{};
  clear_exception(thread);
  return kAbsent;
}

}  // namespace

Value op_load_global(Thread& thread, Function* function, CacheCell* cell) {
  Dict* globals = globals_of(function);
  Value builtins_value = function->builtins.raw_relaxed();
  if (is_exact(Value(globals), SHAPE(dict)) && is_exact(builtins_value, SHAPE(dict))) {
    Word index = dict_entry_index(Borrowed<Dict>(globals), Borrowed<Str>(cell->name));
    uint32_t id = dict_table_id(thread, Borrowed<Dict>(globals));
    if (id && index >= 0) {
      uint64_t number = static_cast<uint64_t>(index) + 1;
      if (number <= kMaxGlobalCell) cache_fill(cell, id | number << 32, 0, 0);
    } else if (id) {
      // The proof of absence is the number of entries the table had: a new name adds one.
      DictTable* table = globals->table.load(std::memory_order_acquire);
      uint32_t used = table ? table->entries_used.load(std::memory_order_acquire) : 0;
      bool still_absent = dict_entry_index(Borrowed<Dict>(globals), Borrowed<Str>(cell->name)) < 0;
      Borrowed<Dict> builtins(builtins_value);
      Word at = dict_entry_index(builtins, Borrowed<Str>(cell->name));
      uint32_t builtins_id = dict_table_id(thread, builtins);
      if (table && still_absent && at >= 0 && builtins_id && builtins_id <= kMaxGlobalCell) {
        cache_fill(cell, id | static_cast<uint64_t>(builtins_id) << 32 | kBuiltinCell,
                   static_cast<uint64_t>(at), used);
      }
    }
  }
  return global_or_builtin(thread, function, cell->name);
}

bool op_store_global(Thread& thread, Function* function, Str* name, MaybeAny value) {
  Borrowed<Dict> globals(globals_of(function));
  if (value) return !dict_set_str(thread, globals, Borrowed<Str>(name), *value).raised();
  Result<bool> deleted = dict_delete(thread, globals, Any(Value(name)));
  if (deleted.raised()) return false;
  if (!deleted.take()) {
    (void)not_defined(thread, name);
    return false;
  }
  return true;
}

Value op_load_name(Thread& thread, Value* base, Str* name) {
  Value found = from_mapping(thread, Any(base[0]), name);
  if (found != kAbsent) return found;
  return global_or_builtin(thread, frame_function(base), name);
}

bool op_store_name(Thread& thread, Value* base, Str* name, MaybeAny value) {
  Any mapping(base[0]);
  if (is_exact(mapping, SHAPE(dict))) {
    Borrowed<Dict> dict(mapping.value());
    if (value) return !dict_set_str(thread, dict, Borrowed<Str>(name), *value).raised();
    Result<bool> deleted = dict_delete(thread, dict, Any(Value(name)));
    if (deleted.raised()) return false;
    if (deleted.take()) return true;
    (void)not_defined(thread, name);
    return false;
  }
  if (!set_item(thread, mapping, Any(Value(name)), value).raised()) return true;
  if (!value && pending_is<KeyError>(thread)) {
    clear_exception(thread);
    (void)not_defined(thread, name);
  }
  return false;
}

Value op_load_from_mapping_or_globals(Thread& thread, Function* function, Any mapping, Str* name) {
  Value found = from_mapping(thread, mapping, name);
  if (found != kAbsent) return found;
  return global_or_builtin(thread, function, name);
}

Value op_load_from_mapping_or_cell(Thread& thread, Any mapping, Cell* cell, Code* code,
                                   uint32_t index) {
  Maybe<Ref<Str>> name = code_register_name(thread, Borrowed<Code>(code), index);
  if (!name) return Value{};
  Value found = from_mapping(thread, mapping, name.get());
  if (found != kAbsent) return found;
  Value content = slot_load(thread, cell, cell->content);
  return content ? content : op_unbound_local(thread, code, index);
}

Value op_unbound_local(Thread& thread, Code* code, uint32_t index) {
  Maybe<Ref<Str>> name = code_register_name(thread, Borrowed<Code>(code), index);
  if (!name) {
    if (!exception_pending(thread))
      (void)raise<SystemError>(thread, "an unnamed register is empty");
    return Value{};
  }
  if (index >= code->view().first_free()) {
    (void)raise<NameError>(thread,
                           "cannot access free variable '{}' where it is not associated with a "
                           "value in enclosing scope",
                           name.borrow());
  } else {
    (void)raise<UnboundLocalError>(
        thread, "cannot access local variable '{}' where it is not associated with a value",
        name.borrow());
  }
  // A local name has nothing to be mistaken for: UnboundLocalError gets no name to suggest others
  // by.
  if (pending_is<NameError>(thread) && !pending_is<UnboundLocalError>(thread))
    exception_field_set(thread, Any(thread.exception), exception_field::name_error_name,
                        name.borrow());
  return Value{};
}

Value op_load_build_class(Thread& thread, Function* function) {
  Any builtins(function->builtins.raw());
  Str* name = NAME("__build_class__");
  Value found = from_mapping(thread, builtins, name);
  if (found == kAbsent) {
    (void)raise<NameError>(thread, "__build_class__ not found");
    return Value{};
  }
  return found;
}

}  // namespace dx
