// The pages of this program's variables, faulted in with one system call before the first
// constructor runs. Nearly all of the thirty are written to, by constructors and then by the start
// image; one by one most cost two faults, for a constructor reads a variable before it writes it.
// Only in builds with start images, whose linker script keeps the variables together.

#include <cstdint>
#include <sys/mman.h>

extern "C" {
extern char dx_data_begin[];
extern char dx_bss_end[];
}

namespace {

// A kernel before 5.14 refuses: the pages then come one by one.
void populate_variables(int, char**, char**) {
  uintptr_t begin = reinterpret_cast<uintptr_t>(dx_data_begin);
  uintptr_t end = reinterpret_cast<uintptr_t>(dx_bss_end);
  madvise(dx_data_begin, end - begin, MADV_POPULATE_WRITE);
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const run_first)(int, char**,
                                                                      char**) = populate_variables;

}  // namespace
