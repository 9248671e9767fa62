#pragma once
// One instruction, register or literal as text: shared by the verifier's messages and the disassembler.
// Pure functions; any thread.

#include <string>
#include <string_view>

#include "dpb/code_unit.h"

namespace dx::dpb {

// `%name` for a named register, `%#3` when the name is no plain identifier or is not unique, `ns` for the namespace,
// `t2` for the third temporary.
std::string register_text(const CodeUnit& unit, uint32_t index);

// `LOAD_ATTR dst=t0 owner=t1! name=@3`; a killed register carries `!`. Jumps are written as absolute `->12` unless
// `label` names the target. Works on any bits, for error messages.
std::string instruction_text(const CodeUnit& unit, uint32_t index, std::string_view label = {});

// Quoted as in Python, ASCII only: \n, \\, \', \xNN, \uNNNN, \UNNNNNNNN. Text is generalized UTF-8.
std::string quote(std::string_view text);
std::string quote_bytes(std::string_view bytes);

// Generalized UTF-8: surrogates are allowed (three bytes each), overlong forms and values above 0x10FFFF are not.
bool valid_text(std::string_view text);

}  // namespace dx::dpb
