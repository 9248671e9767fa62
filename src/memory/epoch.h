#pragma once
// Epochs: when memory that other threads may still be reading can be reused.
//
// Readers without locks load a pointer and use it until their next safepoint; nothing else protects
// it. So what was unlinked is *retired*: it stays intact until every thread has passed a safepoint,
// or is offline, since then.
//
//   global epoch 7      thread A announced 7      thread B announced 6      B's chunks: sealed at 5
//   | sealed at 6 | open A chunk sealed at epoch e is freed once every thread that is not offline
//   has announced e + 1 or more: here the first one goes, the second waits for B to announce 7.
//
// Retired pointers stand in chunks of the retiring thread, never in the objects. A thread's full
// chunk, or 256 KiB of retired memory, advances the epoch and asks the late threads to look up
// (kPollEpoch), which bounds what waits. With a single thread nothing is ever retired: it is freed
// at once.

#include "memory/thread.h"

namespace dx {

extern std::atomic<uint64_t> global_epoch;

// heap.h declares retire_buffer, heap_inline.h retire_object. This one is for anything else:
// deleter(thread, pointer) runs once no thread can be reading it; no Python code.
using Deleter = void (*)(Thread& thread, void* pointer);
void retire(Thread& thread, void* pointer, size_t bytes, Deleter deleter);

// Announces the current epoch; frees what has become free. Called at every safepoint that was asked
// for.
void epoch_announce(Thread& thread);
// Seals this thread's open chunk and advances, so that it is freed as soon as possible (gc.collect,
// tests).
void epoch_flush(Thread& thread);
uint64_t retired_bytes();

bool epoch_attach(Thread& thread);  // false when memory is short
void epoch_detach(Thread& thread);  // what the thread retired is freed by the others
void epoch_fork_child(Thread& survivor);

}  // namespace dx
