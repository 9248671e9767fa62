#pragma once
// Source positions of instructions, packed: about three bytes an instruction instead of sixteen.
//
// A sequence of entries; one covers a run of instructions with the same position. First byte: kind
// in the low 3 bits, run length - 1 in the high 5. Numbers that follow are varints (7 bits a byte,
// low first), signed ones zigzag.
//
//   0 none
//   1 same line, u8 column, u8 width
//   2 next line, u8 column, u8 width
//   3 line only: signed line delta
//   4 signed line delta, end line - line, column, end column
//   5 anything: line + 1, end line + 1, column + 1, end column + 1
//
// Deltas are against the line of the entry before (the code's first line at the start). The encoder
// takes the first kind that fits and the longest run; it is the only encoding there is.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dpb/code_unit.h"

namespace dx::dpb {

std::string encode_positions(std::span<const SourcePosition> positions, uint32_t first_line);

// Reads entries one by one; safe on any bytes.
class PositionReader {
 public:
  PositionReader(std::span<const uint8_t> bytes, uint32_t first_line)
      : bytes_(bytes), line_(first_line) {}
  // The next run, or false at the end or at malformed bytes.
  bool next();
  bool malformed() const { return malformed_; }
  const SourcePosition& position() const { return position_; }
  uint32_t run() const { return run_; }  // instructions it covers

 private:
  bool number(int64_t& value);
  bool signed_number(int64_t& value);

  std::span<const uint8_t> bytes_;
  int64_t line_;
  SourcePosition position_;
  uint32_t run_ = 0;
  bool malformed_ = false;
};

}  // namespace dx::dpb
