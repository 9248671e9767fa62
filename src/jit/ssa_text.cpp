#include "jit/ssa_text.h"

#include <bit>
#include <cctype>
#include <charconv>
#include <cstdio>

#include "jit/ssa_read.h"

namespace dx::jit {
namespace {

constexpr const char* kTypes[] = {"none", "i8", "i16", "i32", "i64", "f64"};
constexpr const char* kConvs[] = {"unit", "system", "cold"};
constexpr const char* kConds[] = {"eq",  "ne",  "slt", "sle", "sgt",
                                  "sge", "ult", "ule", "ugt", "uge"};
constexpr const char* kFloatConds[] = {"eq", "ne", "lt", "le", "gt", "ge", "ordered", "unordered"};
constexpr const char* kRegions[kRegionCount] = {
    "any",     "frame",   "object",   "count",    "cache",    "context",  "unit_data", "items",
    "region8", "region9", "region10", "region11", "region12", "region13", "region14",  "region15"};

// ---------------------------------------------------------------- printing

class Printer {
 public:
  explicit Printer(const SsaUnit& unit) : unit_(unit) {}

  std::string print() {
    put(kConvs[static_cast<int>(unit_.sig.conv)]);
    signature_tail(unit_.sig);
    if (unit_.symbol_count) put(" symbols ", std::to_string(unit_.symbol_count));
    if (unit_.data_size) put(" data ", std::to_string(unit_.data_size));
    put("\n");
    for (size_t i = 0; i < unit_.sigs.size(); ++i) {
      put("sig", std::to_string(i), " = ", kConvs[static_cast<int>(unit_.sigs[i].conv)]);
      signature_tail(unit_.sigs[i]);
      put("\n");
    }
    for (size_t i = 0; i < unit_.exits.size(); ++i) {
      put("exit", std::to_string(i), " [");
      values(unit_.exits[i]);
      put("]\n");
    }
    for (size_t i = 0; i < unit_.blocks.size(); ++i) block(i);
    return std::move(out_);
  }

 private:
  template <typename... Parts>
  void put(const Parts&... parts) {
    (out_.append(parts), ...);
  }
  void value(uint32_t id) { put("v", std::to_string(id)); }
  void values(std::span<const uint32_t> ids) {
    for (size_t i = 0; i < ids.size(); ++i) {
      if (i) put(", ");
      value(ids[i]);
    }
  }
  void signature_tail(const Signature& sig) {
    put(" (");
    for (size_t i = 0; i < sig.params.size(); ++i) put(i ? ", " : "", type_name(sig.params[i]));
    put(")");
    if (sig.ret != Type::none) put(" -> ", type_name(sig.ret));
  }
  void target(uint32_t block, std::span<const uint32_t> args) {
    put("block", std::to_string(block));
    if (args.empty()) return;
    put("(");
    values(args);
    put(")");
  }

  void block(size_t index) {
    const SsaBlock& block = unit_.blocks[index];
    put("block", std::to_string(index));
    if (!block.params.empty()) {
      put("(");
      for (size_t i = 0; i < block.params.size(); ++i) {
        if (i) put(", ");
        value(block.first_param + static_cast<uint32_t>(i));
        put(": ", type_name(block.params[i]));
      }
      put(")");
    }
    put(block.cold ? " cold:\n" : ":\n");
    for (const SsaInst& inst : block.insts) {
      put("  ");
      instruction(inst);
      put("\n");
    }
  }

  void address(uint32_t base, uint32_t offset) {
    value(base);
    int32_t signed_offset = static_cast<int32_t>(offset);
    if (signed_offset >= 0) put("+");
    put(std::to_string(signed_offset));
  }

  void instruction(const SsaInst& inst) {
    for (uint32_t i = 0; i < inst.result_count; ++i) {
      if (i) put(", ");
      value(inst.first_result + i);
    }
    if (inst.result_count) put(" = ");
    put(op_info(inst.op).name);
    if (inst.type != Type::none) put(".", type_name(inst.type));
    operands(inst, inst.words);
  }

