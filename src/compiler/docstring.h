#pragma once
// See docstring.cpp.

#include <string>
#include <string_view>

namespace dx::compiler {

std::string clean_docstring(std::string_view source);

}  // namespace dx::compiler
