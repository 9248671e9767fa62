#include "dpb/assembler.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <unordered_map>

#include "dpb/instruction_text.h"
#include "dpb/verifier.h"

namespace dx::dpb {
namespace {

bool is_space(char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; }
bool ends_word(char letter) {
  return is_space(letter) || letter == ';' || letter == ',' || letter == ')' || letter == '(';
}

// Reads one line from left to right; the first error sticks.
class Line {
 public:
  Line(std::string_view text, std::string& error) : rest_(text), error_(error) { skip(); }

  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }
  bool failed() const { return !error_.empty(); }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }

  // A run of characters without spaces and punctuation of literals.
  std::string_view word() {
    size_t size = 0;
    while (size < rest_.size() && !ends_word(rest_[size])) ++size;
    return take(size);
  }
  bool accept(std::string_view token) {
    if (rest_.substr(0, token.size()) != token) return false;
    take(token.size());
    return true;
  }
  // Takes the b off b'...': what follows is not skipped, it may be spaces of the text.
  bool accept_prefix(std::string_view token) {
    if (rest_.substr(0, token.size()) != token) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool accept_word(std::string_view wanted) {
    size_t size = wanted.size();
    if (rest_.substr(0, size) != wanted || (size < rest_.size() && !ends_word(rest_[size])))
      return false;
    take(size);
    return true;
  }
  bool expect(std::string_view token) {
    return accept(token) || fail("`" + std::string(token) + "` is missing");
  }
  bool expect_word(std::string_view wanted) {
    return accept_word(wanted) || fail("`" + std::string(wanted) + "` is missing");
  }
  bool finish() {
    return failed() ? false
                    : at_end() || fail("there is more on the line than belongs there: " +
                                       std::string(rest_.substr(0, 30)));
  }

  bool number(uint32_t& value) {
    std::string_view text = word();
    int base = 10;
    if (text.substr(0, 2) == "0x") text.remove_prefix(2), base = 16;
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc() || end != text.data() + text.size() || text.empty())
      return fail("a number is missing or too large");
    return true;
  }
  bool field(std::string_view name, uint32_t& value) { return expect_word(name) && number(value); }
  // `$3` where the next index is 3: lines of a table come in order, so that a deleted line is
  // noticed.
  bool index(char sigil, size_t expected) {
    uint32_t value;
    if (!accept(std::string_view(&sigil, 1)))
      return fail(std::string("an index with `") + sigil + "` is missing");
    if (!number(value)) return false;
    return value == expected ||
           fail(std::string("expected ") + sigil + std::to_string(expected) + " here");
  }
  bool quoted(std::string& value, bool bytes = false);

 private:
  std::string_view rest_;
  std::string& error_;

  std::string_view take(size_t size) {
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    skip();
    return taken;
  }
  void skip() {
    while (!rest_.empty() && is_space(rest_[0])) rest_.remove_prefix(1);
    if (!rest_.empty() && rest_[0] == ';') rest_ = {};
  }
};

bool Line::quoted(std::string& value, bool bytes) {
  if (rest_.empty() || rest_[0] != '\'') return fail("a quoted text is missing");
  value.clear();
  size_t at = 1;
  auto add = [&](uint32_t code_point) {
    bytes ? void(value += char(code_point)) : append_code_point(value, code_point);
  };
  for (;;) {
    if (at >= rest_.size()) return fail("a quoted text does not end");
    char letter = rest_[at++];
    if (letter == '\'') break;
    if (uint8_t(letter) >= 0x7F || uint8_t(letter) < 0x20)
      return fail("a quoted text is ASCII; write other characters as escapes");
    if (letter != '\\') {
      value += letter;
      continue;
    }
    if (at >= rest_.size()) return fail("a quoted text does not end");
    letter = rest_[at++];
    size_t digits = letter == 'x'             ? 2
                    : letter == 'u' && !bytes ? 4
                    : letter == 'U' && !bytes ? 8
                                              : 0;
    switch (letter) {
      case 'n': value += '\n'; continue;
      case 't': value += '\t'; continue;
      case 'r': value += '\r'; continue;
      case '\\': value += '\\'; continue;
      case '\'': value += '\''; continue;
    }
    uint32_t code_point = 0;
    if (digits == 0 || at + digits > rest_.size()) return fail("unknown escape in a quoted text");
    auto [end, problem] =
        std::from_chars(rest_.data() + at, rest_.data() + at + digits, code_point, 16);
    if (problem != std::errc() || end != rest_.data() + at + digits || code_point > 0x10FFFF) {
      return fail("unknown escape in a quoted text");
    }
    add(code_point);
    at += digits;
  }
  take(at);
  return true;
}