  void operands(const SsaInst& inst, std::span<const uint32_t> words) {
    switch (inst.shape) {
      case Shape::constant: {
        uint64_t bits = words[0] | static_cast<uint64_t>(words[1]) << 32;
        if (inst.op == Op::iconst) {
          put(" ", std::to_string(static_cast<int64_t>(bits)));
        } else {
          char text[80];
          std::snprintf(text, sizeof text, " 0x%016llx  ; %.17g",
                        static_cast<unsigned long long>(bits), std::bit_cast<double>(bits));
          put(text);
        }
        break;
      }
      case Shape::int_compare: put(" ", kConds[inst.third]); [[fallthrough]];
      case Shape::float_compare:
        if (inst.shape == Shape::float_compare) put(" ", kFloatConds[inst.third]);
        [[fallthrough]];
      case Shape::unary:
      case Shape::binary:
      case Shape::binary_overflow:
      case Shape::widen:
      case Shape::narrow:
      case Shape::bitcast:
      case Shape::int_to_float:
      case Shape::float_to_int:
      case Shape::select:
      case Shape::atomic_load:
      case Shape::atomic_store:
      case Shape::atomic_add:
      case Shape::atomic_swap_if:
      case Shape::consume:
        put(" ");
        values(words);
        break;
      case Shape::load:
        put(" ", kRegions[inst.third & 0xf], " ");
        address(words[0], words[1]);
        if (inst.third & kFixedLoad) put(" fixed");
        break;
      case Shape::store:
        put(" ", kRegions[inst.third & 0xf], " ");
        value(words[0]);
        put(", ");
        address(words[1], words[2]);
        break;
      case Shape::data:
      case Shape::mark: put(" ", std::to_string(words[0])); break;
      case Shape::call_indexed:
      case Shape::call_value:
        put(" sig", std::to_string(words[0]), inst.shape == Shape::call_value ? " v" : " #",
            std::to_string(words[1]), " (");
        values(words.subspan(3));
        put(")");
        break;
      case Shape::guard:
        put(" ");
        value(words[0]);
        put(", exit", std::to_string(words[1]));
        break;
      case Shape::jump:
        put(" ");
        target(words[0], words.subspan(2));
        break;
      case Shape::branch: {
        uint32_t count = words[2];
        put(" ");
        value(words[0]);
        put(", ");
        target(words[1], words.subspan(3, count));
        put(", ");
        target(words[3 + count], words.subspan(5 + count));
        break;
      }
      case Shape::jump_table:
        put(" ");
        value(words[0]);
        put(", block", std::to_string(words[1]), ", [");
        for (size_t i = 3; i < words.size(); ++i)
          put(i > 3 ? ", block" : "block", std::to_string(words[i]));
        put("]");
        break;
      case Shape::ret:
        if (words[0]) put(" ");
        values(words.subspan(1));
        break;
      case Shape::leave: put(" exit", std::to_string(words[0])); break;
      case Shape::none:
      case Shape::nothing:
      case Shape::produce: break;
    }
  }

  const SsaUnit& unit_;
  std::string out_;
};

// ---------------------------------------------------------------- parsing

class Parser {
 public:
  Parser(std::string_view text, std::string& error) : rest_(text), error_(error) {}

  bool parse(SsaBuffer& out) {
    out.assign(kSsaHeaderWords, 0);
    out[kHeadMagic] = kSsaMagic;
    out[kHeadVersion] = kSsaVersion;
    if (!next_line()) return fail("empty text");
    uint32_t conv = 0;
    std::vector<uint32_t> params;
    if (!choose(kConvs, conv, "a convention") || !signature_tail(params, conv)) return false;
    out[kHeadConv] = conv;
    if (word("symbols") && !number(out[kHeadSymbols])) return false;
    if (word("data") && !number(out[kHeadDataSize])) return false;
    if (!line_end()) return false;
    bool more = next_line();
    for (; more && word("sig"); more = next_line(), ++out[kHeadSignatures]) {
      params.clear();
      if (!numbered(out[kHeadSignatures]) || !symbol('=') ||
          !choose(kConvs, conv, "a convention") || !signature_tail(params, conv) || !line_end()) {
        return false;
      }
      Signature sig{static_cast<Conv>(conv & 0xff), static_cast<Type>(conv >> 8), {}};
      out.push_back(conv | static_cast<uint32_t>(params.size()) << 16);
      out.insert(out.end(), params.begin(), params.end());
      rets_.push_back(sig.ret);
    }
    for (; more && word("exit"); more = next_line(), ++out[kHeadExits]) {
      std::vector<uint32_t> ids;
      if (!numbered(out[kHeadExits]) || !symbol('[') || !values(ids, ']') || !symbol(']') ||
          !line_end())
        return false;
      out.push_back(static_cast<uint32_t>(ids.size()));
      out.insert(out.end(), ids.begin(), ids.end());
    }
    while (more) {
      if (!word("block") || !numbered(out[kHeadBlocks])) return fail("a block is expected here");
      if (!block(out, more)) return false;
      ++out[kHeadBlocks];
    }
    out[kHeadValues] = next_value_;
    out[kHeadWords] = static_cast<uint32_t>(out.size());
    return true;
  }

