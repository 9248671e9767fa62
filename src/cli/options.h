#pragma once
// python3's command line.

#include "runtime/interpreter_state.h"
#include "runtime/run_main.h"

namespace dx {
// False: the process ends with `status` (help, version, a bad option: already printed).
bool parse_command_line(int argc, char** argv, StartOptions& options, MainJob& job, int& status);
}  // namespace dx