bool read_float(std::string_view text, uint64_t& bits) {
  if (text == "nan") return bits = 0x7FF8000000000000, true;
  double value;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return false;
  bits = std::bit_cast<uint64_t>(value);
  return true;
}

// `nan(0x7ff8000000000001)`, 1.5, -inf
bool float_literal(Line& line, uint64_t& bits) {
  std::string_view word = line.word();
  if (word == "nan" && line.accept("(")) {
    std::string_view digits = line.word();
    if (digits.substr(0, 2) != "0x") return line.fail("nan(0x...) is malformed");
    digits.remove_prefix(2);
    auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
    constexpr uint64_t kInfinity = 0x7FF0000000000000;
    if (problem != std::errc() || end != digits.data() + digits.size() ||
        (bits & ~(uint64_t{1} << 63)) <= kInfinity) {
      return line.fail("nan(0x...) is malformed");
    }
    return line.expect(")");
  }
  return read_float(word, bits) || line.fail("not a float: " + std::string(word));
}

bool number_literal(Line& line, Constant& out) {
  std::string_view word = line.word();
  bool negative = word.substr(0, 1) == "-";
  std::string_view digits = word.substr(negative);
  if (digits.substr(0, 2) == "0x") {
    digits.remove_prefix(2);
    if (digits.empty()) return line.fail("not a number: " + std::string(word));
    std::vector<uint64_t> limbs;
    while (!digits.empty()) {
      std::string_view part = digits.size() > 16 ? digits.substr(digits.size() - 16) : digits;
      digits.remove_suffix(part.size());
      uint64_t limb;
      auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), limb, 16);
      if (problem != std::errc() || end != part.data() + part.size())
        return line.fail("not a number: " + std::string(word));
      limbs.push_back(limb);
    }
    out = Constant::big(negative, std::move(limbs));
    return true;
  }
  if (digits.find_first_not_of("0123456789") == std::string_view::npos && !digits.empty()) {
    int64_t value;
    auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (problem != std::errc())
      return line.fail("integers beyond 64 bits are written in hexadecimal");
    out = Constant::integer(value);
    return true;
  }
  uint64_t bits;
  if (!read_float(word, bits)) return line.fail("not a literal: " + std::string(word));
  out = Constant();
  out.kind = Constant::Kind::float64;
  out.bits[0] = bits;
  return true;
}

bool literal(Line& line, Constant& out, int depth);

bool literals(Line& line, std::vector<Constant>& items, int depth) {
  while (!line.accept(")")) {
    items.emplace_back();
    if (!literal(line, items.back(), depth + 1)) return false;
    if (!line.accept(",")) return line.expect(")");
  }
  return true;
}

bool literal(Line& line, Constant& out, int depth) {
  if (depth > kMaxConstantNesting) return line.fail("a constant is nested too deeply");
  if (line.accept_word("None")) return out = Constant::none(), true;
  if (line.accept_word("True")) return out = Constant::boolean(true), true;
  if (line.accept_word("False")) return out = Constant::boolean(false), true;
  if (line.accept_word("...")) return out = Constant::ellipsis(), true;
  std::string text;
  if (line.peek() == '\'') {
    if (!line.quoted(text)) return false;
    return out = Constant::string(std::move(text)), true;
  }
  if (line.accept_prefix("b'")) {
    if (!line.quoted(text, true)) return false;
    return out = Constant::byte_string(std::move(text)), true;
  }
  std::vector<Constant> items;
  if (line.accept("frozenset(")) {
    if (!literals(line, items, depth)) return false;
    return out = Constant::frozen_set(std::move(items)), true;
  }
  if (line.accept("slice(")) {
    if (!literals(line, items, depth)) return false;
    if (items.size() != 3) return line.fail("a slice has three parts");
    out = Constant::tuple(std::move(items));
    out.kind = Constant::Kind::slice;
    return true;
  }
  if (line.accept("(")) {
    if (!literals(line, items, depth)) return false;
    return out = Constant::tuple(std::move(items)), true;
  }
  if (line.accept("complex(")) {
    out = Constant::imaginary(0, 0);
    return float_literal(line, out.bits[0]) && line.expect(",") &&
           float_literal(line, out.bits[1]) && line.expect(")");
  }
  if (line.peek() == 'n') {
    out = Constant::real(0);
    return float_literal(line, out.bits[0]);
  }
  return number_literal(line, out);
}

