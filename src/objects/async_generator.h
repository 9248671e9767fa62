#pragma once
// Async generators, and what generators of all kinds share.
//
// An async generator is a Generator whose `yield x` gives a wrapped x (ASYNC_GEN_WRAP), so that
// what it yields and what it awaits can be told apart. __anext__, asend, athrow and aclose make
// awaitables; driving one runs the generator until it yields (the awaitable returns that value),
// awaits (the awaitable yields that value) or ends (StopAsyncIteration).

#include "objects/frame.h"
#include "objects/generator.h"

namespace dx {

// Generator::hooks_done of async generators, bits.
constexpr uint32_t kAsyncHooksDone = 1;  // the first-iteration hook was called
constexpr uint32_t kAsyncClosed = 2;     // aclose() began, or it ended: no finalizer

// What a suspended generator delegates to (`yield from`, `await`): borrowed, or empty.
Value generator_delegate(Thread& thread, Generator* generator);
// The pieces of generator.throw(): throws into the innermost delegate; a GeneratorExit closes
// delegates when close_delegate.
Step generator_throw(Thread& thread, Borrowed<Generator> self, Any type, Any value, Any traceback,
                     Maybe<Ref<Object>>& returned, bool close_delegate);

// What the three types' tables share (generator.cpp).
AnyResult generator_name(Thread& thread, Borrowed<Generator> self);
AnyResult generator_qualname(Thread& thread, Borrowed<Generator> self);
Result<void> generator_set_name(Thread& thread, Borrowed<Generator> self, MaybeAny value);
Result<void> generator_set_qualname(Thread& thread, Borrowed<Generator> self, MaybeAny value);
AnyResult generator_repr(Thread& thread, Borrowed<Generator> self);
AnyResult generator_frame(Thread& thread, Borrowed<Generator> self);
Value generator_suspended(Thread& thread, Borrowed<Generator> self);
AnyResult generator_code(Thread& thread, Borrowed<Generator> self);
AnyRef generator_yield_from(Thread& thread, Borrowed<Generator> self);
Result<void> generator_del(Thread& thread, Any self);
// DeprecationWarning for throw(type, value, traceback).
Result<void> warn_throw_signature(Thread& thread, MaybeAny value, MaybeAny traceback);

// Marks a value as yielded by an async generator (not by something it awaits).
AnyResult async_generator_wrap(Thread& thread, Any value);
// One step of driving what __anext__ or asend gave, without raising StopIteration: an item that is
// awaited, or done with the value in returned. Requires: is_async_generator_step(awaitable).
bool is_async_generator_step(Any awaitable);
Step async_generator_step(Thread& thread, Any awaitable, Any sent, Maybe<Ref<Object>>& returned);
// A generator that nobody can reach: calls its finalizer hook. False: it has none, close it.
Result<bool> async_generator_finalize(Thread& thread, Borrowed<Generator> self);

// anext(iterator, default)
AnyResult anext_with_default(Thread& thread, Any awaitable, Any fallback);

}  // namespace dx
