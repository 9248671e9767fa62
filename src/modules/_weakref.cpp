// _weakref: what weakref.py builds WeakValueDictionary, finalize and the rest on.

#include "objects/dict.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/weakref.h"

namespace dx {
namespace {

Word weakref_getweakrefcount(Thread& thread, Any object) {
  return object.value().is_object() ? weakref_count(object.object()) : 0;
}

AnyResult weakref_getweakrefs(Thread& thread, Any object) {
  if (!object.value().is_object()) return list_create(thread);
  // References may be made between asking how many there are and listing them.
  for (size_t room = static_cast<size_t>(weakref_count(object.object()));;) {
    Value* items = static_cast<Value*>(std::malloc((room + 1) * sizeof(Value)));
    if (!items) return raise_memory_error(thread);
    size_t count = weakref_list(thread, object.object(), items, room);
    if (count <= room) {
      AnyResult list = list_adopt(thread, items, count);
      std::free(items);
      return list;
    }
    for (size_t index = 0; index < room; ++index) decref(thread, items[index]);
    std::free(items);
    room = count;
  }
}

AnyResult weakref_proxy_function(Thread& thread, Any object, Any callback) {
  return weakref_create_proxy(thread, object, MaybeAny(callback));
}

// Only if the value is still a dead reference: another thread may have replaced it.
Result<void> weakref_remove_dead_weakref(Thread& thread, Borrowed<Dict> dict, Any key) {
  AnyLookup value = dict_get(thread, dict, key);
  if (value.raised()) return Raised{};
  if (!value.found()) return {};
  if (!is_weak_ref(value.value())) return raise<TypeError>(thread, "not a weakref");
  Maybe<Ref<Object>> referent =
      weakref_get(thread, static_cast<WeakReference*>(value.value().object()));
  if (!referent) TRY(dict_delete(thread, dict, key));
  return {};
}

Result<void> weakref_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(module_set(thread, module, "ref", Value(weakref_ref_type.type)));
  TRY(module_set(thread, module, "ReferenceType", Value(weakref_ref_type.type)));
  TRY(module_set(thread, module, "ProxyType", Value(weakref_proxy_type.type)));
  return module_set(thread, module, "CallableProxyType", Value(weakref_callable_proxy_type.type));
}

constexpr Method weakref_functions[] = {
    function<weakref_getweakrefcount>("getweakrefcount(object, /)",
                                      "Return the number of weak references to 'object'."),
    function<weakref_getweakrefs>(
        "getweakrefs(object, /)",
        "Return a list of all weak reference objects pointing to 'object'."),
    function<weakref_proxy_function>(
        "proxy(object, callback=None, /)",
        "A proxy that weakly references 'object'. The callback, if given, is called with\n"
        "the proxy when the object is about to go."),
    function<weakref_remove_dead_weakref>("_remove_dead_weakref(dct, key, /)",
                                          "Remove key from dict if it points to a dead weakref."),
};

}  // namespace

extern const ModuleSpec _weakref_module;
const ModuleSpec _weakref_module{
    .name = "_weakref",
    .doc = "Weak-reference support module.",
    .functions = weakref_functions,
    .initialize = weakref_initialize,
};

}  // namespace dx
