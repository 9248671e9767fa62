#pragma once
// Waiting on a 32-bit word until somebody changes it: the primitive under Python's locks and joins.
// Unlike a condition variable it needs no memory of its own and returns when a signal handler ran,
// so Ctrl-C gets through a blocked acquire.

#include <atomic>
#include <cstdint>

namespace dx {

enum class Wait : uint8_t { woken, timed_out, interrupted };

constexpr int64_t kNoDeadline = -1;
int64_t monotonic_ns();

// Returns at once when the word is not `expected`; `woken` may be spurious. The deadline is on the
// clock of monotonic_ns.
Wait futex_wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns);
void futex_wake(std::atomic<uint32_t>& word, int waiters);

}  // namespace dx
