#pragma once
// The process's import lock (importlib holds it only while it touches its table of module locks).
// Recursive.

#include "memory/ref.h"

namespace dx {
// importlib.util.MAGIC_NUMBER as a little-endian number; not in the range CPython uses.
constexpr long kPycMagicToken = 0x0A0DDB14;
Result<void> import_lock_acquire(Thread& thread);
bool import_lock_release(Thread& thread);  // false: not this thread's
bool import_lock_held();
}  // namespace dx
