#include "runtime/import_lock.h"

#include <mutex>

#include "memory/safepoint.h"

namespace dx {

namespace {
std::mutex import_mutex;
std::atomic<Thread*> owner{nullptr};
unsigned depth = 0;  // the owner's
}  // namespace

Result<void> import_lock_acquire(Thread& thread) {
  if (owner.load() == &thread) {
    ++depth;
    return {};
  }
  if (!import_mutex.try_lock()) {
    OfflineScope offline(thread);
    import_mutex.lock();
  }
  owner.store(&thread);
  depth = 1;
  return {};
}

bool import_lock_release(Thread& thread) {
  if (owner.load() != &thread) return false;
  if (--depth == 0) {
    owner.store(nullptr);
    import_mutex.unlock();
  }
  return true;
}

bool import_lock_held() { return owner.load() != nullptr; }

}  // namespace dx
