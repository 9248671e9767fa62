#pragma once
// One instruction, register or literal as text: shared by the verifier's messages and the
// disassembler. Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "dpb/code_unit.h"

namespace dx::dpb {

// Texts of the registers below the temporaries: `%name`, `%#3` when the name is no plain identifier
// or not unique, `ns` for the namespace.
std::vector<std::string> register_names(const CodeUnit& unit);
// ... and of any register: temporaries are `t0`, `t1`, ...
std::string register_text(const std::vector<std::string>& names, uint32_t index);

// `LOAD_ATTR dst=t0 owner=t1! name=@3`; a killed register carries `!`. The target of a jump is
// written as `target`. Works on any bits, for error messages.
std::string instruction_text(const std::vector<std::string>& names, Instruction instruction,
                             std::string_view target);

// Whether operand 0..2 (a, b, c) is read or written at all by this instruction: some ops leave one
// out depending on aux.
bool operand_used(Instruction instruction, int operand);

// Quoted as in Python, ASCII only: \n, \t, \r, \\, \', \xNN, \uNNNN, \UNNNNNNNN. Text is
// generalized UTF-8.
std::string quote(std::string_view text);
std::string quote_bytes(std::string_view bytes);

// Generalized UTF-8: surrogates are allowed (three bytes each), overlong forms and values above
// 0x10FFFF are not.
bool valid_text(std::string_view text);
// Appends one code point in that form.
void append_code_point(std::string& text, uint32_t code_point);
// Takes one code point off the front. Requires: valid_text, not empty.
uint32_t take_code_point(std::string_view& text);

}  // namespace dx::dpb
