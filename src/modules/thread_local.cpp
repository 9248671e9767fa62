// _thread._local: attributes that every thread sees its own values of.
//
//   Local ---> namespaces: {ident of a thread: dict of its attributes}
//   Thread --> locals: weak references to the Local objects it has values in, so that its end can
//   take them out
//
// The dicts belong to the Local: they all go when it does, whichever threads are alive.

#include "memory/heap.h"
#include "modules/thread_lock.h"
#include "objects/dict.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/weakref.h"

namespace dx {

TypeHandle thread_local_type;

namespace {

struct Local : Object {
  Field<Dict> namespaces;
  Field<Tuple> arguments;  // for __init__, which runs once more in every thread
  Field<Dict> keywords;    // or empty
};
Local* local_of(Any self) { return static_cast<Local*>(self.object()); }

List* locals_of(Thread& thread) { return static_cast<List*>(thread.runtime); }

// Remembers that this thread has values in `self`. References to dead objects are dropped when the
// list has doubled.
Result<void> remember(Thread& thread, Any self) {
  if (!thread.runtime) thread.runtime = TRY(list_create(thread)).release().object();
  List* locals = locals_of(thread);
  Word count = list_length(locals);
  if (count >= 32 && (count & (count - 1)) == 0) {
    Ref<List> alive = TRY(list_create(thread));
    for (Word index = 0; index < count; ++index) {
      Maybe<Ref<Object>> item = list_item(thread, locals, index);
      if (item && weakref_get(thread, static_cast<WeakReference*>(item.get())))
        TRY(list_append(thread, alive, item.take()));
    }
    thread.runtime = alive.release().object();
    decref(thread, Value(locals));
    locals = locals_of(thread);
  }
  AnyRef reference = TRY(weakref_create(thread, weakref_ref_type.type, self, {}));
  return list_append(thread, locals, std::move(reference));
}

// This thread's attributes; made, and __init__ called, when it looks for the first time.
Result<Ref<Dict>> own_namespace(Thread& thread, Any self) {
  Value key = small_int(static_cast<Word>(thread.ident));
  Local* local = local_of(self);
  AnyLookup found = dict_get(thread, local->namespaces.borrow(), key);
  if (found.raised()) return Raised{};
  if (found.found()) return Ref<Dict>::adopt(found.take().release());
  Ref<Dict> fresh = TRY(dict_create(thread));
  TRY(dict_set(thread, local->namespaces.borrow(), key, fresh.borrow()));
  auto prepare = [&]() -> Result<void> {
    TRY(remember(thread, self));
    slot_function::Init init = type_of(self)->slot<SlotId::init>();
    if (init == TYPE(object)->slot<SlotId::init>()) return {};
    AnyLookup method = lookup_special(thread, self, NAME("__init__"));
    if (method.raised()) return Raised{};
    if (!method.found()) return {};
    Value keywords = local->keywords.raw();
    AnyRef nothing = TRY(call_with(thread, method.borrow(), local->arguments.borrow(),
                                   Maybe<Borrowed<Dict>>(keywords)));
    return {};
  };
  if (prepare().raised()) {
    AnyRef pending = take_exception(thread).take();
    if (dict_delete(thread, local->namespaces.borrow(), key).raised()) clear_exception(thread);
    return raise_object(thread, std::move(pending));
  }
  return fresh;
}

AnyResult local_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count && type->slot<SlotId::init>() == TYPE(object)->slot<SlotId::init>()) {
    return raise<TypeError>(thread, "Initialization arguments are not supported");
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  Local* self = local_of(made);
  slot_init(self, self->namespaces, TRY(dict_create(thread)));
  size_t positional = arguments.positional();
  slot_init(self, self->arguments, TRY(tuple_from(thread, arguments.items, positional)));
  if (arguments.keywords()) {
    Ref<Dict> keywords = TRY(dict_create(thread));
    for (size_t index = positional; index < arguments.count; ++index) {
      TRY(dict_set(thread, keywords, arguments.names->item(static_cast<Word>(index - positional)),
                   arguments[index]));
    }
    slot_init(self, self->keywords, std::move(keywords));
  }
  // The making thread's namespace comes without a call: type.__call__ runs __init__ next.
  TRY(dict_set(thread, self->namespaces.borrow(), small_int(static_cast<Word>(thread.ident)),
               TRY(dict_create(thread)).borrow()));
  TRY(remember(thread, made));
  return made;
}

AnyResult local_getattribute(Thread& thread, Any self, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  Ref<Dict> values = TRY(own_namespace(thread, self));
  Borrowed<Str> key(name.value());
  if (str_equals_ascii(key, "__dict__")) return values;
  Type* type = type_of(self);
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, key.get());
  slot_function::DescrGet get =
      attribute ? type_of(attribute.value())->slot<SlotId::descr_get>() : nullptr;
  if (get && type_of(attribute.value())->slot<SlotId::descr_set>()) {
    return get(thread, attribute.borrow(), MaybeAny(self.value()), MaybeAny(Value(type)));
  }
  AnyLookup own = dict_get_str(thread, values, key);
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  if (get) return get(thread, attribute.borrow(), MaybeAny(self.value()), MaybeAny(Value(type)));
  if (attribute) return attribute.take();
  return raise_attribute_error(thread, self, name);
}

Result<void> local_setattr(Thread& thread, Any self, Any name, MaybeAny value) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  Borrowed<Str> key(name.value());
  if (str_equals_ascii(key, "__dict__")) {
    return raise<AttributeError>(thread, "'{}' object attribute '__dict__' is read-only",
                                 type_name_in(self));
  }
  Ref<Dict> values = TRY(own_namespace(thread, self));
  Maybe<Ref<Object>> attribute = type_lookup(thread, type_of(self), key.get());
  if (attribute) {
    if (auto set = type_of(attribute.value())->slot<SlotId::descr_set>()) {
      return set(thread, attribute.borrow(), self, value);
    }
  }
  if (value) return dict_set(thread, values, name, *value);
  bool deleted = TRY(dict_delete(thread, values, name));
  if (!deleted) return raise_attribute_error(thread, self, name);
  return {};
}

void local_trace(Object* object, SlotVisitor& visitor) {
  Local* self = static_cast<Local*>(object);
  visitor(self->namespaces);
  visitor(self->arguments);
  visitor(self->keywords);
}
const Layout local_layout{"_local", sizeof(Local), true, local_trace, nullptr};
const SlotEntry local_slots[] = {
    slot<SlotId::new_, local_new>(),
    slot<SlotId::getattribute, local_getattribute>(),
    slot<SlotId::setattr, local_setattr>(),
};

}  // namespace

void thread_locals_clear(Thread& thread) {
  // Values that die here may run Python, which may look at a _local again.
  while (List* locals = locals_of(thread)) {
    thread.runtime = nullptr;
    Value key = small_int(static_cast<Word>(thread.ident));
    for (Word index = 0; index < list_length(locals); ++index) {
      Maybe<Ref<Object>> item = list_item(thread, locals, index);
      if (!item) break;
      Maybe<Ref<Object>> local = weakref_get(thread, static_cast<WeakReference*>(item.get()));
      if (!local) continue;
      if (dict_delete(thread, local_of(local.borrow())->namespaces.borrow(), key).raised())
        clear_exception(thread);
    }
    decref(thread, Value(locals));
  }
}

const TypeSpec thread_local_spec{
    .name = "_thread._local",
    .doc = "Thread-local data",
    .flags = kTypeBase | kTypeWeakrefable,
    .layout = &local_layout,
    .slots = local_slots,
};

}  // namespace dx
