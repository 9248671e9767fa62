#pragma once
// Async generators, and what generators of all kinds share.

#include "objects/frame.h"
#include "objects/generator.h"

namespace dx {

// What a suspended generator delegates to (`yield from`, `await`): borrowed, or empty.
Value generator_delegate(Generator* generator);
// Marks a value as yielded by an async generator (not by something it awaits).
AnyResult async_generator_wrap(Thread& thread, Any value);

}  // namespace dx
