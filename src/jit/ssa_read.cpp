#include "jit/ssa_read.h"

namespace dx::jit {
namespace {

class Reader {
 public:
  Reader(std::span<const uint32_t> words, std::string& error) : words_(words), error_(error) {}

  bool read(SsaUnit& unit) {
    if (words_.size() < kSsaHeaderWords || words_[kHeadMagic] != kSsaMagic)
      return fail("this is not an SSA buffer");
    if (words_[kHeadVersion] != kSsaVersion) return fail("unknown format version");
    if (words_[kHeadWords] != words_.size()) return fail("the header gives another length");
    unit.symbol_count = words_[kHeadSymbols];
    unit.data_size = words_[kHeadDataSize];
    if (!convention(words_[kHeadConv], unit.sig)) return false;
    at_ = kSsaHeaderWords;
    return signatures(unit) && exits(unit) && blocks(unit) && rest(unit);
  }

 private:
  bool fail(const char* what) {
    error_ = "word " + std::to_string(at_) + ": " + what;
    return false;
  }
  bool has(size_t count) {
    return count <= words_.size() - at_ || fail("the buffer ends too early");
  }

  bool convention(uint32_t word, Signature& sig) {
    uint32_t conv = word & 0xff, ret = word >> 8 & 0xff;
    if (conv > 2 || ret > static_cast<uint32_t>(Type::f64))
      return fail("unknown convention or result type");
    sig.conv = static_cast<Conv>(conv);
    sig.ret = static_cast<Type>(ret);
    return true;
  }

  bool type_list(uint32_t count, std::vector<Type>& out) {
    if (!has(count)) return false;
    for (uint32_t i = 0; i < count; ++i, ++at_) {
      if (words_[at_] == 0 || words_[at_] > static_cast<uint32_t>(Type::f64))
        return fail("unknown type");
      out.push_back(static_cast<Type>(words_[at_]));
    }
    return true;
  }

  bool signatures(SsaUnit& unit) {
    for (uint32_t i = 0; i < words_[kHeadSignatures]; ++i) {
      if (!has(1)) return false;
      Signature sig;
      uint32_t head = words_[at_];
      if (!convention(head, sig)) return false;
      ++at_;
      if (!type_list(head >> 16, sig.params)) return false;
      unit.sigs.push_back(std::move(sig));
    }
    return true;
  }

  bool exits(SsaUnit& unit) {
    for (uint32_t i = 0; i < words_[kHeadExits]; ++i) {
      if (!has(1) || !has(size_t{1} + words_[at_])) return false;
      unit.exits.push_back(words_.subspan(at_ + 1, words_[at_]));
      at_ += 1 + words_[at_];
    }
    return true;
  }

  bool blocks(SsaUnit& unit) {
    uint32_t inst_count = 0;
    for (uint32_t i = 0; i < words_[kHeadBlocks]; ++i) {
      if (!has(2)) return false;
      SsaBlock block;
      uint32_t head = words_[at_], count = words_[at_ + 1];
      block.cold = head >> 16 == 1;
      if (head >> 16 > 1) return fail("unknown block flags");
      at_ += 2;
      block.first_param = static_cast<uint32_t>(unit.types.size());
      if (!type_list(head & 0xffff, block.params)) return false;
      unit.types.insert(unit.types.end(), block.params.begin(), block.params.end());
      for (uint32_t k = 0; k < count; ++k) {
        SsaInst inst;
        if (!instruction(unit, inst)) return false;
        if (is_end(inst.op) != (k + 1 == count))
          return fail("a block ends too early or not at all");
        block.insts.push_back(inst);
      }
      if (block.insts.empty()) return fail("empty block");
      inst_count += count;
      unit.blocks.push_back(std::move(block));
    }
    if (unit.blocks.empty()) return fail("a unit needs an entry block");
    if (inst_count != words_[kHeadInsts] || unit.types.size() != words_[kHeadValues]) {
      return fail("the header's counts disagree with the blocks");
    }
    unit.sig.params = unit.blocks[0].params;
    return true;
  }

  bool rest(SsaUnit&) { return at_ == words_.size() || fail("words after the last block"); }