 private:
  bool fail(const std::string& what) {
    if (error_.empty()) error_ = "line " + std::to_string(line_number_) + ": " + what;
    return false;
  }

  // Lines: comments and blank ones vanish here.
  bool next_line() {
    while (!rest_.empty()) {
      size_t end = rest_.find('\n');
      line_ = rest_.substr(0, end);
      rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
      ++line_number_;
      line_ = line_.substr(0, line_.find(';'));
      skip();
      if (!line_.empty()) return true;
    }
    return false;
  }
  bool line_end() {
    skip();
    return line_.empty() || fail("unexpected `" + std::string(line_) + "`");
  }
  void skip() {
    while (!line_.empty() && (line_[0] == ' ' || line_[0] == '\t' || line_[0] == '\r'))
      line_.remove_prefix(1);
  }
  bool is_symbol(char c) {
    skip();
    if (line_.empty() || line_[0] != c) return false;
    line_.remove_prefix(1);
    return true;
  }
  bool symbol(char c) { return is_symbol(c) || fail(std::string("`") + c + "` is expected"); }
  // A keyword, possibly with a number glued to it.
  bool word(std::string_view text) {
    skip();
    if (!line_.starts_with(text)) return false;
    line_.remove_prefix(text.size());
    return true;
  }
  std::string_view name() {
    skip();
    size_t length = 0;
    while (length < line_.size() &&
           (std::isalnum(static_cast<unsigned char>(line_[length])) || line_[length] == '_')) {
      ++length;
    }
    std::string_view found = line_.substr(0, length);
    line_.remove_prefix(length);
    return found;
  }
  template <size_t N>
  bool choose(const char* const (&names)[N], uint32_t& out, const char* what) {
    std::string_view found = name();
    for (uint32_t i = 0; i < N; ++i) {
      if (found == names[i]) {
        out = i;
        return true;
      }
    }
    return fail(std::string(what) + " is expected, not `" + std::string(found) + "`");
  }
  template <typename Number>
  bool number(Number& out) {
    skip();
    auto [end, code] = std::from_chars(line_.data(), line_.data() + line_.size(), out);
    if (code != std::errc()) return fail("a number is expected");
    line_.remove_prefix(static_cast<size_t>(end - line_.data()));
    return true;
  }
  bool numbered(uint32_t expected) {
    uint32_t found = 0;
    if (!number(found)) return false;
    return found == expected || fail("number " + std::to_string(expected) + " comes next");
  }
  bool value(uint32_t& id) {
    skip();
    if (line_.empty() || line_[0] != 'v') return fail("a value is expected");
    line_.remove_prefix(1);
    return number(id);
  }
  bool values(std::vector<uint32_t>& out, char close) {
    skip();
    if (!line_.empty() && line_[0] == close) return true;
    do {
      if (!value(out.emplace_back())) return false;
    } while (is_symbol(','));
    return true;
  }
  bool type(uint32_t& out) { return choose(kTypes, out, "a type"); }

  // (types) -> type; the result type goes into bits 8.. of `conv`.
  bool signature_tail(std::vector<uint32_t>& params, uint32_t& conv) {
    if (!symbol('(')) return false;
    skip();
    if (!is_symbol(')')) {
      do {
        if (!type(params.emplace_back())) return false;
      } while (is_symbol(','));
      if (!symbol(')')) return false;
    }
    uint32_t ret = 0;
    if (word("->") && !type(ret)) return false;
    conv |= ret << 8;
    return true;
  }