class Assembler {
 public:
  std::optional<std::string> assemble(std::string_view text, CodeUnit& out) {
    std::string error;
    while (error.empty() && next_line(text, error)) {
    }
    if (error.empty() && where_ == Where::in_header) error = "the last code block does not end";
    if (error.empty() && where_ == Where::in_body) error = "the last body does not end";
    if (error.empty() && units_.empty()) error = "there is no code block";
    if (error.empty()) link(error);
    if (!error.empty()) return (line_ ? "line " + std::to_string(line_) + ": " : "") + error;
    out = std::move(*units_[0]);
    return std::nullopt;
  }

 private:
  enum class Where { start, outside, in_header, in_body };
  struct Reference {
    uint32_t constant, unit;
  };
  struct Jump {
    size_t instruction;
    std::string label;
    size_t line;
  };
  struct Try {
    std::string start, end, handler;
    uint32_t depth;
    size_t line;
  };

  Where where_ = Where::start;
  size_t line_ = 0;
  std::vector<std::shared_ptr<CodeUnit>> units_;
  std::vector<std::vector<Reference>> references_;  // of each unit

  // Of the body being read.
  bool positions_ = false;
  uint32_t first_temporary_ = 0;
  std::unordered_map<std::string, uint32_t> registers_;
  std::unordered_map<std::string, uint32_t> labels_;
  std::vector<Jump> jumps_;
  std::vector<Try> tries_;

  CodeUnit& unit() { return *units_.back(); }

  // Takes one line off `text`; false at the end or after an error.
  bool next_line(std::string_view& text, std::string& error) {
    if (text.empty()) {
      line_ = 0;
      return false;
    }
    size_t size = text.find('\n');
    Line line(text.substr(0, size), error);
    text.remove_prefix(size == std::string_view::npos ? text.size() : size + 1);
    ++line_;
    if (line.at_end()) return true;
    switch (where_) {
      case Where::start:
        where_ = Where::outside;
        return (line.accept_word("dpb") && line.accept_word("1"))
                   ? line.finish()
                   : line.fail("the text starts with `dpb 1`");
      case Where::outside: return code_line(line);
      case Where::in_header: return header_line(line);
      case Where::in_body: return body_line(line);
    }
    return false;
  }

  bool code_line(Line& line) {
    uint32_t number;
    if (!line.field("code", number)) return false;
    if (number != units_.size())
      return line.fail("expected code " + std::to_string(units_.size()) + " here");
    units_.push_back(std::make_shared<CodeUnit>());
    references_.emplace_back();
    where_ = Where::in_header;
    return line.quoted(unit().name) && line.expect_word("qualname") &&
           line.quoted(unit().qualname) && line.finish();
  }

  bool header_line(Line& line) {
    CodeUnit& code = unit();
    if (line.accept_word("first_line")) return line.number(code.first_line) && line.finish();
    if (line.accept_word("flags")) return line.number(code.flags) && line.finish();
    if (line.accept_word("registers")) return line.number(code.register_count) && line.finish();
    if (line.accept_word("arguments")) {
      return line.number(code.argument_count) &&
             line.field("positional_only", code.positional_only) &&
             line.field("keyword_only", code.keyword_only) && line.finish();
    }
    if (line.accept_word("varnames")) return name_list(line, code.varnames);
    if (line.accept_word("cellvars")) return name_list(line, code.cellvars);
    if (line.accept_word("freevars")) return name_list(line, code.freevars);
    if (line.accept_word("name")) {
      if (!line.index('&', code.names.size())) return false;
      code.names.emplace_back();
      return line.quoted(code.names.back()) && line.finish();
    }
    if (line.accept_word("constant")) return constant_line(line);
    if (line.accept_word("site")) return site_line(line);
    if (line.accept_word("annotation")) {
      code.annotations.emplace_back();
      return line.quoted(code.annotations.back().name) &&
             line.quoted(code.annotations.back().text) && line.finish();
    }
    if (line.accept_word("body")) return start_body(line);
    return line.fail("unknown line: " + std::string(line.word()));
  }

