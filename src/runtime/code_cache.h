#pragma once
// Compiled source files on disk: a module or script is compiled once for each build of dx-py and
// each version of its file.
//
//   $XDG_CACHE_HOME/dx-py/<build id>/<path and options, hashed>-<stamp>.dpb      mapped and run in
//   place (dpb/file.h)
//
// The stamp is the source's device, inode, size, time of change and time of status change, so that
// a cached image is found only while the file is what was compiled. Without a usable folder
// everything is compiled at every start; nothing is said, because the program's result does not
// depend on it. The folder is opened once, by the thread that first asks.

#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "runtime/compile_source.h"

namespace dx {

// Times of files, in nanoseconds. One changed more recently than a tick may change again without
// its times moving: the clock that stamps files ticks.
constexpr int64_t kTickNanoseconds = 50'000'000;
inline int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}
inline int64_t now_nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

// The code object of the source file at `path`, with `filename` as its co_filename. Compiles, and
// stores the result unless bytecode is not to be written (-B) or the source gave a warning that
// must be shown at every run (`main_script`). OSError when there is no such file; SyntaxError and
// its kin from the compiler.
Result<Ref<Code>> code_of_file(Thread& thread, const std::string& path, Borrowed<Str> filename,
                               const SourceOptions& options, bool main_script);

// The bytes of a file; false with errno set when it cannot be read.
bool read_file(const std::string& path, std::string& text);

// A file's state: equal stamps mean an unchanged file. All zeroes: there is none.
struct FileStamp {
  uint64_t words[5] =
      {};  // device, inode, size, time of change and of status change in nanoseconds
  static FileStamp of(const char* path);
  bool operator==(const FileStamp& other) const {
    return std::memcmp(words, other.words, sizeof words) == 0;
  }
  int64_t changed() const {
    return static_cast<int64_t>(words[3] > words[4] ? words[3] : words[4]);
  }
};

// What code_of_file read while the start arena was open (runtime/start_image.h).
struct LoadedSources {
  struct File {
    std::string path;
    FileStamp stamp;
  };
  std::vector<File> files;
  bool complete = true;  // false: something was compiled
};
const LoadedSources& loaded_sources();

// The folder of this build's images; false: there is none. It need not exist.
bool code_cache_folder(std::string& folder);
void code_cache_leave();  // closes the folder; it is opened again when it is needed. Requires: no
                          // other thread

// This program's build, as text; empty when it was linked without one.
std::string build_id();

}  // namespace dx