  // Everything of one block up to the next block's line, which is left read.
  bool block(SsaBuffer& out, bool& more) {
    size_t head = out.size();
    out.push_back(0);
    out.push_back(0);
    if (is_symbol('(')) {
      do {
        uint32_t id = 0, ty = 0;
        if (!value(id) || !symbol(':') || !type(ty)) return false;
        if (id != next_value_) return fail("v" + std::to_string(next_value_) + " comes next");
        if (out[head] == 0xffff) return fail("too many parameters");
        ++next_value_;
        ++out[head];
        out.push_back(ty);
      } while (is_symbol(','));
      if (!symbol(')')) return false;
    }
    if (word("cold")) out[head] |= 1u << 16;
    if (!symbol(':') || !line_end()) return false;
    while ((more = next_line()) && !line_.starts_with("block")) {
      if (!instruction(out) || !line_end()) return false;
      ++out[head + 1];
      ++out[kHeadInsts];
    }
    return true;
  }

  bool instruction(SsaBuffer& out) {
    std::vector<uint32_t> results;
    skip();
    if (line_.size() > 1 && line_[0] == 'v' && std::isdigit(static_cast<unsigned char>(line_[1]))) {
      if (!values(results, '=') || !symbol('=')) return false;
    }
    std::string_view op_name = name();
    uint32_t op = 0, ty = 0;
    while (op < 256 && (!op_info(static_cast<uint8_t>(op)).name ||
                        op_name != op_info(static_cast<uint8_t>(op)).name)) {
      ++op;
    }
    if (op == 256) return fail("unknown operation `" + std::string(op_name) + "`");
    if (is_symbol('.') && !type(ty)) return false;
    size_t head = out.size();
    out.push_back(op | ty << 8);
    const OpInfo& info = op_info(static_cast<uint8_t>(op));
    uint32_t expected = 0;
    if (!operands(info, static_cast<Op>(op), out, head, expected)) return false;
    if (results.size() != expected) return fail("wrong number of results");
    for (uint32_t id : results) {
      if (id != next_value_) return fail("v" + std::to_string(next_value_) + " comes next");
      ++next_value_;
    }
    return true;
  }

  bool list(SsaBuffer& out, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (i && !symbol(',')) return false;
      uint32_t id = 0;
      if (!value(id)) return false;
      out.push_back(id);
    }
    return true;
  }
  bool address(SsaBuffer& out) {
    uint32_t id = 0;
    int32_t offset = 0;
    if (!value(id)) return false;
    skip();
    if (is_symbol('+') || line_.starts_with("-")) {
      if (!number(offset)) return false;
    }
    out.push_back(id);
    out.push_back(static_cast<uint32_t>(offset));
    return true;
  }
  bool target(SsaBuffer& out) {
    uint32_t block = 0;
    std::vector<uint32_t> args;
    if (!word("block")) return fail("a block is expected");
    if (!number(block)) return false;
    if (is_symbol('(') && (!values(args, ')') || !symbol(')'))) return false;
    out.push_back(block);
    out.push_back(static_cast<uint32_t>(args.size()));
    out.insert(out.end(), args.begin(), args.end());
    return true;
  }
  bool plain_number(SsaBuffer& out, std::string_view prefix) {
    uint32_t found = 0;
    if (!prefix.empty() && !word(prefix)) return fail("`" + std::string(prefix) + "` is expected");
    if (!number(found)) return false;
    out.push_back(found);
    return true;
  }

