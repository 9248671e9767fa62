#pragma once
// fork() and argument vectors, shared by posix and _posixsubprocess.

#include <vector>

#include "modules/posix/posix.h"

namespace dx {

// A NULL-terminated vector of C strings, kept alive by the bytes objects in it.
class StringVector {
 public:
  Result<void> add(Thread& thread, Any text);  // str, bytes or os.PathLike
  void add_raw(Ref<Bytes> text);
  char** data();
  size_t size() const { return texts_.size(); }
  const char* operator[](size_t i) const { return texts_[i]->data(); }

 private:
  std::vector<Ref<Bytes>> texts_;
  std::vector<char*> pointers_;
};

// The handshake around fork(): all other threads stand still meanwhile, so that no structure is
// half-done in the child, where only the calling thread goes on. Hooks of os.register_at_fork run
// before and after. The child's number, 0 in the child. `hooks`: false for a child that will only
// execute another program.
Result<int> fork_process(Thread& thread, bool hooks);

}  // namespace dx
