#pragma once
// The flat SSA buffer: what a tier hands to the code generator, and nothing else passes between
// them. A unit is a list of blocks with typed parameters; a block is a list of instructions; values
// are numbered in the order of their definitions. It is plain words, so it can be queued to a
// thread, hashed as a cache key, printed, read back and mutated by a fuzzer without any virtual
// machine around. The layout is described in docs/internals/codegen.md.
//
//   words:  header | signatures | exits | block 0: params, instructions | block 1 | ...
//
// Invariant: a value is used only after its definition in the buffer, and only where that
// definition dominates. The builder checks types (a wrong one is a bug of ours and ends the
// process); the code generator checks everything again and answers with an error.
// Threads: a builder belongs to one thread; a finished buffer is immutable.
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"

namespace dx::jit {

enum class Type : uint8_t { none, i8, i16, i32, i64, f64 };
enum class Conv : uint8_t {
  unit,    // between units
  system,  // C functions: helpers, and units that C++ calls
  cold     // thunks that preserve every register and return nothing
};

enum class Op : uint8_t {
#define OP(name, number, shape, types) name = number,
#include "dxclif_ops.def"
#undef OP
};

enum class Shape : uint8_t {
  none,
  constant,
  unary,
  binary,
  binary_overflow,
  widen,
  narrow,
  bitcast,
  int_to_float,
  float_to_int,
  int_compare,
  float_compare,
  select,
  load,
  store,
  atomic_load,
  atomic_store,
  atomic_add,
  atomic_swap_if,
  nothing,
  produce,
  consume,
  data,
  call_indexed,
  call_value,
  guard,
  mark,
  jump,
  branch,
  jump_table,
  ret,
  leave,
};

struct OpInfo {
  const char* name;  // null: no such operation
  Shape shape;
  char types;  // the letter of dxclif_ops.def
};
const OpInfo& op_info(uint8_t number);
inline const OpInfo& op_info(Op op) { return op_info(static_cast<uint8_t>(op)); }
bool type_allowed(char types, Type type);
inline bool is_int(Type type) { return type >= Type::i8 && type <= Type::i64; }
// Operations from `jump` on end a block.
inline bool is_end(Op op) { return op >= Op::jump; }

enum class Cond : uint8_t { eq, ne, slt, sle, sgt, sge, ult, ule, ugt, uge };
enum class FloatCond : uint8_t { eq, ne, lt, le, gt, ge, ordered, unordered };

// Loads and stores of different regions never overlap. A store to `any` may touch everything, so it
// forgets all that is known about memory, and so does every call. Counts have their own region,
// because they change all the time.
enum class Region : uint8_t { any, frame, object, count, cache, context, unit_data, items };
constexpr uint8_t kRegionCount = 16;
constexpr uint8_t kFixedLoad =
    0x10;  // the memory never changes while the unit runs: the load may move

struct Val {
  uint32_t id = ~0u;
  Type type = Type::none;
  bool valid() const { return type != Type::none; }
};
struct BlockRef {
  uint32_t index = ~0u;
};
struct ExitRef {
  uint32_t index = ~0u;
};
struct SigRef {
  uint32_t index = ~0u;
};

struct Signature {
  Conv conv = Conv::unit;
  Type ret = Type::none;
  std::vector<Type> params;
  bool operator==(const Signature&) const = default;
};

constexpr uint32_t kSsaMagic = 0x41535844;  // "DXSA"
constexpr uint32_t kSsaVersion = 1;
constexpr uint32_t kSsaHeaderWords = 11;
enum SsaHeader : uint32_t {
  kHeadMagic,
  kHeadVersion,
  kHeadConv,  // convention, result type << 8
  kHeadBlocks,
  kHeadInsts,
  kHeadValues,
  kHeadSignatures,
  kHeadExits,
  kHeadSymbols,
  kHeadDataSize,
  kHeadWords,
};

using SsaBuffer = std::vector<uint32_t>;
using Vals = std::span<const Val>;

class SsaBuilder {
 public:
  // The entry block is open from the start and takes the unit's parameters.
  SsaBuilder(Conv conv, Type ret, std::initializer_list<Type> params);

