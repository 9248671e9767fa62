// frame.f_locals of functions (PEP 667): FrameLocalsProxy, a mapping that reads and writes the
// frame's registers and cells. Names that are no variables of the code live in a dict of the frame
// object (extra_locals). locals() takes a snapshot instead.

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/frame.h"
#include "objects/list.h"

namespace dx {

TypeHandle FrameLocalsProxy_type;

namespace {

struct FrameLocalsProxy : Object {
  Field<FrameObject> frame;
};
using Proxy = Borrowed<FrameLocalsProxy>;

Code* code_of(FrameObject* frame) { return static_cast<Code*>(frame->code.raw().object()); }
FrameObject* frame_of(Proxy self) { return self->frame.borrow().get(); }
bool is_proxy(Any value) { return type_of(value) == FrameLocalsProxy_type.type; }

// The variable's register; of a suspended or running frame on its stack, of an ended one in the
// frame object.
Value raw_variable(FrameObject* frame, size_t index) {
  Value* base = frame->base.load(std::memory_order_acquire);
  return base ? base[index] : frame->slots()[index].raw();
}
bool is_cell_register(Code* code, size_t index) {
  if (index >= code->view().first_own_cell()) return true;
  for (uint32_t reg : code->view().cell_registers()) {
    if (reg == index) return true;
  }
  return false;
}
Cell* cell_at(FrameObject* frame, size_t index) {
  Value value = raw_variable(frame, index);
  if (!is_exact(value, SHAPE(cell)) || !is_cell_register(code_of(frame), index)) return nullptr;
  return static_cast<Cell*>(value.object());
}

// Counted, or empty: unbound.
Value variable_get(Thread& thread, FrameObject* frame, size_t index) {
  FrameHold hold(thread, frame);
  if (Cell* cell = cell_at(frame, index)) return slot_load(thread, cell, cell->content);
  Value value = raw_variable(frame, index);
  if (is_exact(value, SHAPE(cell)) && is_cell_register(code_of(frame), index)) return Value{};
  incref(thread, value);
  return value;
}
// Stores a counted value; the old one is the caller's.
Value variable_exchange(Thread& thread, FrameObject* frame, size_t index, Value value) {
  if (Cell* cell = cell_at(frame, index)) return slot_exchange(thread, cell, cell->content, value);
  Value* base = frame->base.load(std::memory_order_acquire);
  if (!base) return slot_exchange(thread, frame, frame->slots()[index], value);
  publish_into(thread, frame, value);
  Value old = base[index];
  base[index] = value;
  return old;
}
void variable_set(Thread& thread, FrameObject* frame, size_t index, Any value) {
  AnyRef owned = share(thread, value);
  Value old;
  {
    FrameHold hold(thread, frame);
    old = variable_exchange(thread, frame, index, owned.release());
  }
  decref(thread, old);
}

// The variable of this name, or -1. A key that is no str can still equal a name.
Result<Word> variable_index(Thread& thread, FrameObject* frame, Any key) {
  Word wanted = TRY(hash(thread, key));
  Code* code = code_of(frame);
  for (size_t i = 0; i < code->local_count; ++i) {
    Maybe<Ref<Str>> name =
        code_register_name(thread, Borrowed<Code>(code), static_cast<uint32_t>(i));
    if (!name) continue;
    if (name.value() == key.value()) return static_cast<Word>(i);
    if (TRY(hash(thread, name.borrow())) == wanted && TRY(equal(thread, name.borrow(), key)))
      return static_cast<Word>(i);
  }
  return Word{-1};
}

Maybe<Ref<Object>> extra_of(Thread& thread, FrameObject* frame) {
  return field_load(thread, frame, frame->extra_locals);
}
Result<Ref<Dict>> extra_made(Thread& thread, FrameObject* frame) {
  Maybe<Ref<Object>> known = extra_of(thread, frame);
  if (known) return Ref<Dict>::adopt(known.release());
  Ref<Dict> fresh = TRY(dict_create(thread));
  slot_write(thread, frame, frame->extra_locals, share(thread, fresh));
  return fresh;
}

// Every bound name with its value, as a dict of its own.
Result<Ref<Dict>> snapshot(Thread& thread, FrameObject* frame) {
  Code* code = code_of(frame);
  Ref<Dict> dict = TRY(dict_create(thread));
  for (size_t i = 0; i < code->local_count; ++i) {
    Value value = variable_get(thread, frame, i);
    if (!value) continue;
    AnyRef owned = AnyRef::adopt(value);
    Maybe<Ref<Str>> name =
        code_register_name(thread, Borrowed<Code>(code), static_cast<uint32_t>(i));
    if (name) TRY(dict_set_str(thread, dict, name.borrow(), owned));
  }
  if (Maybe<Ref<Object>> extra = extra_of(thread, frame))
    TRY(dict_update(thread, dict, extra.borrow()));
  return dict;
}

// ---- the mapping --------------------------------------------------------------------------------

AnyLookup proxy_find(Thread& thread, Proxy self, Any key) {
  FrameObject* frame = frame_of(self);
  Word index = TRY(variable_index(thread, frame, key));
  if (index >= 0) {
    if (Value value = variable_get(thread, frame, static_cast<size_t>(index)))
      return AnyRef::adopt(value);
    return AnyLookup::absent();
  }
  Maybe<Ref<Object>> extra = extra_of(thread, frame);
  if (!extra) return AnyLookup::absent();
  return dict_get(thread, Borrowed<Dict>(extra.value()), key);
}
AnyResult proxy_getitem(Thread& thread, Proxy self, Any key) {
  AnyLookup found = proxy_find(thread, self, key);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  return raise<KeyError>(thread, "local variable '{}' is not defined", repr_of(key));
}
Result<void> proxy_setitem(Thread& thread, Proxy self, Any key, MaybeAny value) {
  FrameObject* frame = frame_of(self);
  Word index = TRY(variable_index(thread, frame, key));
  if (index >= 0) {
    if (!value)
      return raise<ValueError>(thread, "cannot remove local variables from FrameLocalsProxy");
    variable_set(thread, frame, static_cast<size_t>(index), *value);
    return {};
  }
  if (value) return dict_set(thread, TRY(extra_made(thread, frame)).borrow(), key, *value);
  Maybe<Ref<Object>> extra = extra_of(thread, frame);
  if (extra && TRY(dict_delete(thread, Borrowed<Dict>(extra.value()), key))) return {};
  return raise_key_error(thread, key);
}
Result<bool> proxy_contains(Thread& thread, Proxy self, Any key) {
  AnyLookup found = proxy_find(thread, self, key);
  if (found.raised()) return Raised{};
  return found.found();
}
Result<Word> proxy_len(Thread& thread, Proxy self) {
  Ref<Dict> all = TRY(snapshot(thread, frame_of(self)));
  return dict_size(all);
}
AnyResult proxy_part(Thread& thread, Proxy self, DictPart part) {
  Ref<Dict> all = TRY(snapshot(thread, frame_of(self)));
  AnyRef view = TRY(dict_view(thread, all, part));
  return sequence_list(thread, view);
}
AnyResult proxy_keys(Thread& thread, Proxy self) {
  return proxy_part(thread, self, DictPart::keys);
}
AnyResult proxy_values(Thread& thread, Proxy self) {
  return proxy_part(thread, self, DictPart::values);
}
AnyResult proxy_items(Thread& thread, Proxy self) {
  return proxy_part(thread, self, DictPart::items);
}
AnyResult proxy_iter(Thread& thread, Proxy self) {
  AnyRef keys = TRY(proxy_keys(thread, self));
  return get_iter(thread, keys);
}
AnyResult proxy_reversed(Thread& thread, Proxy self) {
  AnyRef keys = TRY(proxy_keys(thread, self));
  list_reverse(thread, Borrowed<List>(keys.value()));
  return keys;  // a list, as in CPython
}
AnyResult proxy_copy(Thread& thread, Proxy self) { return snapshot(thread, frame_of(self)); }
AnyResult proxy_repr(Thread& thread, Proxy self) {
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "{...}");
  ReprScope scope(thread, self.get());
  Ref<Dict> all = TRY(snapshot(thread, frame_of(self)));
  return repr(thread, all);
}
AnyResult proxy_compare(Thread& thread, Proxy self, Any other, CompareOp op) {
  if (is_proxy(other))
    return truth((frame_of(self) == frame_of(Proxy(other.value()))) == (op == CompareOp::eq));
  if (!is_dict(other)) return not_implemented();
  Ref<Dict> all = TRY(snapshot(thread, frame_of(self)));
  return compare(thread, all, other, op);
}
AnyResult proxy_eq(Thread& thread, Proxy self, Any other) {
  return proxy_compare(thread, self, other, CompareOp::eq);
}
AnyResult proxy_ne(Thread& thread, Proxy self, Any other) {
  return proxy_compare(thread, self, other, CompareOp::ne);
}
Result<Word> proxy_hash(Thread& thread, Any self) {
  return raise<TypeError>(thread, "unhashable type: '{}'", type_name_in(self));
}

AnyResult proxy_get(Thread& thread, Proxy self, Any key, Any fallback) {
  AnyLookup found = proxy_find(thread, self, key);
  if (found.raised()) return Raised{};
  return found.found() ? found.take() : share(thread, fallback);
}
AnyResult proxy_setdefault(Thread& thread, Proxy self, Any key, Any fallback) {
  AnyLookup found = proxy_find(thread, self, key);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  TRY(proxy_setitem(thread, self, key, MaybeAny(fallback.value())));
  return share(thread, fallback);
}
AnyResult proxy_pop(Thread& thread, Proxy self, Any key, MaybeAny fallback) {
  FrameObject* frame = frame_of(self);
  if (TRY(variable_index(thread, frame, key)) >= 0)
    return raise<ValueError>(thread, "cannot remove local variables from FrameLocalsProxy");
  if (Maybe<Ref<Object>> extra = extra_of(thread, frame)) {
    AnyLookup taken = dict_pop(thread, Borrowed<Dict>(extra.value()), key);
    if (taken.raised()) return Raised{};
    if (taken.found()) return taken.take();
  }
  if (fallback) return share(thread, *fallback);
  return raise_key_error(thread, key);
}
// From another mapping of the two kinds allowed. False: it is neither.
Result<bool> merge(Thread& thread, Proxy self, Any other) {
  if (!is_dict(other) && !is_proxy(other)) return false;
  Ref<Dict> source = is_dict(other) ? TRY(dict_copy(thread, Borrowed<Dict>(other.value())))
                                    : TRY(snapshot(thread, frame_of(Proxy(other.value()))));
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, source, position, key, value))
    TRY(proxy_setitem(thread, self, key.borrow(), MaybeAny(value.value())));
  return true;
}
AnyResult proxy_update(Thread& thread, Proxy self, Any other) {
  if (!TRY(merge(thread, self, other)))
    return raise<TypeError>(thread, "update() argument must be dict or another FrameLocalsProxy");
  return AnyRef::adopt(kNone);
}
AnyResult proxy_or(Thread& thread, Any left, Any right) {
  auto mapping = [](Any value) { return is_dict(value) || is_proxy(value); };
  if (!mapping(left) || !mapping(right)) return not_implemented();
  Ref<Dict> all = TRY(dict_create(thread));
  for (Any side : {left, right}) {
    if (is_dict(side))
      TRY(dict_update(thread, all, side));
    else
      TRY(dict_update(thread, all, TRY(snapshot(thread, frame_of(Proxy(side.value())))).borrow()));
  }
  return all;
}
AnyResult proxy_ror(Thread& thread, Any self, Any other) { return proxy_or(thread, other, self); }
AnyResult proxy_ior(Thread& thread, Proxy self, Any other) {
  if (!TRY(merge(thread, self, other))) return not_implemented();
  return share(thread, self);
}

