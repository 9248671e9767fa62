#pragma once
// Running the program the command line names.

#include <string>
#include <vector>

#include "runtime/interpreter_state.h"

namespace dx {

struct MainJob {
  enum class Kind { file, command, module, stdin_ } kind = Kind::stdin_;
  std::string file, command, module;
  bool skip_first_line = false;
  std::vector<std::string> extra_path;  // PYTHONPATH
};

// The whole life of the process: start, run, finish. The exit code.
int run_main(const StartOptions& options, const MainJob& job);

}  // namespace dx
