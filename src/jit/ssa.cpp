#include "jit/ssa.h"

#include <bit>

namespace dx::jit {
namespace {

struct OpTable {
  OpInfo infos[256] = {};
  constexpr OpTable() {
#define OP(name, number, shape, types) infos[number] = {#name, Shape::shape, #types[0]};
#include "dxclif_ops.def"
#undef OP
  }
};
constexpr OpTable kOps;

}  // namespace

const OpInfo& op_info(uint8_t number) { return kOps.infos[number]; }

bool type_allowed(char types, Type type) {
  switch (types) {
    case 'N': return type == Type::none;
    case 'W':
    case 'D': return type == Type::i32 || type == Type::i64;
    case 'I': return is_int(type);
    case 'L': return type == Type::i64;
    case 'F': return type == Type::f64;
    case 'A': return type != Type::none && type <= Type::f64;
    case 'S': return type == Type::i16 || type == Type::i32 || type == Type::i64;
    case 'T': return type == Type::i8 || type == Type::i16 || type == Type::i32;
    case 'B': return type == Type::i64 || type == Type::f64;
    default: return false;
  }
}

SsaBuilder::SsaBuilder(Conv conv, Type ret, std::initializer_list<Type> params)
    : params_(params), unit_{conv, ret, params} {
  for (Type type : params_) CHECK(type == Type::i64 || type == Type::f64);
  open(block(params_));
}

SigRef SsaBuilder::signature(Signature sig) {
  for (uint32_t i = 0; i < sigs_.size(); ++i) {
    if (sigs_[i] == sig) return {i};
  }
  sigs_.push_back(std::move(sig));
  return {static_cast<uint32_t>(sigs_.size() - 1)};
}

ExitRef SsaBuilder::exit(Vals values) {
  std::vector<uint32_t> ids;
  for (Val value : values) {
    CHECK(value.valid() && value.id < next_value_);
    ids.push_back(value.id);
  }
  // Guards with equal state share one exit block.
  for (uint32_t i = 0; i < exits_.size(); ++i) {
    if (exits_[i] == ids) return {i};
  }
  exits_.push_back(std::move(ids));
  return {static_cast<uint32_t>(exits_.size() - 1)};
}

BlockRef SsaBuilder::block(std::span<const Type> params) {
  Block block;
  block.params.assign(params.begin(), params.end());
  blocks_.push_back(std::move(block));
  return {static_cast<uint32_t>(blocks_.size() - 1)};
}

BlockRef SsaBuilder::cold_block(std::initializer_list<Type> params) {
  BlockRef made = block(params);
  blocks_[made.index].cold = true;
  return made;
}

void SsaBuilder::open(BlockRef ref) {
  CHECK(current_ == ~0u && ref.index < blocks_.size());
  Block& block = blocks_[ref.index];
  CHECK(block.position == ~0u);
  block.position = static_cast<uint32_t>(order_.size());
  block.first_param = next_value_;
  next_value_ += static_cast<uint32_t>(block.params.size());
  order_.push_back(ref.index);
  current_ = ref.index;
}

Val SsaBuilder::block_param(BlockRef ref, uint32_t index) const {
  const Block& block = blocks_[ref.index];
  CHECK(block.position != ~0u && index < block.params.size());
  return {block.first_param + index, block.params[index]};
}

void SsaBuilder::begin(Op op, Type type, uint8_t third) {
  CHECK(current_ != ~0u && type_allowed(op_info(op).types, type));
  Block& block = blocks_[current_];
  block.words.push_back(static_cast<uint32_t>(op) | static_cast<uint32_t>(type) << 8 |
                        static_cast<uint32_t>(third) << 16);
  ++block.inst_count;
  ++inst_count_;
}

void SsaBuilder::end() { current_ = ~0u; }

void SsaBuilder::operand_block(BlockRef to, Vals args) {
  CHECK(to.index < blocks_.size());
  const std::vector<Type>& params = blocks_[to.index].params;
  CHECK(params.size() == args.size());
  Block& from = blocks_[current_];
  from.block_words.push_back(static_cast<uint32_t>(from.words.size()));
  operand(to.index);
  operand(static_cast<uint32_t>(args.size()));
  for (size_t i = 0; i < args.size(); ++i) operand(args[i], params[i]);
}

Val SsaBuilder::iconst(Type type, int64_t value) {
  begin(Op::iconst, type);
  operand(static_cast<uint32_t>(value));
  operand(static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32));
  return result(type);
}

Val SsaBuilder::fconst(double value) { return fconst_bits(std::bit_cast<uint64_t>(value)); }

Val SsaBuilder::fconst_bits(uint64_t bits) {
  begin(Op::fconst, Type::f64);
  operand(static_cast<uint32_t>(bits));
  operand(static_cast<uint32_t>(bits >> 32));
  return result(Type::f64);
}

Val SsaBuilder::binary(Op op, Val a, Val b) {
  begin(op, a.type);
  operand(a, a.type);
  operand(b, a.type);
  return result(a.type);
}

