#pragma once
// Binding the arguments of a __new__ or __init__ slot by hand, with the two wordings CPython has
// for its errors.

#include <string_view>

#include "objects/native.h"

namespace dx {

enum class TooMany : uint8_t {
  expected,  // "str expected at most 3 arguments, got 4"
  takes,     // "bytes() takes at most 3 arguments (4 given)"
};
struct NewParameters {
  const char* function;
  const char* const* names;  // null: "takes no keyword arguments"
  size_t count;
  size_t positional_only;
  size_t required;
  TooMany too_many;
};
// out[i] borrowed, 0 where left out. False: TypeError pending.
bool bind_new(Thread& thread, const NewParameters& parameters, const Arguments& arguments,
              Value* out);

}  // namespace dx