AnyResult proxy_create(Thread& thread, Any frame) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(FrameLocalsProxy_type.type)));
  slot_init(made.get(), static_cast<FrameLocalsProxy*>(made.get())->frame, share(thread, frame));
  return made;
}
AnyResult proxy_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.count != 1 || arguments.keywords())
    return raise<TypeError>(thread, "FrameLocalsProxy expected 1 argument, got {}",
                            arguments.count);
  if (!is_exact(arguments[0], SHAPE(frame)))
    return raise<TypeError>(thread, "expect frame, not {}", type_name_in(arguments[0]));
  return proxy_create(thread, arguments[0]);
}

const Layout proxy_layout{"FrameLocalsProxy", sizeof(FrameLocalsProxy), true,
                          trace_fields<FrameLocalsProxy, &FrameLocalsProxy::frame>, nullptr};
const SlotEntry proxy_slots[] = {
    slot<SlotId::new_, proxy_new>(),        slot<SlotId::repr, proxy_repr>(),
    slot<SlotId::hash, proxy_hash>(),       slot<SlotId::eq, proxy_eq>(),
    slot<SlotId::ne, proxy_ne>(),           slot<SlotId::iter, proxy_iter>(),
    slot<SlotId::len, proxy_len>(),         slot<SlotId::getitem, proxy_getitem>(),
    slot<SlotId::setitem, proxy_setitem>(), slot<SlotId::contains, proxy_contains>(),
    slot<SlotId::or_, proxy_or>(),          slot<SlotId::ror, proxy_ror>(),
    slot<SlotId::ior, proxy_ior>()};