Val SsaBuilder::unary(Op op, Val a) {
  begin(op, a.type);
  operand(a, a.type);
  return result(a.type);
}

Val SsaBuilder::convert(Op op, Type type, Val a) {
  switch (op_info(op).shape) {
    case Shape::widen: CHECK(is_int(a.type) && a.type < type); break;
    case Shape::narrow: CHECK(is_int(a.type) && a.type > type); break;
    case Shape::bitcast: CHECK(a.type == (type == Type::f64 ? Type::i64 : Type::f64)); break;
    case Shape::int_to_float: CHECK(a.type == Type::i64); break;
    default: CHECK(a.type == Type::f64); break;
  }
  begin(op, type);
  operand(a, a.type);
  return result(type);
}

SsaBuilder::Checked SsaBuilder::overflow(Op op, Val a, Val b) {
  begin(op, a.type);
  operand(a, a.type);
  operand(b, a.type);
  Val wrapped = result(a.type);
  return {wrapped, result(Type::i8)};
}

Val SsaBuilder::icmp(Cond cond, Val a, Val b) {
  begin(Op::icmp, a.type, static_cast<uint8_t>(cond));
  operand(a, a.type);
  operand(b, a.type);
  return result(Type::i8);
}

Val SsaBuilder::fcmp(FloatCond cond, Val a, Val b) {
  begin(Op::fcmp, Type::f64, static_cast<uint8_t>(cond));
  operand(a, Type::f64);
  operand(b, Type::f64);
  return result(Type::i8);
}

Val SsaBuilder::select(Val condition, Val a, Val b) {
  CHECK(is_int(condition.type));
  begin(Op::select, a.type);
  operand(condition, condition.type);
  operand(a, a.type);
  operand(b, a.type);
  return result(a.type);
}

Val SsaBuilder::load(Type type, Region region, Val address, int32_t offset, bool fixed) {
  begin(Op::load, type,
        static_cast<uint8_t>(static_cast<uint8_t>(region) | (fixed ? kFixedLoad : 0)));
  operand(address, Type::i64);
  operand(static_cast<uint32_t>(offset));
  return result(type);
}

void SsaBuilder::store(Region region, Val value, Val address, int32_t offset) {
  begin(Op::store, value.type, static_cast<uint8_t>(region));
  operand(value, value.type);
  operand(address, Type::i64);
  operand(static_cast<uint32_t>(offset));
}

Val SsaBuilder::atomic_load(Type type, Val address) {
  begin(Op::atomic_load, type);
  operand(address, Type::i64);
  return result(type);
}

void SsaBuilder::atomic_store(Val value, Val address) {
  begin(Op::atomic_store, value.type);
  operand(value, value.type);
  operand(address, Type::i64);
}

Val SsaBuilder::atomic_add(Val address, Val amount) {
  begin(Op::atomic_add, amount.type);
  operand(address, Type::i64);
  operand(amount, amount.type);
  return result(amount.type);
}

Val SsaBuilder::atomic_swap_if(Val address, Val expected, Val replacement) {
  begin(Op::atomic_swap_if, expected.type);
  operand(address, Type::i64);
  operand(expected, expected.type);
  operand(replacement, expected.type);
  return result(expected.type);
}

void SsaBuilder::fence() { begin(Op::fence, Type::none); }

Val SsaBuilder::produce(Op op) {
  begin(op, Type::i64);
  return result(Type::i64);
}

void SsaBuilder::set_context(Val context) {
  CHECK(unit_.conv == Conv::system);
  begin(Op::set_context, Type::i64);
  operand(context, Type::i64);
}

Val SsaBuilder::unit_data(uint32_t offset) {
  CHECK(offset < data_size_);
  begin(Op::unit_data, Type::i64);
  operand(offset);
  return result(Type::i64);
}

Val SsaBuilder::call(Op op, SigRef ref, uint32_t target, Vals args) {
  CHECK(ref.index < sigs_.size());
  const Signature& sig = sigs_[ref.index];
  CHECK(sig.params.size() == args.size());
  begin(op, Type::none);
  operand(ref.index);
  operand(target);
  operand(static_cast<uint32_t>(args.size()));
  for (size_t i = 0; i < args.size(); ++i) operand(args[i], sig.params[i]);
  if (is_end(op)) {
    CHECK(sig.conv == Conv::unit && sig.ret == unit_.ret && unit_.conv == Conv::unit);
    end();
    return {};
  }
  return sig.ret == Type::none ? Val{} : result(sig.ret);
}

namespace {
Vals list(std::initializer_list<Val> args) { return {args.begin(), args.size()}; }
}  // namespace

Val SsaBuilder::call_helper(SigRef sig, uint32_t helper, std::initializer_list<Val> args) {
  CHECK(sigs_[sig.index].conv == Conv::system);
  return call(Op::call_helper, sig, helper, list(args));
}

void SsaBuilder::call_cold(SigRef sig, uint32_t thunk, std::initializer_list<Val> args) {
  CHECK(sigs_[sig.index].conv == Conv::cold);
  call(Op::call_cold, sig, thunk, list(args));
}