  static bool name_list(Line& line, std::vector<std::string>& names) {
    if (!names.empty()) return line.fail("the names are given twice");
    while (!line.at_end()) {
      names.emplace_back();
      if (!line.quoted(names.back())) return false;
    }
    return true;
  }

  bool constant_line(Line& line) {
    CodeUnit& code = unit();
    if (!line.index('$', code.constants.size())) return false;
    code.constants.emplace_back();
    if (line.accept_word("code")) {
      uint32_t number;
      if (!line.number(number)) return false;
      references_.back().push_back({uint32_t(code.constants.size() - 1), number});
      return line.finish();
    }
    return literal(line, code.constants.back(), 0) && line.finish();
  }

  bool site_line(Line& line) {
    CodeUnit& code = unit();
    if (!line.index('@', code.sites.size())) return false;
    std::string_view word = line.word();
    const auto* found = std::find(std::begin(kSiteKindNames), std::end(kSiteKindNames), word);
    if (found == std::end(kSiteKindNames))
      return line.fail("unknown kind of site: " + std::string(word));
    CacheSite site;
    site.kind = SiteKind(found - std::begin(kSiteKindNames));
    if (line.accept("&") && !line.number(site.name)) return false;
    code.sites.push_back(site);
    return line.finish();
  }

  bool start_body(Line& line) {
    positions_ = !line.accept_word("without");
    if (!positions_ && !line.expect_word("positions")) return false;
    if (unit().varnames.size() + unit().cellvars.size() + unit().freevars.size() > 65535)
      return line.fail("too many variables");
    registers_.clear(), labels_.clear(), jumps_.clear(), tries_.clear();
    std::vector<std::string> names = register_names(unit());
    first_temporary_ = uint32_t(names.size());
    for (uint32_t at = 0; at < names.size(); ++at) {
      registers_.emplace(names[at], at);
      registers_.emplace("%#" + std::to_string(at), at);
    }
    where_ = Where::in_body;
    return line.finish();
  }

  bool body_line(Line& line) {
    CodeUnit& code = unit();
    if (line.accept_word("end")) {
      where_ = Where::outside;
      return line.finish() && end_body(line);
    }
    if (line.accept_word("try")) {
      Try entry;
      entry.line = line_;
      entry.start = line.word(), entry.end = line.word();
      if (!line.expect_word("handler")) return false;
      entry.handler = line.word();
      if (!line.field("depth", entry.depth)) return false;
      tries_.push_back(std::move(entry));
      return line.finish();
    }
    std::string_view word = line.word();
    if (word.size() > 1 && word.back() == ':') {
      std::string label(word.substr(0, word.size() - 1));
      if (!labels_.emplace(label, uint32_t(code.instructions.size())).second) {
        return line.fail("label " + label + " stands twice");
      }
      return line.finish();
    }
    bool found;
    Op op = op_named(word, found);
    if (!found) return line.fail("there is no op " + std::string(word));
    return instruction(line, op);
  }

  bool instruction(Line& line, Op op) {
    CodeUnit& code = unit();
    const OpInfo& facts = info(op);
    Instruction made{uint8_t(op), 0, 0, 0, 0};
    bool given[3] = {false, false, false};
    bool aux_given = false;
    while (!line.at_end() && line.peek() != '|') {
      std::string_view word = line.word();
      if (word.empty()) return line.fail("unexpected `" + std::string(1, line.peek()) + "`");
      size_t equals = word.find('=');
      if (equals == std::string_view::npos) {
        if (!aux_word(made, facts, word))
          return line.fail(std::string(facts.name) + " has no word " + std::string(word));
        continue;
      }
      std::string_view name = word.substr(0, equals), value = word.substr(equals + 1);
      int operand = 0;
      while (operand < 3 &&
             (facts.kinds[operand] == OperandKind::none || name != facts.operand_names[operand]))
        ++operand;
      if (operand < 3) {
        if (given[operand]) return line.fail("operand " + std::string(name) + " stands twice");
        given[operand] = true;
        if (!this->operand(line, made, operand, value)) return false;
      } else {
        if (!aux_value(line, made, facts, name, value, aux_given)) return false;
      }
    }
    for (int operand = 0; operand < 3; ++operand) {
      if (given[operand] != operand_used(made, operand)) {
        return line.fail("operand " + std::string(facts.operand_names[operand]) +
                         (given[operand] ? " is not used by this form" : " is missing"));
      }
    }
    bool wants_aux = facts.aux == AuxKind::argc || facts.aux == AuxKind::mode ||
                     facts.aux == AuxKind::kill_count || facts.aux == AuxKind::kill_which;
    if (wants_aux && !aux_given) return line.fail("argc, mode, count or which is missing");
    code.instructions.push_back(made);
    if (line.accept("|")) {
      if (!positions_) return line.fail("this body is without positions");
      code.positions.emplace_back();
      return position(line, code.positions.back()) && line.finish();
    }
    if (positions_) return line.fail("the position is missing");
    return line.finish();
  }

