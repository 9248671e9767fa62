#pragma once
// Audit events (PEP 578): what the runtime is about to do, told to the hooks of sys.addaudithook. A
// hook that raises forbids it.
//
//   TRY(audit(thread, "os.mkdir", {path.value(), small_int(mode), small_int(-1)}));
//
// The arguments are borrowed for the call; an empty one is shown as None. Without hooks an event
// costs one load and a branch. Hooks are never removed. Any thread; not under a lock.

#include <atomic>
#include <initializer_list>

#include "objects/native.h"

namespace dx {

extern std::atomic<bool> audit_hooked;
Result<void> audit_slow(Thread& thread, const char* event, std::initializer_list<Value> arguments);
Result<void> audit_tuple(Thread& thread, Any event, Any arguments);
void audit_add_hook(Value hook);  // takes the count

inline bool auditing() { return __builtin_expect(audit_hooked.load(std::memory_order_relaxed), 0); }
inline Result<void> audit(Thread& thread, const char* event,
                          std::initializer_list<Value> arguments = {}) {
  if (!auditing()) return {};
  return audit_slow(thread, event, arguments);
}
// "object.__getattr__", "object.__setattr__" or "object.__delattr__" of an attribute that says much
// about a program.
Result<void> audit_get(Thread& thread, Value object, const char* name);
Result<void> audit_set(Thread& thread, Value object, const char* name, MaybeAny value);

}  // namespace dx
