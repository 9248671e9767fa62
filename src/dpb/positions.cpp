#include "dpb/positions.h"

namespace dx::dpb {
namespace {

enum Kind : uint8_t { kNone, kSameLine, kNextLine, kLineOnly, kDelta, kAnything };

void append_number(std::string& out, uint64_t value) {
  for (; value >= 128; value >>= 7) out += char(value | 128);
  out += char(value);
}
void append_signed(std::string& out, int64_t value) {
  append_number(out, uint64_t(value) << 1 ^ uint64_t(value >> 63));
}

}  // namespace

std::string encode_positions(std::span<const SourcePosition> positions, uint32_t first_line) {
  std::string out;
  int64_t line = first_line;
  for (size_t at = 0; at < positions.size();) {
    const SourcePosition& position = positions[at];
    size_t run = 1;
    while (run < 32 && at + run < positions.size() && positions[at + run] == position) ++run;
    at += run;
    auto start = [&](Kind kind) { out += char(kind | (run - 1) << 3); };
    int64_t width = int64_t{position.end_column} - position.column;
    bool on_one_line = position.end_line == position.line && position.line >= 0;
    bool has_columns = position.column >= 0 && position.end_column >= 0;
    if (position == SourcePosition{}) {
      start(kNone);
      continue;
    }
    if (on_one_line && has_columns && position.column < 256 && width >= 0 && width < 256 &&
        (position.line == line || position.line == line + 1)) {
      start(position.line == line ? kSameLine : kNextLine);
      out += char(position.column), out += char(width);
    } else if (on_one_line && position.column == -1 && position.end_column == -1) {
      start(kLineOnly);
      append_signed(out, position.line - line);
    } else if (has_columns && position.line >= 0 && position.end_line >= position.line) {
      start(kDelta);
      append_signed(out, position.line - line);
      append_number(out, uint64_t(position.end_line - position.line));
      append_number(out, uint64_t(position.column)),
          append_number(out, uint64_t(position.end_column));
    } else {
      start(kAnything);
      for (int32_t field :
           {position.line, position.end_line, position.column, position.end_column}) {
        append_number(out, uint64_t(int64_t{field} + 1));
      }
    }
    if (position.line >= 0) line = position.line;
  }
  return out;
}

bool PositionReader::number(int64_t& value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 42; shift += 7) {
    if (bytes_.empty()) return false;
    uint8_t byte = bytes_[0];
    bytes_ = bytes_.subspan(1);
    result |= uint64_t(byte & 127) << shift;
    if (byte < 128) return value = int64_t(result), true;
  }
  return false;
}

bool PositionReader::signed_number(int64_t& value) {
  if (!number(value)) return false;
  value = int64_t(uint64_t(value) >> 1) ^ -(value & 1);
  return true;
}

bool PositionReader::next() {
  if (bytes_.empty() || malformed_) return false;
  uint8_t lead = bytes_[0];
  bytes_ = bytes_.subspan(1);
  run_ = (lead >> 3) + 1u;
  int64_t line = -1, end_line = -1, column = -1, end_column = -1;
  bool good = true;
  switch (lead & 7) {
    case kNone: break;
    case kSameLine:
    case kNextLine:
      good = bytes_.size() >= 2;
      if (!good) break;
      line = end_line = line_ + ((lead & 7) == kNextLine);
      column = bytes_[0], end_column = column + bytes_[1];
      bytes_ = bytes_.subspan(2);
      break;
    case kLineOnly:
      good = signed_number(line);
      line = end_line = line + line_;
      break;
    case kDelta:
      good = signed_number(line) && number(end_line) && number(column) && number(end_column);
      line += line_, end_line += line;
      break;
    case kAnything:
      good = number(line) && number(end_line) && number(column) && number(end_column);
      --line, --end_line, --column, --end_column;
      break;
    default: good = false;
  }
  for (int64_t field : {line, end_line, column, end_column})
    good = good && field >= -1 && field <= INT32_MAX;
  if (!good) {
    malformed_ = true;
    return false;
  }
  position_ = {int32_t(line), int32_t(end_line), int32_t(column), int32_t(end_column)};
  if (line >= 0) line_ = line;
  return true;
}

}  // namespace dx::dpb
