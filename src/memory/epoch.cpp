#include "memory/epoch.h"

#include <cstdlib>
#include <mutex>
#include <new>

#include "memory/heap.h"
#include "memory/safepoint.h"

namespace dx {

std::atomic<uint64_t> global_epoch{1};

namespace {

#ifdef DX_HOSTILE
constexpr size_t kChunkEntries = 2;
#else
constexpr size_t kChunkEntries = 1020;
#endif
constexpr size_t kSealBytes = size_t{256} << 10;
constexpr size_t kImpatientBytes = size_t{1} << 20;

// An entry is a block's address, or (bit 0 set) an address followed by its deleter.
struct Chunk {
  Chunk* next;
  uint64_t epoch;  // when it was sealed: everything in it was unlinked before this epoch ended
  uint32_t count;
  size_t bytes;
  uintptr_t entries[kChunkEntries];
};

struct EpochState {
  Chunk* open;
  Chunk* oldest;  // sealed chunks, oldest first
  Chunk* newest;
  Chunk* spare;  // so that retiring works when memory is short
  size_t sealed_bytes;
};

std::mutex orphans_lock;
Chunk* orphans;  // sealed chunks of threads that ended
std::atomic<uint64_t> retired_total{0};

EpochState& state_of(Thread& thread) { return *static_cast<EpochState*>(thread.epoch_state); }

Chunk* new_chunk(EpochState& state) {
  Chunk* chunk = state.spare;
  if (chunk)
    state.spare = nullptr;
  else
    chunk = static_cast<Chunk*>(std::malloc(sizeof(Chunk)));
  if (!chunk) return nullptr;
  chunk->next = nullptr;
  chunk->count = 0;
  chunk->bytes = 0;
  return chunk;
}

void drop_chunk(EpochState& state, Chunk* chunk) {
  if (state.spare)
    std::free(chunk);
  else
    state.spare = chunk;
}

void free_entries(Thread& thread, Chunk* chunk) {
  for (uint32_t index = 0; index < chunk->count; ++index) {
    uintptr_t entry = chunk->entries[index];
    if (entry & 1) {
      Deleter deleter = reinterpret_cast<Deleter>(chunk->entries[++index]);
      deleter(thread, reinterpret_cast<void*>(entry & ~uintptr_t{1}));
    } else {
      free_block(thread, reinterpret_cast<void*>(entry));
    }
  }
  retired_total.fetch_sub(chunk->bytes, std::memory_order_relaxed);
}

// Frees the chunks of a list that everybody is past; what stays, in order.
Chunk* free_until(Thread& thread, EpochState& state, Chunk* chunk, uint64_t safe, size_t& freed) {
  while (chunk && chunk->epoch < safe) {
    Chunk* next = chunk->next;
    free_entries(thread, chunk);
    freed += chunk->bytes;
    drop_chunk(state, chunk);
    chunk = next;
  }
  return chunk;
}

void reclaim(Thread& thread) {
  EpochState& state = state_of(thread);
  if (state.oldest) {
    uint64_t safe = threads_oldest_epoch();
    size_t freed = 0;
    state.oldest = free_until(thread, state, state.oldest, safe, freed);
    state.sealed_bytes -= freed;
    if (!state.oldest) state.newest = nullptr;
    if (state.sealed_bytes > kImpatientBytes) {
      // Somebody is late and much memory waits: look again at the next safepoint.
      thread.poll.fetch_or(kPollEpoch, std::memory_order_relaxed);
    }
  }
  std::unique_lock<std::mutex> guard(orphans_lock, std::try_to_lock);
  if (guard.owns_lock() && orphans) {
    Chunk* list = orphans;
    orphans = nullptr;
    guard.unlock();
    uint64_t safe = threads_oldest_epoch();
    Chunk* kept = nullptr;
    while (list) {
      Chunk* next = list->next;
      if (list->epoch < safe) {
        free_entries(thread, list);
        drop_chunk(state, list);
      } else {
        list->next = kept;
        kept = list;
      }
      list = next;
    }
    guard.lock();
    while (kept) {
      Chunk* next = kept->next;
      kept->next = orphans;
      orphans = kept;
      kept = next;
    }
  }
}

void seal(Thread& thread) {
  EpochState& state = state_of(thread);
  Chunk* chunk = state.open;
  if (!chunk || chunk->count == 0) return;
  state.open = nullptr;
  // A read-modify-write, so that whoever announces the next epoch sees everything this thread
  // unlinked until here.
  chunk->epoch = global_epoch.fetch_add(1, std::memory_order_acq_rel);
  chunk->next = nullptr;
  if (state.newest)
    state.newest->next = chunk;
  else
    state.oldest = chunk;
  state.newest = chunk;
  state.sealed_bytes += chunk->bytes;
  threads_request_epoch();
}

void add(Thread& thread, uintptr_t entry, Deleter deleter, size_t bytes) {
  EpochState& state = state_of(thread);
  uint32_t words = deleter ? 2 : 1;
  if (state.open && state.open->count + words > kChunkEntries) seal(thread);
  if (!state.open && !(state.open = new_chunk(state)))
    return;  // memory is exhausted: this block is lost for good
  Chunk* chunk = state.open;
  chunk->entries[chunk->count] = entry;
  if (deleter) chunk->entries[chunk->count + 1] = reinterpret_cast<uintptr_t>(deleter);
  chunk->count += words;
  chunk->bytes += bytes;
  retired_total.fetch_add(bytes, std::memory_order_relaxed);
  if (chunk->count == kChunkEntries || chunk->bytes > kSealBytes) seal(thread);
}

}  // namespace

void retire_object(Thread& thread, Object* object) {
  if (!threads_are_shared()) return free_block(thread, object);
  add(thread, reinterpret_cast<uintptr_t>(object), nullptr, object_block_size(object));
}

void retire_buffer(Thread& thread, void* buffer) {
  if (!threads_are_shared()) return free_block(thread, buffer);
  add(thread, reinterpret_cast<uintptr_t>(buffer), nullptr, buffer_capacity(buffer));
}

void retire(Thread& thread, void* pointer, size_t bytes, Deleter deleter) {
  if (!threads_are_shared()) return deleter(thread, pointer);
  add(thread, reinterpret_cast<uintptr_t>(pointer) | 1, deleter, bytes);
}

void epoch_announce(Thread& thread) {
  thread.poll.fetch_and(~kPollEpoch, std::memory_order_relaxed);
  thread.epoch.store(global_epoch.load(std::memory_order_acquire), std::memory_order_release);
  reclaim(thread);
}

void epoch_flush(Thread& thread) {
  seal(thread);
  epoch_announce(thread);
}

uint64_t retired_bytes() { return retired_total.load(std::memory_order_relaxed); }

bool epoch_attach(Thread& thread) {
  thread.epoch_state = std::calloc(1, sizeof(EpochState));
  thread.epoch.store(global_epoch.load(std::memory_order_acquire), std::memory_order_release);
  return thread.epoch_state != nullptr;
}

void epoch_detach(Thread& thread) {
  EpochState& state = state_of(thread);
  seal(thread);
  {
    std::lock_guard<std::mutex> guard(orphans_lock);
    while (Chunk* chunk = state.oldest) {
      state.oldest = chunk->next;
      chunk->next = orphans;
      orphans = chunk;
    }
  }
  std::free(state.open);
  std::free(state.spare);
  std::free(&state);
  thread.epoch_state = nullptr;
}

void epoch_fork_child(Thread& survivor) { new (&orphans_lock) std::mutex; }

}  // namespace dx
