#pragma once
// Characters by their Unicode names, for "\N{...}" in string literals. Names and aliases of Unicode
// 16, Hangul syllables and CJK ideographs included; case does not matter.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dx::unicode {

bool character_by_name(std::string_view name, uint32_t& code_point);

// The i-th of all names and aliases, in their alphabetical order; false behind the last.
bool name_entry(size_t i, std::string_view& name, uint32_t& code_point);
// The names that are not listed one by one: Hangul syllables, and those that end in their own
// number.
bool composed_name(uint32_t code_point, std::string& name);

}  // namespace dx::unicode
