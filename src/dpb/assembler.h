#pragma once
// Text -> CodeUnit: reads what disassemble() prints (disassembler.h shows the form), edited or not.
// Comments run from `;` to the end of the line; spacing is free within a line. It checks the form
// only: write_image verifies the meaning.

#include <optional>
#include <string>
#include <string_view>

#include "dpb/code_unit.h"

namespace dx::dpb {

// Gives an error that names the line, or nothing and fills `out`. Safe on any text.
[[nodiscard]] std::optional<std::string> assemble(std::string_view text, CodeUnit& out);

}  // namespace dx::dpb
