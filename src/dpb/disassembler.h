#pragma once
// CodeUnit -> text that a person can read and edit, and that assemble() reads back to the same
// unit. Only names, literals, labels and numbers: no instruction is ever written as bytes.
//
//   code 1 'add' qualname 'add'
//     first_line 1
//     flags 0x3                     ; OPTIMIZED NEWLOCALS
//     arguments 2 positional_only 0 keyword_only 0
//     registers 3
//     varnames 'a' 'b'
//     constant $0 None
//     body
//         BINARY_ADD dst=t0 left=%a right=%b        | 2:11-2:16
//         RETURN_VALUE value=t0!                    | 2:4-2:16
//     end
//
// Pure functions of their argument; safe on units that were not verified.

#include <string>

#include "dpb/code_unit.h"

namespace dx::dpb {

// The unit and, after it, those nested in it; `code N` in a constant refers to the block with that
// number.
std::string disassemble(const CodeUnit& unit);

// A constant as a literal: None, -7, 0x10000000000000000, 1.5, 'text', b'bytes', (1, 'a'),
// frozenset(1), slice(1, None, None), complex(0.0, 1.0). Code constants give `code`.
std::string constant_text(const Constant& constant);

}  // namespace dx::dpb