constexpr Method proxy_methods[] = {method<proxy_copy>("copy()"),
                                    method<proxy_keys>("keys()"),
                                    method<proxy_values>("values()"),
                                    method<proxy_items>("items()"),
                                    method<proxy_update>("update(other, /)"),
                                    method<proxy_get>("get(key, default=None, /)"),
                                    method<proxy_pop>("pop(key, default=?, /)"),
                                    method<proxy_setdefault>("setdefault(key, default=None, /)"),
                                    method<proxy_reversed>("__reversed__()")};

}  // namespace

extern const TypeSpec FrameLocalsProxy_spec;
const TypeSpec FrameLocalsProxy_spec{.name = "FrameLocalsProxy",
                                     .flags = kTypeImmutable | kTypeMapping,
                                     .layout = &proxy_layout,
                                     .slots = proxy_slots,
                                     .methods = proxy_methods};

AnyResult frame_locals(Thread& thread, Borrowed<FrameObject> frame) {
  if (code_of(frame.get())->first_local) {
    FrameHold hold(thread, frame.get());
    return share(thread, Any(raw_variable(frame.get(), 0)));
  }
  return proxy_create(thread, frame);
}
AnyResult frame_locals_snapshot(Thread& thread, Borrowed<FrameObject> frame) {
  if (code_of(frame.get())->first_local) {
    FrameHold hold(thread, frame.get());
    return share(thread, Any(raw_variable(frame.get(), 0)));
  }
  return snapshot(thread, frame.get());
}

}  // namespace dx
