#pragma once
// The function under construction: basic blocks of register instructions, and the passes that make
// a CodeUnit of them.
//
//   code generator ──emit──> Blocks (in layout order) ──finish()──> dpb::CodeUnit
//     finish: thread jumps, drop what is unreachable, give lines to lines-less instructions, move
//     cold blocks to the end,
//             drop CHECK_BOUNDs proved needless, number registers, choose jump forms, write the
//             exception table
//
// Registers are virtual until finish(), because the number of locals is not known before.
// Temporaries are a stack: `depth` is the number in use, alloc() takes the next one. Invariant: a
// conditional jump is the last instruction of its block; a block whose last instruction does not
// end falls into the next one of the layout.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/names.h"
#include "compiler/symtable.h"
#include "dpb/code_unit.h"
#include "dpb/opcodes.h"

namespace dx::compiler {

using dpb::Op;

// A virtual register.
using Reg = int32_t;
inline constexpr Reg kNoReg = -1;
inline constexpr Reg kCellBase = 1 << 22, kFreeBase = 2 << 22, kTempBase = 3 << 22;
inline bool is_temp(Reg reg) { return reg >= kTempBase; }
inline bool is_local(Reg reg) { return reg >= 0 && reg < kCellBase; }

// What an expression left behind: a register, and whether whoever reads it consumes it.
struct Value {
  Reg reg = kNoReg;
  bool owned = false;
};

struct Block;

struct Inst {
  Op op;
  uint8_t aux = 0;
  int32_t a = 0, b = 0, c = 0;  // b holds 32-bit operands
  Block* target = nullptr;
  int32_t handler = -1;
  int32_t constant = -1;  // an immediate that is in co_consts all the same, as in CPython
  Position where;
};

struct Block {
  std::vector<Inst> insts;
  Block* fall = nullptr;  // set by finish()
  bool reachable = false;
  bool warm = false;
  int predecessors = 0;
  uint32_t offset = 0;
  uint32_t index = 0;
};

// Where an exception goes, and how many temporaries survive.
struct Handler {
  Block* block;
  int depth;
};

struct ConstantHash {
  size_t operator()(const dpb::Constant& constant) const { return constant.hash(); }
};

class FlowGraph {
 public:
  FlowGraph();

  // ---- blocks
  Block* new_block() {
    blocks_.push_back(std::make_unique<Block>());
    return blocks_.back().get();
  }
  // Appends the block to the layout and goes on in it.
  void use(Block* block) {
    layout.push_back(block);
    current = block;
  }
  Inst& emit(Op op, int32_t a, int32_t b, int32_t c, uint8_t aux, const Position& where);
  void jump(Block* target, const Position& where) {
    emit(Op::JUMP, 0, 0, 0, 0, where).target = target;
  }
  // Emits a conditional jump and goes on in the block it falls into.
  void branch(Op op, int32_t a, int32_t b, int32_t c, uint8_t aux, Block* target,
              const Position& where) {
    emit(op, a, b, c, aux, where).target = target;
    use(new_block());
  }
  bool ended() const;

  // ---- temporaries
  Reg alloc(int count = 1) {
    Reg reg = kTempBase + depth;
    depth += count;
    if (depth > max_depth) max_depth = depth;
    return reg;
  }
  void reserve(int count) {
    if (depth + count > max_depth) max_depth = depth + count;
  }

  // ---- tables
  uint32_t name_index(Name name);
  uint32_t constant(const dpb::Constant& constant);
  // The result of folding: listed after all others in co_consts, as CPython's optimizer runs after
  // its code generator.
  uint32_t late_constant(const dpb::Constant& constant);
  uint32_t site(dpb::SiteKind kind, Name name);
  Reg local(Name name);
  bool has_local(Name name) const { return local_map_.contains(name); }
  // One more register of that name which nothing ever fills.
  Reg empty_local(Name name);

  // Requires: the header fields of `unit` are filled. Adds code, tables and register count.
  // Returns false when some table is larger than the code can name.
  bool finish(dpb::CodeUnit& unit, const std::vector<Name>& params, const std::vector<Name>& cells,
              const std::vector<Name>& frees, int first_line, std::string& trouble);

  Block* entry = nullptr;
  Block* current = nullptr;
  std::vector<Block*> layout;
  std::vector<Handler> handlers;
  int handler = -1;
  int depth = 0;
  int max_depth = 0;
  std::vector<Name> varnames;
  std::vector<dpb::Constant> constants;
  std::vector<dpb::CacheSite> sites;

 private:
  void set_falls();
  void thread_jumps();
  void mark_reachable();
  void copy_exits();
  void spread_lines(const Position& start);
  void drop_nops();
  void split_cold();
  void drop_jumps_to_next();
  void prove_bound(size_t locals, size_t params);
  void count_predecessors();
  bool assemble(dpb::CodeUnit& unit, const std::vector<Name>& cells, const std::vector<Name>& frees,
                std::string& trouble);

  std::vector<std::unique_ptr<Block>> blocks_;
  std::unordered_map<Name, uint32_t> name_map_;
  std::vector<Name> names_;
  std::unordered_map<Name, Reg> local_map_;
  std::unordered_map<dpb::Constant, uint32_t, ConstantHash> constant_map_;
  std::unordered_map<const dpb::CodeUnit*, uint32_t> code_map_;
  static constexpr uint32_t kLate = 1u << 30;
  std::vector<dpb::Constant> late_;
  std::unordered_map<dpb::Constant, uint32_t, ConstantHash> late_map_;
  uint32_t call_site_ = 0;  // the last call site, shared when there are too many
};

}  // namespace dx::compiler