  bool operands(const OpInfo& info, Op op, SsaBuffer& out, size_t head, uint32_t& results) {
    uint32_t third = 0;
    results = 1;
    switch (info.shape) {
      case Shape::constant: {
        uint64_t bits = 0;
        if (op == Op::iconst) {
          int64_t found = 0;
          if (!number(found)) return false;
          bits = static_cast<uint64_t>(found);
        } else {
          if (!word("0x")) return fail("float constants are written as 0x and their bits");
          auto [end, code] = std::from_chars(line_.data(), line_.data() + line_.size(), bits, 16);
          if (code != std::errc()) return fail("hexadecimal digits are expected");
          line_.remove_prefix(static_cast<size_t>(end - line_.data()));
        }
        out.push_back(static_cast<uint32_t>(bits));
        out.push_back(static_cast<uint32_t>(bits >> 32));
        return true;
      }
      case Shape::int_compare:
        if (!choose(kConds, third, "a condition")) return false;
        out[head] |= third << 16;
        return list(out, 2);
      case Shape::float_compare:
        if (!choose(kFloatConds, third, "a condition")) return false;
        out[head] |= third << 16;
        return list(out, 2);
      case Shape::binary_overflow: results = 2; return list(out, 2);
      case Shape::binary:
      case Shape::atomic_add: return list(out, 2);
      case Shape::unary:
      case Shape::widen:
      case Shape::narrow:
      case Shape::bitcast:
      case Shape::int_to_float:
      case Shape::float_to_int:
      case Shape::atomic_load: return list(out, 1);
      case Shape::select:
      case Shape::atomic_swap_if: return list(out, 3);
      case Shape::atomic_store: results = 0; return list(out, 2);
      case Shape::consume: results = 0; return list(out, 1);
      case Shape::produce: return true;
      case Shape::none:
      case Shape::nothing: results = 0; return true;
      case Shape::load:
        if (!choose(kRegions, third, "a region") || !address(out)) return false;
        out[head] |= third << 16;
        if (word("fixed")) out[head] |= static_cast<uint32_t>(kFixedLoad) << 16;
        return true;
      case Shape::store:
        results = 0;
        if (!choose(kRegions, third, "a region") || !list(out, 1) || !symbol(',') || !address(out))
          return false;
        out[head] |= third << 16;
        return true;
      case Shape::data: return plain_number(out, "");
      case Shape::mark: results = 0; return plain_number(out, "");
      case Shape::call_indexed:
      case Shape::call_value: {
        if (!plain_number(out, "sig") ||
            !plain_number(out, info.shape == Shape::call_value ? "v" : "#"))
          return false;
        uint32_t sig = out[head + 1];
        results = !is_end(op) && sig < rets_.size() && rets_[sig] != Type::none ? 1 : 0;
        std::vector<uint32_t> args;
        if (!symbol('(') || !values(args, ')') || !symbol(')')) return false;
        out.push_back(static_cast<uint32_t>(args.size()));
        out.insert(out.end(), args.begin(), args.end());
        return true;
      }
      case Shape::guard:
        results = 0;
        return list(out, 1) && symbol(',') && plain_number(out, "exit");
      case Shape::leave: results = 0; return plain_number(out, "exit");
      case Shape::jump: results = 0; return target(out);
      case Shape::branch:
        results = 0;
        return list(out, 1) && symbol(',') && target(out) && symbol(',') && target(out);
      case Shape::jump_table: {
        results = 0;
        if (!list(out, 1) || !symbol(',') || !plain_number(out, "block") || !symbol(',') ||
            !symbol('['))
          return false;
        size_t count = out.size();
        out.push_back(0);
        skip();
        if (is_symbol(']')) return true;
        do {
          if (!plain_number(out, "block")) return false;
          ++out[count];
        } while (is_symbol(','));
        return symbol(']');
      }
      case Shape::ret: {
        results = 0;
        std::vector<uint32_t> ids;
        skip();
        if (!line_.empty() && !values(ids, '\0')) return false;
        out.push_back(static_cast<uint32_t>(ids.size()));
        out.insert(out.end(), ids.begin(), ids.end());
        return true;
      }
    }
    return fail("unknown shape");
  }

  std::string_view rest_, line_;
  std::string& error_;
  size_t line_number_ = 0;
  uint32_t next_value_ = 0;
  std::vector<Type> rets_;
};

}  // namespace

const char* type_name(Type type) { return kTypes[static_cast<int>(type)]; }

std::optional<std::string> print_ssa(std::span<const uint32_t> words, std::string& error) {
  std::optional<SsaUnit> unit = read_ssa(words, error);
  if (!unit) return std::nullopt;
  return Printer(*unit).print();
}

std::optional<SsaBuffer> parse_ssa(std::string_view text, std::string& error) {
  error.clear();
  SsaBuffer out;
  if (!Parser(text, error).parse(out)) return std::nullopt;
  return out;
}

}  // namespace dx::jit
