#pragma once
// Characters by their Unicode names, for "\N{...}" in string literals. Names and aliases of Unicode 16, Hangul
// syllables and CJK ideographs included; case does not matter.

#include <cstdint>
#include <string_view>

namespace dx::unicode {

bool character_by_name(std::string_view name, uint32_t& code_point);

}  // namespace dx::unicode
