#pragma once
// What memory/ asks of higher rooms: a table they fill at start-up. A null entry means "nobody
// needs it yet"; every entry may run Python and is called without any internal lock, with no
// exception pending; it reports errors itself (sys.unraisablehook) and leaves none pending, except
// handle_pending.

#include "memory/ref.h"

namespace dx {

struct MemoryHooks {
  // The type's __del__ (or a generator's close). The object is alive meanwhile.
  void (*call_finalizer)(Thread& thread, Object* object);
  // callback(reference), after the referent went.
  void (*call_weakref_callback)(Thread& thread, Object* reference, Value callback);
  // The instance dies, and its __dict__ (dict_offset word) may be read from elsewhere: take over
  // what it only mirrors.
  void (*detach_dict)(Thread& thread, Object* instance, Object* dict);
  // kPollSignals, kPollAsync, kPollTrace at poll_signals. Clears what it handled. May raise.
  Result<void> (*handle_pending)(Thread& thread);
  // gc.callbacks, with phase "start" or "stop".
  void (*collection_callback)(Thread& thread, const char* phase, int generation, Word collected,
                              Word uncollectable);
  // An object for gc.garbage (gc.DEBUG_SAVEALL). Takes the count.
  void (*save_garbage)(Thread& thread, Object* object);
  // gc.DEBUG_STATS: one line for stderr; gc.DEBUG_COLLECTABLE: one such line about an object.
  void (*debug_line)(Thread& thread, const char* line);
  void (*debug_collectable)(Thread& thread, Object* object);
  // The child of fork() and the parent, each after memory's own part.
  void (*after_fork_child)(Thread& thread);
};
extern MemoryHooks memory_hooks;

// Runs a hook with the pending exception put aside.
template <class Call>
inline void without_exception(Thread& thread, Call call) {
  Value pending = thread.exception;
  thread.exception = Value{};
  call();
  DCHECK(thread.exception.is_empty());
  thread.exception = pending;
}

}  // namespace dx
