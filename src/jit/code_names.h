#pragma once
// Tells the tools that look at a running process what a piece of machine code is called.
//   perf   /tmp/perf-PID.map, one line `START SIZE name` for each unit; perf cannot forget a unit,
//          but a later line wins
//   gdb    its JIT interface: a list of in-memory object files, each with one symbol, and a
//          function that gdb breaks on
// Both are off unless asked for: the map grows with every unit and gdb's hook is slow.
// Threads: called by CodeMemory under its lock, so by one thread at a time for one CodeMemory; the
// list for gdb is process-wide and has its own lock.
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace dx::jit {

struct CodeUnit;

class CodeNames {
 public:
  struct Options {
    bool perf = false, gdb = false;
    std::string perf_path;  // empty: /tmp/perf-PID.map
  };
  explicit CodeNames(const Options& options);
  ~CodeNames();
  CodeNames(const CodeNames&) = delete;
  CodeNames& operator=(const CodeNames&) = delete;

  void added(const CodeUnit& unit);
  void removed(const CodeUnit& unit);

  // A 64-bit ELF object whose only symbol is a function of this size at this address.
  static std::vector<uint8_t> object_file(uint64_t address, uint64_t size, const std::string& name);

 private:
  struct GdbEntry;
  std::FILE* perf_ = nullptr;
  bool gdb_;
  std::map<const void*, GdbEntry*> entries_;
};

}  // namespace dx::jit