  static bool aux_word(Instruction& made, const OpInfo& facts, std::string_view word) {
    if (facts.aux == AuxKind::kill_sense && word == "unless") return made.aux |= kSense, true;
    if (facts.aux == AuxKind::kill_flag && word == facts.flag) return made.aux |= kFlag, true;
    if (facts.aux == AuxKind::kill_conversion && word == "nospec") return made.aux |= kNoSpec, true;
    return false;
  }

  bool aux_value(Line& line, Instruction& made, const OpInfo& facts, std::string_view name,
                 std::string_view text, bool& given) {
    struct {
      AuxKind kind;
      const char* name;
      int shift, limit;
    } forms[] = {{AuxKind::argc, "argc", 0, 255},
                 {AuxKind::mode, "mode", 0, 255},
                 {AuxKind::kill_conversion, "conversion", 4, 3},
                 {AuxKind::kill_count, "count", 4, 15},
                 {AuxKind::kill_which, "which", 4, 15}};
    for (auto& form : forms) {
      if (facts.aux != form.kind || name != form.name) continue;
      int64_t value;
      if (given) return line.fail("operand " + std::string(name) + " stands twice");
      if (!integer(line, text, 0, form.limit, value)) return false;
      made.aux |= uint8_t(value << form.shift);
      return given = true;
    }
    return line.fail(std::string(facts.name) + " has no operand " + std::string(name));
  }

