// dx-py: the command line. Options are python3's; what is not there yet is refused by name.

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/locale.h"
#include "cli/options.h"
#include "objects/hash.h"
#include "runtime/run_main.h"

int main(int argc, char** argv) {
  dx::locale_start();
  dx::StartOptions options;
  dx::MainJob job;
  int status = 0;
  if (!dx::parse_command_line(argc, argv, options, job, status)) return status;
  const char* seed = options.ignore_environment ? nullptr : std::getenv("PYTHONHASHSEED");
  if (!dx::hash_seed_set(seed && *seed ? seed : nullptr)) {
    std::fprintf(stderr,
                 "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or "
                 "an integer in range [0; 4294967295]\n");
    return 1;
  }
  return dx::run_main(options, job);
}
