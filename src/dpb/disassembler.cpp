#include "dpb/disassembler.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <set>
#include <unordered_map>

#include "dpb/instruction_text.h"

namespace dx::dpb {
namespace {

void append_hex(std::string& out, uint64_t value) {
  char digits[17];
  out.append(digits, std::to_chars(digits, digits + 16, value, 16).ptr);
}

std::string float_text(uint64_t bits) {
  double value = std::bit_cast<double>(bits);
  if (std::isnan(value)) {
    if (bits == 0x7FF8000000000000) return "nan";
    std::string text = "nan(0x";
    append_hex(text, bits);
    return text + ")";
  }
  char digits[64];
  std::string text(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  // An int literal and a float literal must differ.
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string big_text(const Constant& constant) {
  std::string text = constant.negative ? "-0x" : "0x";
  for (size_t at = constant.limbs.size(); at-- > 0;) {
    std::string digits;
    append_hex(digits, constant.limbs[at]);
    if (at + 1 != constant.limbs.size()) digits.insert(0, 16 - digits.size(), '0');
    text += digits;
  }
  return text;
}

std::string list_text(const std::vector<Constant>& items) {
  std::string text;
  for (size_t at = 0; at < items.size(); ++at) {
    if (at) text += ", ";
    text += constant_text(items[at]);
  }
  return text;
}

std::string part_text(int32_t value) { return value < 0 ? "?" : std::to_string(value); }

std::string position_text(const SourcePosition& at) {
  if (at == SourcePosition{}) return "-";
  return part_text(at.line) + ":" + part_text(at.column) + "-" + part_text(at.end_line) + ":" +
         part_text(at.end_column);
}

std::string flags_text(uint32_t flags) {
  static constexpr struct {
    uint32_t bit;
    const char* name;
  } kNames[] = {{kCoOptimized, "OPTIMIZED"},
                {kCoNewLocals, "NEWLOCALS"},
                {kCoVarArgs, "VARARGS"},
                {kCoVarKeywords, "VARKEYWORDS"},
                {kCoNested, "NESTED"},
                {kCoGenerator, "GENERATOR"},
                {kCoCoroutine, "COROUTINE"},
                {kCoIterableCoroutine, "ITERABLE_COROUTINE"},
                {kCoAsyncGenerator, "ASYNC_GENERATOR"},
                {kCoFutureAnnotations, "FUTURE_ANNOTATIONS"},
                {kCoHasDocstring, "HAS_DOCSTRING"},
                {kCoMethod, "METHOD"}};
  std::string text;
  for (auto [bit, name] : kNames) {
    if (flags & bit) text += ' ', text += name;
  }
  return text;
}

class Printer {
 public:
  std::string print(const CodeUnit& root) {
    out_ = "dpb 1\n";
    collect(root);
    for (size_t index = 0; index < units_.size(); ++index) block(index);
    return std::move(out_);
  }

 private:
  std::string out_;
  std::vector<const CodeUnit*> units_;
  std::unordered_map<const CodeUnit*, size_t> numbers_;

  void collect(const CodeUnit& unit) {
    if (!numbers_.try_emplace(&unit, units_.size()).second) return;
    units_.push_back(&unit);
    for (const Constant& constant : unit.constants) {
      if (constant.kind == Constant::Kind::code && constant.code) collect(*constant.code);
    }
  }

  void line(const std::string& text) { out_ += "  ", out_ += text, out_ += '\n'; }
  void name_list(const char* word, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::string text = word;
    for (const std::string& name : names) text += ' ', text += quote(name);
    line(text);
  }

  void block(size_t number) {
    const CodeUnit& unit = *units_[number];
    out_ += "\ncode " + std::to_string(number) + " " + quote(unit.name) + " qualname " +
            quote(unit.qualname) + "\n";
    line("first_line " + std::to_string(unit.first_line));
    std::string flags = "flags 0x";
    append_hex(flags, unit.flags);
    if (unit.flags) flags += "  ;" + flags_text(unit.flags);
    line(flags);
    line("arguments " + std::to_string(unit.argument_count) + " positional_only " +
         std::to_string(unit.positional_only) + " keyword_only " +
         std::to_string(unit.keyword_only));
    line("registers " + std::to_string(unit.register_count));
    name_list("varnames", unit.varnames);
    name_list("cellvars", unit.cellvars);
    name_list("freevars", unit.freevars);
    for (size_t at = 0; at < unit.names.size(); ++at)
      line("name &" + std::to_string(at) + " " + quote(unit.names[at]));
    for (size_t at = 0; at < unit.constants.size(); ++at) {
      const Constant& constant = unit.constants[at];
      std::string text = constant_text(constant);
      if (constant.kind == Constant::Kind::code && constant.code) {
        text += " " + std::to_string(numbers_[constant.code.get()]) + "  ; " +
                quote(constant.code->qualname);
      }
      line("constant $" + std::to_string(at) + " " + text);
    }
    for (size_t at = 0; at < unit.sites.size(); ++at) {
      const CacheSite& site = unit.sites[at];
      std::string text = "site @" + std::to_string(at) + " ";
      text += int(site.kind) < kSiteKindCount ? kSiteKindNames[int(site.kind)] : "unknown";
      if (site.name != CacheSite::kNoName) text += " &" + std::to_string(site.name);
      if (site.name < unit.names.size()) text += "  ; " + quote(unit.names[site.name]);
      line(text);
    }
    for (const TypeAnnotation& hint : unit.annotations)
      line("annotation " + quote(hint.name) + " " + quote(hint.text));
    body(unit);
  }

  void body(const CodeUnit& unit) {
    std::set<int64_t> targets;
    for (const ExceptionEntry& entry : unit.exceptions)
      targets.insert({entry.start, entry.end, entry.handler});
    auto jumps = [](Instruction instruction) {
      const OpInfo& facts = info(instruction.op);
      for (OperandKind kind : facts.kinds) {
        if (kind == OperandKind::jump || kind == OperandKind::jump32) return true;
      }
      return false;
    };
    for (size_t at = 0; at < unit.instructions.size(); ++at) {
      if (jumps(unit.instructions[at]))
        targets.insert(int64_t(at) + 1 + jump_distance(unit.instructions[at]));
    }
    std::unordered_map<int64_t, std::string> labels;
    for (int64_t target : targets) labels.emplace(target, "L" + std::to_string(labels.size() + 1));

    line(unit.positions.empty() ? "body without positions" : "body");
    std::vector<std::string> names = register_names(unit);
    for (size_t at = 0; at <= unit.instructions.size(); ++at) {
      if (auto label = labels.find(int64_t(at)); label != labels.end())
        out_ += "  " + label->second + ":\n";
      if (at == unit.instructions.size()) break;
      Instruction instruction = unit.instructions[at];
      std::string target;
      if (jumps(instruction)) target = labels[int64_t(at) + 1 + jump_distance(instruction)];
      std::string text = "    " + instruction_text(names, instruction, target);
      auto pad = [&](size_t column) {
        text.append(text.size() < column ? column - text.size() : 1, ' ');
      };
      if (at < unit.positions.size()) pad(56), text += "| " + position_text(unit.positions[at]);
      if (std::string note = comment(unit, instruction); !note.empty())
        pad(72), text += "; " + note;
      line(text);
    }
    for (const ExceptionEntry& entry : unit.exceptions) {
      line("try " + labels[entry.start] + " " + labels[entry.end] + " handler " +
           labels[entry.handler] + " depth " + std::to_string(entry.depth));
    }
    line("end");
  }

  // What a constant or site operand stands for.
  static std::string comment(const CodeUnit& unit, Instruction instruction) {
    const OpInfo& facts = info(instruction.op);
    const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
    for (int operand = 0; operand < 3; ++operand) {
      OperandKind kind = facts.kinds[operand];
      bool wide = kind == OperandKind::constant32 || kind == OperandKind::site32;
      uint32_t index = wide ? instruction.wide() : fields[operand];
      if (kind == OperandKind::constant || kind == OperandKind::constant32) {
        if (index >= unit.constants.size()) continue;
        const Constant& constant = unit.constants[index];
        if (constant.kind == Constant::Kind::code && constant.code)
          return quote(constant.code->qualname);
        std::string text = constant_text(constant);
        return text.size() > 40 ? text.substr(0, 37) + "..." : text;
      }
      if (kind == OperandKind::site || kind == OperandKind::site32) {
        if (index >= unit.sites.size() || unit.sites[index].name >= unit.names.size()) continue;
        return quote(unit.names[unit.sites[index].name]);
      }
    }
    return {};
  }
};

}  // namespace

std::string constant_text(const Constant& constant) {
  switch (constant.kind) {
    case Constant::Kind::none: return "None";
    case Constant::Kind::true_value: return "True";
    case Constant::Kind::false_value: return "False";
    case Constant::Kind::ellipsis: return "...";
    case Constant::Kind::int64: return std::to_string(int64_t(constant.bits[0]));
    case Constant::Kind::big_int: return big_text(constant);
    case Constant::Kind::float64: return float_text(constant.bits[0]);
    case Constant::Kind::complex:
      return "complex(" + float_text(constant.bits[0]) + ", " + float_text(constant.bits[1]) + ")";
    case Constant::Kind::str: return quote(constant.text);
    case Constant::Kind::bytes: return quote_bytes(constant.text);
    case Constant::Kind::tuple:
      return "(" + list_text(constant.items) + (constant.items.size() == 1 ? ",)" : ")");
    case Constant::Kind::frozenset: return "frozenset(" + list_text(constant.items) + ")";
    case Constant::Kind::slice: return "slice(" + list_text(constant.items) + ")";
    case Constant::Kind::code: return "code";
  }
  return "<unknown>";
}

std::string disassemble(const CodeUnit& unit) { return Printer().print(unit); }

}  // namespace dx::dpb