  Val param(uint32_t index) const { return {index, params_[index]}; }
  SigRef signature(Conv conv, Type ret, std::initializer_list<Type> params) {
    return signature(Signature{conv, ret, params});
  }
  SigRef signature(Signature sig);
  // Bytes of writable memory at the unit's side; `unit_data` gives addresses inside it.
  void reserve_data(uint32_t bytes) { data_size_ = bytes; }
  // Number of another unit whose address the installer must supply (`call_direct`, `tail_direct`).
  uint32_t symbol() { return symbol_count_++; }

  // A place to leave the unit from; its values must be defined wherever a guard names it.
  ExitRef exit(Vals values);
  ExitRef exit(std::initializer_list<Val> values) {
    return exit(Vals(values.begin(), values.size()));
  }

  // Blocks get their parameters when they are opened; open dominators first.
  BlockRef block(std::initializer_list<Type> params = {}) {
    return block(std::span(params.begin(), params.size()));
  }
  BlockRef block(std::span<const Type> params);
  BlockRef cold_block(std::initializer_list<Type> params = {});
  void open(BlockRef block);
  Val block_param(BlockRef block, uint32_t index) const;
  bool block_is_open() const { return current_ != ~0u; }

  Val iconst(Type type, int64_t value);
  Val iconst(int64_t value) { return iconst(Type::i64, value); }
  Val fconst(double value);
  Val fconst_bits(uint64_t bits);

#define DX_SSA_binary(name) \
  Val name(Val a, Val b) { return binary(Op::name, a, b); }
#define DX_SSA_unary(name) \
  Val name(Val a) { return unary(Op::name, a); }
#define DX_SSA_constant(name)
#define DX_SSA_binary_overflow(name)
#define DX_SSA_widen(name) \
  Val name(Type type, Val a) { return convert(Op::name, type, a); }
#define DX_SSA_narrow(name) DX_SSA_widen(name)
#define DX_SSA_bitcast(name) DX_SSA_widen(name)
#define DX_SSA_int_to_float(name)
#define DX_SSA_float_to_int(name)
#define DX_SSA_int_compare(name)
#define DX_SSA_float_compare(name)
#define DX_SSA_select(name)
#define DX_SSA_load(name)
#define DX_SSA_store(name)
#define DX_SSA_atomic_load(name)
#define DX_SSA_atomic_store(name)
#define DX_SSA_atomic_add(name)
#define DX_SSA_atomic_swap_if(name)
#define DX_SSA_nothing(name)
#define DX_SSA_produce(name) \
  Val name() { return produce(Op::name); }
#define DX_SSA_consume(name)
#define DX_SSA_data(name)
#define DX_SSA_call_indexed(name)
#define DX_SSA_call_value(name)
#define DX_SSA_guard(name)
#define DX_SSA_mark(name)
#define DX_SSA_jump(name)
#define DX_SSA_branch(name)
#define DX_SSA_jump_table(name)
#define DX_SSA_ret(name)
#define DX_SSA_leave(name)
#define OP(name, number, shape, types) DX_SSA_##shape(name)
#include "dxclif_ops.def"
#undef OP
  // iadd(a, b), band(a, b), fadd(a, b), ineg(a), sqrt(a), sext(type, a), trunc(type, a), context(),
  // stack_pointer() ... stand above, one for each row of the table with a plain shape.

