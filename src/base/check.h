#pragma once
// CHECK: a broken invariant of ours ends the process at once, in every build; DCHECK only in debug
// builds. Neither is ever used for a condition that Python code can cause: those raise.

namespace dx {
[[noreturn]] void check_failed(const char* file, int line, const char* condition);
}

#define CHECK(condition)                                                                       \
  do {                                                                                         \
    if (__builtin_expect(!(condition), 0)) ::dx::check_failed(__FILE__, __LINE__, #condition); \
  } while (0)

#ifdef DX_DEBUG
#define DCHECK(condition) CHECK(condition)
#else
#define DCHECK(condition) ((void)sizeof(!(condition)))
#endif
