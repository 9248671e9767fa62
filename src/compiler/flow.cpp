// From blocks to a CodeUnit: the passes of FlowGraph::finish(), in their order.

#include "compiler/flow.h"

#include <algorithm>

#include "base/check.h"

namespace dx::compiler {

using dpb::OperandKind;

namespace {

bool ends(Op op) { return (dpb::info(op).effects & dpb::kEnds) != 0 && op != Op::RETURN_GENERATOR; }

bool is_register(OperandKind kind) {
  switch (kind) {
    case OperandKind::out:
    case OperandKind::in:
    case OperandKind::inout:
    case OperandKind::keep:
    case OperandKind::cell:
    case OperandKind::first:
    case OperandKind::window:
    case OperandKind::outs: return true;
    default: return false;
  }
}

bool is_exit(const Block* block) {
  if (block->insts.empty()) return false;
  Op last = block->insts.back().op;
  return ends(last) && last != Op::JUMP && last != Op::JUMP_BACKWARD;
}

// An exit block none of whose instructions has a line of its own: each way into it gets its own
// copy and line.
bool is_lineless_exit(const Block* block) {
  return is_exit(block) && !block->insts.front().where.known();
}

}  // namespace

FlowGraph::FlowGraph() {
  entry = new_block();
  use(entry);
}

bool FlowGraph::ended() const { return !current->insts.empty() && ends(current->insts.back().op); }

Inst& FlowGraph::emit(Op op, int32_t a, int32_t b, int32_t c, uint8_t aux, const Position& where) {
  if (ended()) use(new_block());  // unreachable; it goes away later
  current->insts.push_back({op, aux, a, b, c, nullptr, handler, -1, where});
  return current->insts.back();
}

uint32_t FlowGraph::name_index(Name name) {
  auto [at, fresh] = name_map_.try_emplace(name, static_cast<uint32_t>(names_.size()));
  if (fresh) names_.push_back(name);
  return at->second;
}

uint32_t FlowGraph::constant(const dpb::Constant& value) {
  uint32_t next = static_cast<uint32_t>(constants.size());
  auto place = [&] {
    if (value.kind == dpb::Constant::Kind::code)
      return code_map_.try_emplace(value.code.get(), next).first->second;
    return constant_map_.try_emplace(value, next).first->second;
  };
  uint32_t index = place();
  if (index == next) constants.push_back(value);
  return index;
}

uint32_t FlowGraph::late_constant(const dpb::Constant& value) {
  auto at = constant_map_.find(value);
  if (at != constant_map_.end()) return at->second;
  auto [late, fresh] = late_map_.try_emplace(value, kLate + static_cast<uint32_t>(late_.size()));
  if (fresh) late_.push_back(value);
  return late->second;
}

uint32_t FlowGraph::site(dpb::SiteKind kind, Name name) {
  if (kind == dpb::SiteKind::call && sites.size() >= 0xFFFF) return call_site_;
  sites.push_back({kind, name == nullptr ? dpb::CacheSite::kNoName : name_index(name)});
  uint32_t index = static_cast<uint32_t>(sites.size() - 1);
  if (kind == dpb::SiteKind::call) call_site_ = index;
  return index;
}

Reg FlowGraph::local(Name name) {
  auto [at, fresh] = local_map_.try_emplace(name, static_cast<Reg>(varnames.size()));
  if (fresh) varnames.push_back(name);
  return at->second;
}

Reg FlowGraph::empty_local(Name name) {
  varnames.push_back(name);
  return static_cast<Reg>(varnames.size() - 1);
}

// ---- the passes ----

void FlowGraph::set_falls() {
  for (size_t i = 0; i < layout.size(); ++i) {
    Block* block = layout[i];
    bool done = !block->insts.empty() && ends(block->insts.back().op);
    block->fall = done || i + 1 == layout.size() ? nullptr : layout[i + 1];
  }
}

void FlowGraph::thread_jumps() {
  auto real = [](Block* block) {
    for (int guard = 0; block->insts.empty() && block->fall != nullptr && guard < 10000; ++guard)
      block = block->fall;
    return block;
  };
  for (Block* block : layout) {
    if (block->insts.empty()) continue;
    Inst& last = block->insts.back();
    if (last.target == nullptr) continue;
    for (int guard = 0; guard < 100; ++guard) {
      Block* target = real(last.target);
      last.target = target;
      if (target->insts.empty()) break;
      const Inst& first = target->insts.front();
      if (first.op != Op::JUMP || first.target == target || first.target == last.target) break;
      if (last.op == Op::FOR_ITER || last.op == Op::SEND) break;
      if (first.where.known() && first.where.line != last.where.line) break;
      last.target = first.target;
    }
  }
}

void FlowGraph::mark_reachable() {
  for (Block* block : layout) block->reachable = false;
  std::vector<Block*> work = {entry};
  entry->reachable = true;
  auto reach = [&](Block* block) {
    if (block == nullptr || block->reachable) return;
    block->reachable = true;
    work.push_back(block);
  };
  while (!work.empty()) {
    Block* block = work.back();
    work.pop_back();
    reach(block->fall);
    for (const Inst& inst : block->insts) {
      reach(inst.target);
      if (inst.handler >= 0) reach(handlers[inst.handler].block);
    }
  }
  std::erase_if(layout, [](Block* block) { return !block->reachable; });
}

void FlowGraph::count_predecessors() {
  for (Block* block : layout) block->predecessors = 0;
  ++entry->predecessors;
  for (Block* block : layout) {
    if (block->fall != nullptr) ++block->fall->predecessors;
    if (!block->insts.empty() && block->insts.back().target != nullptr)
      ++block->insts.back().target->predecessors;
  }
}

// `return None` at the end of a function happens on the line that was executed last.
void FlowGraph::copy_exits() {
  count_predecessors();
  std::vector<Block*> placed;
  std::vector<Block*> copies;
  for (Block* block : layout) {
    placed.push_back(block);
    if (block->insts.empty()) continue;
    Inst& last = block->insts.back();
    Block* target = last.target;
    if (target == nullptr) continue;
    if (last.op == Op::JUMP && is_exit(target) && target->insts.size() <= 4 && target != block) {
      // A short exit instead of a jump to it.
      Position where = last.where;
      --target->predecessors;
      last.op = Op::NOP;
      last.target = nullptr;
      bool lineless = !target->insts.front().where.known();
      for (Inst inst : target->insts) {
        if (lineless && !inst.where.known()) inst.where = where;
        block->insts.push_back(inst);
      }
      continue;
    }
    if (is_lineless_exit(target) && target->predecessors > 1) {
      Block* copy = new_block();
      copy->insts = target->insts;
      copy->insts.front().where = last.where;
      --target->predecessors;
      copy->predecessors = 1;
      last.target = copy;
      copies.push_back(copy);
    }
  }
  // Copies end, so they can stand at the end.
  placed.insert(placed.end(), copies.begin(), copies.end());
  layout = std::move(placed);
}

void FlowGraph::spread_lines(const Position& start) {
  count_predecessors();
  for (Block* block : layout) {
    if (block->insts.empty()) {
      continue;
    }
    // Code without any line (a function that is only a docstring) is on the line of its `def`.
    Position where = block == entry ? start : Position{};
    for (Inst& inst : block->insts) {
      if (inst.where.known()) {
        where = inst.where;
      } else {
        inst.where = where;
      }
    }
    auto give = [&](Block* next) {
      for (int guard = 0;
           next != nullptr && next->insts.empty() && next->predecessors == 1 && guard < 1000;
           ++guard) {
        next = next->fall;
      }
      if (next == nullptr || next->insts.empty()) return;
      if (!next->insts.front().where.known() &&
          (next->predecessors == 1 || is_lineless_exit(next))) {
        next->insts.front().where = where;
      }
    };
    give(block->fall);
    give(block->insts.back().target);
  }
}

// A NOP stands for a line that would otherwise not be seen.
void FlowGraph::drop_nops() {
  auto first_line = [](const Block* block) {
    for (int guard = 0; block != nullptr && block->insts.empty() && guard < 1000; ++guard)
      block = block->fall;
    return block == nullptr || block->insts.empty() ? -1 : block->insts.front().where.line;
  };
  for (Block* block : layout) {
    int previous = -1;
    size_t kept = 0;
    for (size_t i = 0; i < block->insts.size(); ++i) {
      Inst& inst = block->insts[i];
      bool drop = false;
      if (inst.op == Op::NOP) {
        int line = inst.where.line;
        if (line < 0 || line == previous) {
          drop = true;
        } else if (i + 1 < block->insts.size()) {
          Inst& next = block->insts[i + 1];
          if (next.where.line == line) {
            drop = true;
          } else if (!next.where.known()) {
            next.where = inst.where;
            drop = true;
          }
        } else {
          drop = block->fall != nullptr && first_line(block->fall) == line;
        }
      }
      if (drop) continue;
      previous = inst.where.line;
      if (kept != i) block->insts[kept] = inst;
      ++kept;
    }
    block->insts.resize(kept);
  }
}

// What only exceptions reach goes to the end, so that the common path is dense.
void FlowGraph::split_cold() {
  for (Block* block : layout) block->warm = false;
  std::vector<Block*> work = {entry};
  entry->warm = true;
  while (!work.empty()) {
    Block* block = work.back();
    work.pop_back();
    Block* next[2] = {block->fall, block->insts.empty() ? nullptr : block->insts.back().target};
    for (Block* to : next) {
      if (to == nullptr || to->warm) continue;
      to->warm = true;
      work.push_back(to);
    }
  }
  std::vector<Block*> warm, cold;
  for (Block* block : layout) (block->warm ? warm : cold).push_back(block);
  warm.insert(warm.end(), cold.begin(), cold.end());
  layout = std::move(warm);
}

void FlowGraph::drop_jumps_to_next() {
  // Falls that the new order broke become jumps first, then jumps to the next block go.
  std::vector<Block*> placed;
  for (size_t i = 0; i < layout.size(); ++i) {
    Block* block = layout[i];
    placed.push_back(block);
    Block* next = i + 1 < layout.size() ? layout[i + 1] : nullptr;
    if (block->fall != nullptr && block->fall != next) {
      Block* holder = block;
      if (!block->insts.empty() && block->insts.back().target != nullptr) {
        holder = new_block();  // after a conditional jump
        placed.push_back(holder);
        holder->fall = block->fall;
        block->fall = holder;
      }
      Position where = block->insts.empty() ? Position{} : block->insts.back().where;
      int handler_here = block->insts.empty() ? -1 : block->insts.back().handler;
      holder->insts.push_back({Op::JUMP, 0, 0, 0, 0, holder->fall, handler_here, -1, where});
      holder->fall = nullptr;
    }
  }
  layout = std::move(placed);
  for (size_t i = 0; i + 1 < layout.size(); ++i) {
    Block* block = layout[i];
    if (block->insts.empty() || block->insts.back().op != Op::JUMP) continue;
    size_t at = i + 1;
    Block* target = block->insts.back().target;
    while (at < layout.size() && layout[at] != target && layout[at]->insts.empty()) ++at;
    if (at >= layout.size() || layout[at] != target) continue;
    // A `break` or `continue` on a line of its own stays visible.
    size_t count = block->insts.size();
    int line = block->insts.back().where.line;
    int before = count > 1 ? block->insts[count - 2].where.line : -1;
    int after = target->insts.empty() ? -1 : target->insts.front().where.line;
    if (line >= 0 && line != before && line != after) {
      block->insts.back().op = Op::NOP;
      block->insts.back().target = nullptr;
    } else {
      block->insts.pop_back();
    }
    block->fall = layout[i + 1];
  }
}

// Forward analysis over all paths: a CHECK_BOUND stays only where some path leaves the local empty.
// At a handler a local counts as bound when it is so before every covered instruction, as the
// verifier sees it.
void FlowGraph::prove_bound(size_t locals, size_t params) {
  bool any = false;
  for (Block* block : layout) {
    for (const Inst& inst : block->insts) any |= inst.op == Op::CHECK_BOUND;
  }
  if (!any) return;
  size_t words = (locals + 63) / 64;
  if (words == 0) return;
  using Bits = std::vector<uint64_t>;
  for (size_t i = 0; i < layout.size(); ++i) layout[i]->index = static_cast<uint32_t>(i);
  std::vector<Bits> in(layout.size());  // empty: not reached yet (all bound)
  std::vector<bool> queued(layout.size(), false);
  std::vector<uint32_t> work;
  auto meet = [&](Block* block, const Bits& state) {
    Bits& at = in[block->index];
    bool changed = false;
    if (at.empty()) {
      at = state;
      changed = true;
    } else {
      for (size_t w = 0; w < words; ++w) {
        uint64_t next = at[w] & state[w];
        changed |= next != at[w];
        at[w] = next;
      }
    }
    if (changed && !queued[block->index]) {
      queued[block->index] = true;
      work.push_back(block->index);
    }
  };
  auto step = [&](const Inst& inst, Bits& state) {
    auto set = [&](Reg reg, bool bound) {
      if (!is_local(reg) || static_cast<size_t>(reg) >= locals) return;
      if (bound) {
        state[reg / 64] |= uint64_t{1} << (reg % 64);
      } else {
        state[reg / 64] &= ~(uint64_t{1} << (reg % 64));
      }
    };
    if (inst.op == Op::CHECK_BOUND) return set(inst.b, true);
    if (inst.op == Op::DELETE_FAST || inst.op == Op::CLEAR) return set(inst.b, false);
    const auto& kinds = dpb::info(inst.op).kinds;
    if (kinds[0] == OperandKind::out) set(inst.a, true);
    if (inst.op == Op::UNPACK_SEQUENCE) {
      for (int i = 0; i < inst.c; ++i) set(is_local(inst.a) ? inst.a + i : kNoReg, true);
    } else if (inst.op == Op::UNPACK_EX) {
      for (int i = 0; i < inst.c + 1 + inst.aux; ++i)
        set(is_local(inst.a) ? inst.a + i : kNoReg, true);
    }
  };
  Bits start(words, 0);
  for (size_t i = 0; i < params; ++i) start[i / 64] |= uint64_t{1} << (i % 64);
  meet(entry, start);
  while (!work.empty()) {
    uint32_t index = work.back();
    work.pop_back();
    queued[index] = false;
    Block* block = layout[index];
    Bits state = in[index];
    int last_handler = -1;
    bool removed = true;  // the state lost something since it was given to the handler
    for (const Inst& inst : block->insts) {
      if (inst.handler >= 0 && (inst.handler != last_handler || removed)) {
        meet(handlers[inst.handler].block, state);
        last_handler = inst.handler;
        removed = false;
      }
      bool for_iter = inst.op == Op::FOR_ITER;
      if (for_iter) {
        Bits taken = state;
        step(inst, taken);
        meet(inst.target, taken);
        continue;
      }
      if (inst.op == Op::DELETE_FAST || inst.op == Op::CLEAR) removed = true;
      step(inst, state);
      if (inst.target != nullptr) meet(inst.target, state);
    }
    if (removed && last_handler >= 0) meet(handlers[last_handler].block, state);
    if (block->fall != nullptr) meet(block->fall, state);
  }
  for (Block* block : layout) {
    Bits state = in[block->index];
    if (state.empty()) continue;
    size_t kept = 0;
    for (size_t i = 0; i < block->insts.size(); ++i) {
      Inst& inst = block->insts[i];
      bool drop = inst.op == Op::CHECK_BOUND && is_local(inst.b) &&
                  static_cast<size_t>(inst.b) < locals && (state[inst.b / 64] >> (inst.b % 64) & 1);
      if (inst.op != Op::FOR_ITER) step(inst, state);
      if (drop) continue;
      if (kept != i) block->insts[kept] = inst;
      ++kept;
    }
    block->insts.resize(kept);
  }
}

bool FlowGraph::finish(dpb::CodeUnit& unit, const std::vector<Name>& params,
                       const std::vector<Name>& cells, const std::vector<Name>& frees,
                       int first_line, std::string& trouble) {
  set_falls();
  thread_jumps();
  mark_reachable();
  set_falls();
  copy_exits();
  set_falls();
  thread_jumps();
  mark_reachable();
  set_falls();
  spread_lines({first_line, first_line, 0, 0});
  drop_nops();
  split_cold();
  drop_jumps_to_next();
  prove_bound(varnames.size(), params.size());
  drop_nops();

  // The prologue stands outside every handler.
  std::vector<Inst> prologue;
  Position at{first_line, first_line, 0, 0};
  if (!frees.empty()) {
    prologue.push_back({Op::COPY_FREE_VARS,
                        0,
                        kFreeBase,
                        0,
                        static_cast<int32_t>(frees.size()),
                        nullptr,
                        -1,
                        -1,
                        {}});
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    prologue.push_back(
        {Op::MAKE_CELL, 0, 0, kCellBase + static_cast<Reg>(i), 0, nullptr, -1, -1, {}});
  }
  if (unit.heap_frame())
    prologue.push_back({Op::RETURN_GENERATOR, 0, 0, 0, 0, nullptr, -1, -1, at});
  if (!prologue.empty()) {
    // A block of its own, so that jumps to the first statement do not run it again.
    Block* first = new_block();
    first->insts = std::move(prologue);
    first->fall = entry;
    layout.insert(layout.begin(), first);
    entry = first;
  }
  return assemble(unit, cells, frees, trouble);
}

bool FlowGraph::assemble(dpb::CodeUnit& unit, const std::vector<Name>& cells,
                         const std::vector<Name>& frees, std::string& trouble) {
  for (Name name : varnames) unit.varnames.push_back(*name);
  for (Name name : cells) unit.cellvars.push_back(*name);
  for (Name name : frees) unit.freevars.push_back(*name);
  for (Name name : names_) unit.names.push_back(*name);

  // Folded constants follow the others, in the order of the code.
  std::vector<uint32_t> late_index(late_.size(), 0xFFFFFFFF);
  auto settle = [&](int32_t& index) {
    if (index < static_cast<int32_t>(kLate)) return;
    uint32_t& at = late_index[index - kLate];
    if (at == 0xFFFFFFFF) at = constant(late_[index - kLate]);
    index = static_cast<int32_t>(at);
  };
  for (Block* block : layout) {
    for (Inst& inst : block->insts) {
      const auto& kinds = dpb::info(inst.op).kinds;
      settle(inst.constant);
      if (kinds[1] == OperandKind::constant32 || kinds[1] == OperandKind::constant) settle(inst.b);
      if (kinds[2] == OperandKind::constant) settle(inst.c);
    }
  }
  // Constants that survived; the first one stays in any case, it may be the docstring.
  std::vector<uint8_t> used(constants.size(),
                            0);  // 1: by a 32-bit operand or for show, 2: by a 16-bit operand
  if (!constants.empty()) used[0] = 1;
  for (Block* block : layout) {
    for (const Inst& inst : block->insts) {
      const auto& kinds = dpb::info(inst.op).kinds;
      if (inst.constant >= 0) used[inst.constant] |= 1;
      if (kinds[1] == OperandKind::constant32 || kinds[1] == OperandKind::constant) {
        used[inst.b] |= kinds[1] == OperandKind::constant ? 2 : 1;
      }
      if (kinds[2] == OperandKind::constant) used[inst.c] |= 2;
    }
  }
  std::vector<uint32_t> new_index(constants.size(), 0);
  size_t used_count =
      std::count_if(used.begin(), used.end(), [](uint8_t bits) { return bits != 0; });
  auto take = [&](auto wanted) {
    for (size_t i = 0; i < constants.size(); ++i) {
      if (!wanted(i)) continue;
      new_index[i] = static_cast<uint32_t>(unit.constants.size());
      unit.constants.push_back(std::move(constants[i]));
    }
  };
  if (used_count <= 0xFFFF) {
    take([&](size_t i) { return used[i] != 0; });
  } else {
    // Those that must be named by 16 bits come first; a docstring stays where it is.
    take([&](size_t i) { return i == 0 || (used[i] & 2); });
    if (unit.constants.size() > 0xFFFF)
      return trouble = "too many constants in one code object", false;
    take([&](size_t i) { return i != 0 && used[i] == 1; });
  }

  // Sites that survived.
  std::vector<uint32_t> site_index(sites.size(), 0xFFFFFFFF);
  for (Block* block : layout) {
    for (const Inst& inst : block->insts) {
      const auto& kinds = dpb::info(inst.op).kinds;
      int32_t index = -1;
      if (kinds[1] == OperandKind::site32) index = inst.b;
      if (kinds[2] == OperandKind::site) index = inst.c;
      if (index < 0 || site_index[index] != 0xFFFFFFFF) continue;
      site_index[index] = static_cast<uint32_t>(unit.sites.size());
      unit.sites.push_back(sites[index]);
    }
  }

  uint32_t first_temporary = unit.first_temporary();
  uint32_t registers = first_temporary + static_cast<uint32_t>(max_depth);
  if (registers > 0xFFFF)
    return trouble = "too many variables and temporaries in one code object", false;
  unit.register_count = registers;
  std::vector<uint32_t> cell_registers(cells.size());
  for (size_t i = 0; i < cells.size(); ++i)
    cell_registers[i] = unit.cell_register(static_cast<uint32_t>(i));
  auto number = [&](Reg reg) -> uint32_t {
    if (reg >= kTempBase) return first_temporary + static_cast<uint32_t>(reg - kTempBase);
    if (reg >= kFreeBase) return unit.first_free() + static_cast<uint32_t>(reg - kFreeBase);
    if (reg >= kCellBase) return cell_registers[reg - kCellBase];
    CHECK(reg >= 0);
    return unit.first_local() + static_cast<uint32_t>(reg);
  };

  // Sizes: a jump too far for 16 bits takes a detour, which may push others out of range.
  std::vector<Inst*> far;
  std::unordered_map<const Inst*, bool> is_far;
  auto size_of = [&](const Inst& inst) -> uint32_t {
    if (is_far.empty() || !is_far.contains(&inst)) return 1;
    return inst.op == Op::FOR_ITER || inst.op == Op::SEND ? 3 : 2;
  };
  for (bool again = true; again;) {
    again = false;
    uint32_t offset = 0;
    for (Block* block : layout) {
      block->offset = offset;
      for (const Inst& inst : block->insts) offset += size_of(inst);
    }
    offset = 0;
    for (Block* block : layout) {
      for (const Inst& inst : block->insts) {
        offset += size_of(inst);
        if (inst.target == nullptr || inst.op == Op::JUMP || inst.op == Op::JUMP_BACKWARD ||
            is_far.contains(&inst)) {
          continue;
        }
        int64_t distance = static_cast<int64_t>(inst.target->offset) - offset;
        if (distance < -32000 || distance > 32000) {
          is_far[&inst] = true;
          again = true;
        }
      }
    }
  }

  auto append = [&](Op op, uint8_t aux, uint32_t a, uint32_t b, uint32_t c, const Inst& from) {
    unit.instructions.push_back({static_cast<uint8_t>(op), aux, static_cast<uint16_t>(a),
                                 static_cast<uint16_t>(b), static_cast<uint16_t>(c)});
    // What is derived from a place nowhere is nowhere.
    const Position& at_source = from.where;
    unit.positions.push_back({std::max(at_source.line, -1), std::max(at_source.end_line, -1),
                              std::max(at_source.col, -1), std::max(at_source.end_col, -1)});
    if (from.handler >= 0) {
      const Handler& handler = handlers[from.handler];
      uint32_t at = static_cast<uint32_t>(unit.instructions.size() - 1);
      if (!unit.exceptions.empty() && unit.exceptions.back().end == at &&
          unit.exceptions.back().handler == handler.block->offset &&
          unit.exceptions.back().depth == static_cast<uint32_t>(handler.depth)) {
        ++unit.exceptions.back().end;
      } else {
        unit.exceptions.push_back(
            {at, at + 1, handler.block->offset, static_cast<uint32_t>(handler.depth)});
      }
    }
  };
  auto append_jump = [&](Block* target, const Inst& from) {
    int32_t distance =
        static_cast<int32_t>(target->offset) - static_cast<int32_t>(unit.instructions.size() + 1);
    bool to_send = !target->insts.empty() && target->insts.front().op == Op::SEND;
    Op op = distance < 0 && !to_send ? Op::JUMP_BACKWARD : Op::JUMP;
    uint32_t wide = static_cast<uint32_t>(distance);
    append(op, 0, 0, wide & 0xFFFF, wide >> 16, from);
  };
  for (Block* block : layout) {
    CHECK(block->offset == unit.instructions.size());
    for (const Inst& inst : block->insts) {
      if (inst.op == Op::JUMP || inst.op == Op::JUMP_BACKWARD) {
        append_jump(inst.target, inst);
        continue;
      }
      const auto& kinds = dpb::info(inst.op).kinds;
      int32_t source[3] = {inst.a, inst.b, inst.c};
      uint32_t operand[3];
      for (int i = 0; i < 3; ++i) {
        bool read = is_register(kinds[i]) &&
                    source[i] != kNoReg;  // kNoReg: not read in this form, stays zero
        operand[i] = read                    ? number(source[i])
                     : is_register(kinds[i]) ? 0
                                             : static_cast<uint32_t>(source[i]);
      }
      if (kinds[0] == OperandKind::none) operand[0] = 0;
      if (kinds[1] == OperandKind::none) operand[1] = 0;
      if (kinds[2] == OperandKind::none) operand[2] = 0;
      if (kinds[1] == OperandKind::constant || kinds[1] == OperandKind::constant32)
        operand[1] = new_index[inst.b];
      if (kinds[2] == OperandKind::constant) operand[2] = new_index[inst.c];
      if (kinds[1] == OperandKind::site32) operand[1] = site_index[inst.b];
      if (kinds[2] == OperandKind::site) {
        operand[2] = site_index[inst.c];
        if (operand[2] > 0xFFFF)
          return trouble = "too many attributes and calls in one code object", false;
      }
      if (kinds[1] == OperandKind::constant32 || kinds[1] == OperandKind::site32 ||
          kinds[1] == OperandKind::int32) {
        operand[2] = operand[1] >> 16;
        operand[1] &= 0xFFFF;
      }
      if (inst.target == nullptr) {
        append(inst.op, inst.aux, operand[0], operand[1], operand[2], inst);
        continue;
      }
      int slot = kinds[0] == OperandKind::jump ? 0 : 2;
      if (!is_far.contains(&inst)) {
        int32_t distance = static_cast<int32_t>(inst.target->offset) -
                           static_cast<int32_t>(unit.instructions.size() + 1);
        operand[slot] = static_cast<uint32_t>(distance);
        append(inst.op, inst.aux, operand[0], operand[1], operand[2], inst);
        continue;
      }
      operand[slot] = 1;
      if (inst.op == Op::FOR_ITER || inst.op == Op::SEND) {
        append(inst.op, inst.aux, operand[0], operand[1], operand[2], inst);
        append(Op::JUMP, 0, 0, 1, 0, inst);
      } else {
        append(inst.op, inst.aux ^ dpb::kSense, operand[0], operand[1], operand[2], inst);
      }
      append_jump(inst.target, inst);
    }
  }
  return true;
}

}  // namespace dx::compiler