  static bool integer(Line& line, std::string_view text, int64_t low, int64_t high,
                      int64_t& value) {
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < low || value > high) {
      return line.fail("not a number between " + std::to_string(low) + " and " +
                       std::to_string(high) + ": " + std::string(text));
    }
    return true;
  }

  bool operand(Line& line, Instruction& made, int operand, std::string_view value) {
    const OpInfo& facts = info(made.op);
    uint16_t* fields[3] = {&made.a, &made.b, &made.c};
    OperandKind kind = facts.kinds[operand];
    int64_t number = 0;
    auto indexed = [&](char sigil, int64_t limit) {
      if (value.substr(0, 1) != std::string_view(&sigil, 1))
        return line.fail(std::string("an index with `") + sigil + "` is missing");
      return integer(line, value.substr(1), 0, limit, number);
    };
    switch (kind) {
      case OperandKind::none: return false;
      case OperandKind::constant:
        if (!indexed('$', 65535)) return false;
        break;
      case OperandKind::constant32:
        if (!indexed('$', UINT32_MAX)) return false;
        made.set_wide(uint32_t(number));
        return true;
      case OperandKind::site:
        if (!indexed('@', 65535)) return false;
        break;
      case OperandKind::site32:
        if (!indexed('@', UINT32_MAX)) return false;
        made.set_wide(uint32_t(number));
        return true;
      case OperandKind::int16:
        if (!integer(line, value, INT16_MIN, INT16_MAX, number)) return false;
        break;
      case OperandKind::int32:
        if (!integer(line, value, INT32_MIN, INT32_MAX, number)) return false;
        made.set_wide(uint32_t(number));
        return true;
      case OperandKind::jump:
      case OperandKind::jump32:
        jumps_.push_back({unit().instructions.size(), std::string(value), line_});
        return true;
      case OperandKind::count:
      case OperandKind::mode:
        if (!integer(line, value, 0, 65535, number)) return false;
        break;
      default: {
        if (!value.empty() && value.back() == '!') {
          const uint8_t bits[3] = {kKillA, kKillB, kKillC};
          bool kills = facts.aux >= AuxKind::kill && facts.aux <= AuxKind::kill_which;
          if (kind != OperandKind::in || !kills)
            return line.fail("this operand cannot be killed: " + std::string(value));
          made.aux |= bits[operand];
          value.remove_suffix(1);
        }
        if (!register_number(line, value, number)) return false;
      }
    }
    *fields[operand] = uint16_t(number);
    return true;
  }

  bool register_number(Line& line, std::string_view text, int64_t& number) {
    if (auto found = registers_.find(std::string(text)); found != registers_.end())
      return number = found->second, true;
    if (text.substr(0, 1) == "t") {
      if (!integer(line, text.substr(1), 0, 65535 - int64_t{first_temporary_}, number))
        return false;
      number += first_temporary_;
      return true;
    }
    return line.fail("there is no register " + std::string(text));
  }

  // `3:4-3:15`, parts may be `?`; `-` for none.
  bool position(Line& line, SourcePosition& at) {
    std::string_view text = line.word();
    if (text == "-") return true;
    int32_t* parts[4] = {&at.line, &at.column, &at.end_line, &at.end_column};
    const char marks[4] = {':', '-', ':', '\0'};
    for (int part = 0; part < 4; ++part) {
      size_t end = marks[part] ? text.find(marks[part]) : text.size();
      if (end == std::string_view::npos)
        return line.fail("a position is written line:column-line:column");
      std::string_view value = text.substr(0, end);
      int64_t number = -1;
      if (value != "?" && !integer(line, value, 0, INT32_MAX, number)) return false;
      *parts[part] = int32_t(number);
      text.remove_prefix(marks[part] ? end + 1 : end);
    }
    return true;
  }

  bool end_body(Line& line) {
    CodeUnit& code = unit();
    auto find = [&](const std::string& label, size_t at, uint32_t& place) {
      auto found = labels_.find(label);
      if (found == labels_.end()) {
        line_ = at;
        return line.fail("there is no label " + label);
      }
      place = found->second;
      return true;
    };
    for (const Jump& jump : jumps_) {
      uint32_t target;
      if (!find(jump.label, jump.line, target)) return false;
      Instruction& made = code.instructions[jump.instruction];
      const OpInfo& facts = info(made.op);
      int64_t distance = int64_t{target} - int64_t(jump.instruction) - 1;
      if (facts.kinds[1] == OperandKind::jump32) {
        made.set_wide(uint32_t(int32_t(distance)));
        continue;
      }
      if (distance < INT16_MIN || distance > INT16_MAX) {
        line_ = jump.line;
        return line.fail("label " + jump.label + " is too far away for this op");
      }
      (facts.kinds[0] == OperandKind::jump ? made.a : made.c) = uint16_t(distance);
    }
    for (const Try& entry : tries_) {
      ExceptionEntry made{};
      made.depth = entry.depth;
      if (!find(entry.start, entry.line, made.start) || !find(entry.end, entry.line, made.end) ||
          !find(entry.handler, entry.line, made.handler)) {
        return false;
      }
      code.exceptions.push_back(made);
    }
    return true;
  }

  // Hangs the blocks into each other. Each but the first is a constant of exactly one block before
  // it.
  void link(std::string& error) {
    line_ = 0;
    std::vector<int> depth(units_.size(), -1);
    depth[0] = 0;
    for (size_t parent = 0; parent < units_.size(); ++parent) {
      if (depth[parent] < 0) {
        error = "code " + std::to_string(parent) + " is no constant of a block before it";
        return;
      }
      for (const Reference& reference : references_[parent]) {
        if (reference.unit >= units_.size() || reference.unit <= parent ||
            depth[reference.unit] >= 0) {
          error = "code " + std::to_string(reference.unit) +
                  (reference.unit >= units_.size() ? " does not exist"
                                                   : " is a constant of two places or of itself");
          return;
        }
        depth[reference.unit] = depth[parent] + 1;
        if (depth[reference.unit] > kMaxCodeNesting) {
          error = "code objects are nested too deeply";
          return;
        }
      }
    }
    for (size_t parent = 0; parent < units_.size(); ++parent) {
      for (const Reference& reference : references_[parent]) {
        units_[parent]->constants[reference.constant] = Constant::nested(units_[reference.unit]);
      }
    }
  }
};

}  // namespace

std::optional<std::string> assemble(std::string_view text, CodeUnit& out) {
  return Assembler().assemble(text, out);
}

}  // namespace dx::dpb