  Val binary(Op op, Val a, Val b);
  Val unary(Op op, Val a);
  Val convert(Op op, Type type, Val a);
  struct Checked {
    Val value, overflow;
  };
  Checked overflow(Op op, Val a, Val b);
  Checked sadd_overflow(Val a, Val b) { return overflow(Op::sadd_overflow, a, b); }
  Checked ssub_overflow(Val a, Val b) { return overflow(Op::ssub_overflow, a, b); }
  Checked smul_overflow(Val a, Val b) { return overflow(Op::smul_overflow, a, b); }
  Val int_to_float(Val a) { return convert(Op::int_to_float, Type::f64, a); }
  Val float_to_int(Val a) { return convert(Op::float_to_int, Type::i64, a); }
  Val icmp(Cond cond, Val a, Val b);
  Val fcmp(FloatCond cond, Val a, Val b);
  Val select(Val condition, Val a, Val b);

  Val load(Type type, Region region, Val address, int32_t offset, bool fixed = false);
  void store(Region region, Val value, Val address, int32_t offset);
  Val atomic_load(Type type, Val address);
  void atomic_store(Val value, Val address);
  Val atomic_add(Val address, Val amount);
  Val atomic_swap_if(Val address, Val expected, Val replacement);
  void fence();

  void set_context(Val context);
  Val unit_data(uint32_t offset);
  // Calls give an invalid Val when the signature returns nothing.
  Val call_helper(SigRef sig, uint32_t helper, std::initializer_list<Val> args);
  void call_cold(SigRef sig, uint32_t thunk, std::initializer_list<Val> args);
  Val call_pointer(SigRef sig, Val target, std::initializer_list<Val> args);
  Val call_direct(SigRef sig, uint32_t symbol, std::initializer_list<Val> args);
  void guard_true(Val condition, ExitRef exit);
  void guard_false(Val condition, ExitRef exit);
  // Everything up to the next mark belongs to this number (a bytecode index).
  void mark(uint32_t number);

  void jump(BlockRef to, std::initializer_list<Val> args = {}) {
    jump(to, Vals(args.begin(), args.size()));
  }
  void jump(BlockRef to, Vals args);
  void branch(Val condition, BlockRef then, std::initializer_list<Val> then_args,
              BlockRef otherwise, std::initializer_list<Val> otherwise_args) {
    branch(condition, then, Vals(then_args.begin(), then_args.size()), otherwise,
           Vals(otherwise_args.begin(), otherwise_args.size()));
  }
  void branch(Val condition, BlockRef then, Vals then_args, BlockRef otherwise,
              Vals otherwise_args);
  void jump_table(Val index, BlockRef otherwise, std::span<const BlockRef> targets);
  void ret();
  void ret(Val value);
  void leave(ExitRef exit);
  void tail_call(SigRef sig, Val target, std::initializer_list<Val> args);
  void tail_direct(SigRef sig, uint32_t symbol, std::initializer_list<Val> args);
  void unreachable();

  uint32_t inst_count() const { return inst_count_; }
  // Requires: every block was opened and ended. The builder is used up.
  SsaBuffer finish();

 private:
  struct Block {
    std::vector<Type> params;
    std::vector<uint32_t> words;
    std::vector<uint32_t> block_words;  // where `words` names blocks, still by index of creation
    uint32_t first_param = 0, inst_count = 0, position = ~0u;
    bool cold = false;
  };

  void begin(Op op, Type type, uint8_t third = 0);
  void operand(uint32_t word) { blocks_[current_].words.push_back(word); }
  void operand(Val value, Type type) {
    CHECK(value.type == type && value.id < next_value_);
    operand(value.id);
  }
  void operand_block(BlockRef to, Vals args);
  Val result(Type type) { return {next_value_++, type}; }
  Val produce(Op op);
  Val call(Op op, SigRef sig, uint32_t target, Vals args);
  void end();

  std::vector<Type> params_;
  Signature unit_;
  std::vector<Signature> sigs_;
  std::vector<std::vector<uint32_t>> exits_;
  std::vector<Block> blocks_;
  std::vector<uint32_t> order_;
  uint32_t current_ = ~0u, next_value_ = 0, inst_count_ = 0, data_size_ = 0, symbol_count_ = 0;
};

}  // namespace dx::jit