Val SsaBuilder::call_pointer(SigRef sig, Val target, std::initializer_list<Val> args) {
  CHECK(sigs_[sig.index].conv != Conv::cold && target.type == Type::i64);
  return call(Op::call_pointer, sig, target.id, list(args));
}

Val SsaBuilder::call_direct(SigRef sig, uint32_t symbol, std::initializer_list<Val> args) {
  CHECK(sigs_[sig.index].conv == Conv::unit && symbol < symbol_count_);
  return call(Op::call_direct, sig, symbol, list(args));
}

void SsaBuilder::guard_true(Val condition, ExitRef exit) {
  CHECK(exit.index < exits_.size() && is_int(condition.type));
  begin(Op::guard_true, Type::none);
  operand(condition, condition.type);
  operand(exit.index);
}

void SsaBuilder::guard_false(Val condition, ExitRef exit) {
  CHECK(exit.index < exits_.size() && is_int(condition.type));
  begin(Op::guard_false, Type::none);
  operand(condition, condition.type);
  operand(exit.index);
}

void SsaBuilder::mark(uint32_t number) {
  begin(Op::mark, Type::none);
  operand(number);
}

void SsaBuilder::jump(BlockRef to, Vals args) {
  begin(Op::jump, Type::none);
  operand_block(to, args);
  end();
}

void SsaBuilder::branch(Val condition, BlockRef then, Vals then_args, BlockRef otherwise,
                        Vals otherwise_args) {
  CHECK(is_int(condition.type));
  begin(Op::branch, Type::none);
  operand(condition, condition.type);
  operand_block(then, then_args);
  operand_block(otherwise, otherwise_args);
  end();
}

void SsaBuilder::jump_table(Val index, BlockRef otherwise, std::span<const BlockRef> targets) {
  begin(Op::jump_table, Type::none);
  operand(index, Type::i32);
  Block& from = blocks_[current_];
  auto name = [&](BlockRef to) {
    CHECK(to.index < blocks_.size() && blocks_[to.index].params.empty());
    from.block_words.push_back(static_cast<uint32_t>(from.words.size()));
    operand(to.index);
  };
  name(otherwise);
  operand(static_cast<uint32_t>(targets.size()));
  for (BlockRef to : targets) name(to);
  end();
}

void SsaBuilder::ret() {
  CHECK(unit_.ret == Type::none);
  begin(Op::ret, Type::none);
  operand(0);
  end();
}

void SsaBuilder::ret(Val value) {
  begin(Op::ret, Type::none);
  operand(1);
  operand(value, unit_.ret);
  end();
}

void SsaBuilder::leave(ExitRef exit) {
  CHECK(exit.index < exits_.size());
  begin(Op::leave, Type::none);
  operand(exit.index);
  end();
}

void SsaBuilder::tail_call(SigRef sig, Val target, std::initializer_list<Val> args) {
  CHECK(target.type == Type::i64);
  call(Op::tail_call, sig, target.id, list(args));
}

void SsaBuilder::tail_direct(SigRef sig, uint32_t symbol, std::initializer_list<Val> args) {
  CHECK(symbol < symbol_count_);
  call(Op::tail_direct, sig, symbol, list(args));
}

void SsaBuilder::unreachable() {
  begin(Op::unreachable, Type::none);
  end();
}

SsaBuffer SsaBuilder::finish() {
  CHECK(current_ == ~0u && order_.size() == blocks_.size());
  size_t total = kSsaHeaderWords;
  for (const Signature& sig : sigs_) total += 1 + sig.params.size();
  for (const auto& exit : exits_) total += 1 + exit.size();
  for (const Block& block : blocks_) total += 2 + block.params.size() + block.words.size();

  SsaBuffer out;
  out.reserve(total);
  auto put = [&](size_t word) { out.push_back(static_cast<uint32_t>(word)); };
  put(kSsaMagic);
  put(kSsaVersion);
  put(static_cast<uint32_t>(unit_.conv) | static_cast<uint32_t>(unit_.ret) << 8);
  put(blocks_.size());
  put(inst_count_);
  put(next_value_);
  put(sigs_.size());
  put(exits_.size());
  put(symbol_count_);
  put(data_size_);
  put(total);
  for (const Signature& sig : sigs_) {
    put(static_cast<uint32_t>(sig.conv) | static_cast<uint32_t>(sig.ret) << 8 |
        static_cast<uint32_t>(sig.params.size()) << 16);
    for (Type type : sig.params) put(static_cast<uint32_t>(type));
  }
  for (const auto& exit : exits_) {
    put(exit.size());
    out.insert(out.end(), exit.begin(), exit.end());
  }
  for (uint32_t index : order_) {
    Block& block = blocks_[index];
    for (uint32_t at : block.block_words) block.words[at] = blocks_[block.words[at]].position;
    put(block.params.size() | (block.cold ? 1u << 16 : 0));
    put(block.inst_count);
    for (Type type : block.params) put(static_cast<uint32_t>(type));
    out.insert(out.end(), block.words.begin(), block.words.end());
  }
  return out;
}

}  // namespace dx::jit
