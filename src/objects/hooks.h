#pragma once
// What objects/ needs from higher rooms, filled in at start-up. A low room never includes a high
// one.

#include "objects/errors.h"
#include "objects/native.h"

namespace dx {

struct FrameObject;
struct Function;
struct Generator;
struct ItemSink;

struct ObjectHooks {
  // interpreter: runs a Python function with borrowed arguments.
  AnyResult (*call_function)(Thread& thread, Borrowed<Function> function,
                             const Arguments& arguments);
  // interpreter: resumes a generator; sent is kNone or the value of send(). done: its return value
  // is in `returned`.
  Step (*resume_generator)(Thread& thread, Borrowed<Generator> generator, Any sent,
                           Maybe<Ref<Object>>& returned);
  // interpreter: the same with None, until there is an item that the sink does not take.
  Step (*drain_generator)(Thread& thread, Borrowed<Generator> generator, ItemSink& sink,
                          Maybe<Ref<Object>>& returned);
  // interpreter: makes a suspended generator the running frame, without running it, while what it
  // waits for is thrown into or closed; and undoes that. False: raised, nothing was done.
  bool (*enter_generator)(Thread& thread, Borrowed<Generator> generator);
  void (*leave_generator)(Thread& thread, Borrowed<Generator> generator);
  // interpreter: throws the pending exception into a generator.
  Step (*throw_generator)(Thread& thread, Borrowed<Generator> generator,
                          Maybe<Ref<Object>>& returned);
  // interpreter: f_lineno of a frame whose trace function runs was assigned.
  Result<void> (*jump_to_line)(Thread& thread, FrameObject* frame, Word line);
  // runtime: warnings.warn(message, category) at stack level.
  Result<void> (*warn)(Thread& thread, Type* category, Any message, Word stack_level);
  // runtime: the functions all and any as they were at start-up, whatever the names mean now.
  // Immortal.
  Value builtin_all, builtin_any;
  // runtime: sys.unraisablehook for the pending exception, which is cleared.
  void (*unraisable)(Thread& thread, const char* context, MaybeAny object);
};
extern ObjectHooks object_hooks;

template <class W, class... A>
Result<void> warn(Thread& thread, Word stack_level, const char* format, A&&... arguments) {
  const FormatArgument list[] = {FormatArgument(""), FormatArgument(arguments)...};
  AnyRef text = TRY(format_text(thread, format, list + 1, sizeof...(A)));
  return object_hooks.warn(thread, exception_types[static_cast<size_t>(W::id)], text, stack_level);
}

}  // namespace dx
