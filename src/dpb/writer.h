#pragma once
// CodeUnit -> image bytes. The bytes depend on the unit alone, never on addresses, time or hashing
// order.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dpb/code_unit.h"

namespace dx::dpb {

using ImageBytes = std::vector<uint8_t>;

// Verifies `unit` with everything nested in it and lays it out. Gives the verifier's error, or
// nothing and fills `out`.
[[nodiscard]] std::optional<std::string> write_image(const CodeUnit& unit, ImageBytes& out);

}  // namespace dx::dpb
