#pragma once
// Start images: the state of a process at the point where the program begins, in a file that the
// next process maps.
//
//   ordinary start   arena opened -> runtime_start -> site -> runtime_started -> [store] ->
//   adopt_process -> program with an image    map
//   -------------------------------------------------------------> adopt_process -> program
//
// What is in it: the heap, the shape table, what C++ code got from malloc meanwhile
// (memory/start_memory.h: all three at addresses that are the same in every process) and this
// program's own variables (cmake/start_image.ld). What belongs to the process is not: arguments,
// environment, streams, descriptors, signal handlers, the native thread. It is taken off before the
// image is stored and put in place by adopt_process, which both kinds of start go through.
//
// An image fits when everything start-up looked at is as it was: its name is a hash of the options,
// the locale, the user and the home folder; in it are the stamps (as in runtime/code_cache.h) of
// every source file, of every folder of the path and of every file that site looks for. When hashes
// are random, each process draws its own key and files all texts anew (objects/rehash.h).
//
// Not stored: when a module beyond those that this file knows was imported (sitecustomize, .pth
// files), when source was compiled rather than loaded, and when any word of the image could be an
// address that differs from process to process: all words are looked at. `DX_START_IMAGE=explain`
// in the environment says on stderr why; `DX_START_IMAGE=0` does without.

#include <string>
#include <vector>

#include "runtime/interpreter_state.h"

namespace dx {

class StartImage {
 public:
  // `plain`: nothing of the job takes part in start-up.
  StartImage(const StartOptions& options, bool plain);
  // Everything up to the program's beginning from an image; false: nothing happened.
  bool map(Thread& main, Interpreter& interpreter);
  // Before an ordinary start.
  void begin();
  // After runtime_started: stores an image if this start is worth one; then streams, arguments and
  // environment are gone from sys and posix until adopt_process. Whether that is so.
  bool store(Thread& main, Interpreter& interpreter);

 private:
  bool refuse(const char* why, const char* detail = "") const;
  bool collect_stamps(Thread& main, Interpreter& interpreter, std::string& stamps) const;

  bool wanted_ = false, open_ = false, explain_ = false, random_ = false;
  std::string folder_, name_, key_;
  std::vector<std::string>
      probed_;         // files whose absence or state matters beyond those of the path
  int64_t begun_ = 0;  // nanoseconds
};

// What differs from process to process. `fresh`: the image came from another one.
Result<void> adopt_process(Thread& main, Interpreter& interpreter, bool fresh);

// Set by _thread once it is initialized: null takes the native thread's identity out, a thread puts
// its own in.
extern void (*thread_module_adopt)(Thread* main, bool fresh);

}  // namespace dx