  // How many operand words follow, given that the counts among them can be read.
  bool operand_count(Shape shape, size_t& out) {
    auto word = [&](size_t offset, size_t& value) {
      if (!has(offset + 1)) return false;
      value = words_[at_ + offset];
      return value <= words_.size() || fail("impossible count");
    };
    size_t count = 0, second = 0;
    switch (shape) {
      case Shape::none:
      case Shape::nothing:
      case Shape::produce: out = 0; return true;
      case Shape::unary:
      case Shape::widen:
      case Shape::narrow:
      case Shape::bitcast:
      case Shape::int_to_float:
      case Shape::float_to_int:
      case Shape::consume:
      case Shape::data:
      case Shape::leave:
      case Shape::mark:
      case Shape::atomic_load: out = 1; return true;
      case Shape::constant:
      case Shape::binary:
      case Shape::binary_overflow:
      case Shape::int_compare:
      case Shape::float_compare:
      case Shape::load:
      case Shape::guard:
      case Shape::atomic_store:
      case Shape::atomic_add: out = 2; return true;
      case Shape::select:
      case Shape::store:
      case Shape::atomic_swap_if: out = 3; return true;
      case Shape::call_indexed:
      case Shape::call_value:
      case Shape::jump_table:
        if (!word(3, count)) return false;
        out = 3 + count;
        return true;
      case Shape::jump:
        if (!word(2, count)) return false;
        out = 2 + count;
        return true;
      case Shape::branch:
        if (!word(3, count) || !word(5 + count, second)) return false;
        out = 5 + count + second;
        return true;
      case Shape::ret:
        if (!word(1, count)) return false;
        out = 1 + count;
        return true;
    }
    return fail("unknown shape");
  }

  bool instruction(SsaUnit& unit, SsaInst& inst) {
    if (!has(1)) return false;
    uint32_t head = words_[at_];
    const OpInfo& info = op_info(static_cast<uint8_t>(head));
    uint32_t type = head >> 8 & 0xff;
    if (!info.name) return fail("unknown operation");
    if (type > static_cast<uint32_t>(Type::f64) ||
        !type_allowed(info.types, static_cast<Type>(type))) {
      return fail("type not allowed here");
    }
    if (head >> 24) return fail("the fourth byte of an instruction is reserved");
    inst.op = static_cast<Op>(head & 0xff);
    inst.shape = info.shape;
    inst.type = static_cast<Type>(type);
    inst.third = static_cast<uint8_t>(head >> 16);
    uint8_t largest = 0;
    if (inst.shape == Shape::int_compare) largest = static_cast<uint8_t>(Cond::uge);
    if (inst.shape == Shape::float_compare) largest = static_cast<uint8_t>(FloatCond::unordered);
    if (inst.shape == Shape::load) largest = kFixedLoad | (kRegionCount - 1);
    if (inst.shape == Shape::store) largest = kRegionCount - 1;
    if (inst.third > largest) return fail("unknown condition or memory flags");
    size_t count = 0;
    if (!operand_count(inst.shape, count) || !has(1 + count)) return false;
    inst.words = words_.subspan(at_ + 1, count);
    at_ += 1 + count;
    return results(unit, inst);
  }

  bool results(SsaUnit& unit, SsaInst& inst) {
    inst.first_result = static_cast<uint32_t>(unit.types.size());
    switch (inst.shape) {
      case Shape::binary_overflow:
        unit.types.push_back(inst.type);
        unit.types.push_back(Type::i8);
        break;
      case Shape::int_compare:
      case Shape::float_compare: unit.types.push_back(Type::i8); break;
      case Shape::call_indexed:
      case Shape::call_value: {
        if (inst.words[0] >= unit.sigs.size()) return fail("no such signature");
        Type ret = unit.sigs[inst.words[0]].ret;
        if (!is_end(inst.op) && ret != Type::none) unit.types.push_back(ret);
        break;
      }
      case Shape::none:
      case Shape::nothing:
      case Shape::store:
      case Shape::atomic_store:
      case Shape::consume:
      case Shape::guard:
      case Shape::mark:
      case Shape::jump:
      case Shape::branch:
      case Shape::jump_table:
      case Shape::ret:
      case Shape::leave: break;
      default: unit.types.push_back(inst.type); break;
    }
    inst.result_count = static_cast<uint32_t>(unit.types.size()) - inst.first_result;
    return true;
  }

  std::span<const uint32_t> words_;
  std::string& error_;
  size_t at_ = 0;
};

}  // namespace

std::optional<SsaUnit> read_ssa(std::span<const uint32_t> words, std::string& error) {
  SsaUnit unit;
  if (!Reader(words, error).read(unit)) return std::nullopt;
  return unit;
}

}  // namespace dx::jit
