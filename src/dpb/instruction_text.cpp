#include "dpb/instruction_text.h"

#include <cstring>
#include <unordered_map>

namespace dx::dpb {
namespace {

bool plain_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char letter : name) {
    bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                 (letter >= '0' && letter <= '9') || letter == '_' || letter == '.';
    if (!plain) return false;
  }
  return true;
}

void append_hex(std::string& out, uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4)
    out += "0123456789abcdef"[value >> shift & 15];
}

void append_quoted(std::string& out, uint32_t code_point) {
  switch (code_point) {
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\r': out += "\\r"; return;
    case '\\': out += "\\\\"; return;
    case '\'': out += "\\'"; return;
  }
  if (code_point >= 0x20 && code_point < 0x7F) {
    out += char(code_point);
  } else if (code_point < 0x100) {
    out += "\\x", append_hex(out, code_point, 2);
  } else if (code_point < 0x10000) {
    out += "\\u", append_hex(out, code_point, 4);
  } else {
    out += "\\U", append_hex(out, code_point, 8);
  }
}

// Length of the sequence at the front of text, 0 if it is malformed.
size_t sequence_length(std::string_view text) {
  auto byte = [&](size_t at) { return uint8_t(text[at]); };
  auto follows = [&](size_t at) { return at < text.size() && (byte(at) & 0xC0) == 0x80; };
  uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return follows(1) ? 2 : 0;
  if (lead < 0xF0) {
    return follows(1) && follows(2) && (lead != 0xE0 || byte(1) >= 0xA0) ? 3 : 0;
  }
  if (lead > 0xF4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  return lead == 0xF4 && byte(1) >= 0x90 ? 0 : 4;
}

}  // namespace

std::vector<std::string> register_names(const CodeUnit& unit) {
  std::vector<const std::string*> variables;
  for (const std::string& name : unit.varnames) variables.push_back(&name);
  std::vector<uint32_t> cells = unit.cell_registers();
  for (size_t index = 0; index < cells.size(); ++index) {
    if (cells[index] >= unit.first_own_cell()) variables.push_back(&unit.cellvars[index]);
  }
  for (const std::string& name : unit.freevars) variables.push_back(&name);
  std::unordered_map<std::string_view, int> uses;
  for (const std::string* name : variables) ++uses[*name];
  std::vector<std::string> names;
  if (!unit.optimized()) names.push_back("ns");
  for (const std::string* name : variables) {
    bool plain = plain_name(*name) && uses[*name] == 1;
    names.push_back(plain ? "%" + *name : "%#" + std::to_string(names.size()));
  }
  return names;
}

std::string register_text(const std::vector<std::string>& names, uint32_t index) {
  return index < names.size() ? names[index] : "t" + std::to_string(index - names.size());
}

bool operand_used(Instruction instruction, int operand) {
  const OpInfo& facts = info(instruction.op);
  if (facts.kinds[operand] == OperandKind::none) return false;
  switch (instruction.code()) {
    case Op::FORMAT_VALUE: return operand != 2 || !(instruction.aux & kNoSpec);
    case Op::YIELD_VALUE: return operand != 2 || instruction.flag();
    case Op::RAISE_VARARGS: return operand <= (instruction.aux >> 4 & 3);
    default: return true;
  }
}

std::string instruction_text(const std::vector<std::string>& names, Instruction instruction,
                             std::string_view target) {
  const OpInfo& facts = info(instruction.op);
  if (!facts.name) return "<op " + std::to_string(instruction.op) + ">";
  std::string out = facts.name;
  const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
  const uint8_t kill_bits[3] = {kKillA, kKillB, kKillC};
  bool kills = facts.aux >= AuxKind::kill && facts.aux <= AuxKind::kill_which;
  for (int i = 0; i < 3; ++i) {
    if (!operand_used(instruction, i)) continue;
    out += ' ', out += facts.operand_names[i], out += '=';
    switch (facts.kinds[i]) {
      case OperandKind::none: break;
      case OperandKind::constant: out += '$' + std::to_string(fields[i]); break;
      case OperandKind::constant32: out += '$' + std::to_string(instruction.wide()); break;
      case OperandKind::site: out += '@' + std::to_string(fields[i]); break;
      case OperandKind::site32: out += '@' + std::to_string(instruction.wide()); break;
      case OperandKind::int16: out += std::to_string(int16_t(fields[i])); break;
      case OperandKind::int32: out += std::to_string(instruction.signed_wide()); break;
      case OperandKind::jump:
      case OperandKind::jump32: out += target; break;
      case OperandKind::count:
      case OperandKind::mode: out += std::to_string(fields[i]); break;
      default: out += register_text(names, fields[i]);
    }
    if (kills && facts.kinds[i] == OperandKind::in && instruction.aux & kill_bits[i]) out += '!';
  }
  switch (facts.aux) {
    case AuxKind::none:
    case AuxKind::kill: break;
    case AuxKind::kill_sense:
      if (instruction.aux & kSense) out += " unless";
      break;
    case AuxKind::kill_flag:
      if (instruction.aux & kFlag) out += ' ', out += facts.flag;
      break;
    case AuxKind::kill_conversion:
      if (instruction.aux >> 4 & 3)
        out += " conversion=" + std::to_string(instruction.aux >> 4 & 3);
      if (instruction.aux & kNoSpec) out += " nospec";
      break;
    case AuxKind::kill_count: out += " count=" + std::to_string(instruction.aux >> 4); break;
    case AuxKind::kill_which: out += " which=" + std::to_string(instruction.aux >> 4); break;
    case AuxKind::argc: out += " argc=" + std::to_string(instruction.aux); break;
    case AuxKind::mode: out += " mode=" + std::to_string(instruction.aux); break;
  }
  return out;
}

std::string quote(std::string_view text) {
  std::string out = "'";
  while (!text.empty()) append_quoted(out, take_code_point(text));
  return out += '\'';
}

std::string quote_bytes(std::string_view bytes) {
  std::string out = "b'";
  for (char byte : bytes) append_quoted(out, uint8_t(byte));
  return out += '\'';
}

bool valid_text(std::string_view text) {
  while (!text.empty()) {
    // Eight ASCII characters at a time.
    if (uint64_t word; text.size() >= 8) {
      std::memcpy(&word, text.data(), 8);
      if (!(word & 0x8080808080808080)) {
        text.remove_prefix(8);
        continue;
      }
    }
    size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_code_point(std::string& text, uint32_t code_point) {
  auto tail = [&](int shift) { text += char(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    text += char(code_point);
  } else if (code_point < 0x800) {
    text += char(0xC0 | code_point >> 6), tail(0);
  } else if (code_point < 0x10000) {
    text += char(0xE0 | code_point >> 12), tail(6), tail(0);
  } else {
    text += char(0xF0 | code_point >> 18), tail(12), tail(6), tail(0);
  }
}

uint32_t take_code_point(std::string_view& text) {
  uint8_t lead = uint8_t(text[0]);
  int length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint32_t code_point = length == 1 ? lead : lead & (0x7F >> length);
  for (int i = 1; i < length; ++i) code_point = code_point << 6 | (uint8_t(text[i]) & 0x3F);
  text.remove_prefix(length);
  return code_point;
}

}  // namespace dx::dpb
