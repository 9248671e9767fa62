#pragma once
// An interpreter of the flat SSA buffer, written to be obviously right: the other side of every
// differential run. It reads and writes real memory, so it must be given valid units whose
// addresses are good.
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

#include "jit/context.h"
#include "jit/ssa_read.h"

namespace dx::jit {

struct ReferenceResult {
  uint64_t value = 0;
  bool left = false;  // through an exit
  uint32_t exit = 0;
  std::vector<uint64_t> exit_values;
};

struct ReferenceWorld {
  uint64_t context = 0;  // address of a MachineContext
  uint64_t unit_data = 0;
  // What the four kinds of call do; `target` is an index or an address.
  std::function<uint64_t(Op op, uint64_t target, std::span<const uint64_t> args)> call;
  uint64_t fuel = 1'000'000;  // instructions until the run is declared endless
};

class Reference {
 public:
  Reference(const SsaUnit& unit, ReferenceWorld& world)
      : unit_(unit), world_(world), values_(unit.types.size()) {}

  ReferenceResult run(std::span<const uint64_t> params) {
    for (size_t i = 0; i < params.size(); ++i) values_[i] = params[i];
    uint32_t block = 0;
    for (;;) {
      for (const SsaInst& inst : unit_.blocks[block].insts) {
        CHECK(world_.fuel-- > 0);
        if (is_end(inst.op)) {
          if (finished(inst, block)) return std::move(result_);
          break;
        }
        if (inst.shape == Shape::guard) {
          if ((value(inst.words[0]) != 0) != (inst.op == Op::guard_true)) {
            leave(inst.words[1]);
            return std::move(result_);
          }
          continue;
        }
        step(inst);
      }
    }
  }

 private:
  uint64_t value(uint32_t id) const { return values_[id]; }
  static uint64_t mask(Type type, uint64_t bits) {
    switch (type) {
      case Type::i8: return bits & 0xff;
      case Type::i16: return bits & 0xffff;
      case Type::i32: return bits & 0xffffffff;
      default: return bits;
    }
  }
  static int64_t sign(Type type, uint64_t bits) {
    switch (type) {
      case Type::i8: return static_cast<int8_t>(bits);
      case Type::i16: return static_cast<int16_t>(bits);
      case Type::i32: return static_cast<int32_t>(bits);
      default: return static_cast<int64_t>(bits);
    }
  }
  static unsigned width(Type type) {
    switch (type) {
      case Type::i8: return 8;
      case Type::i16: return 16;
      case Type::i32: return 32;
      default: return 64;
    }
  }

  void leave(uint32_t exit) {
    result_.left = true;
    result_.exit = exit;
    result_.value = kTookExit;
    for (uint32_t id : unit_.exits[exit]) result_.exit_values.push_back(value(id));
  }

  void enter(uint32_t& block, uint32_t to, std::span<const uint32_t> args) {
    std::vector<uint64_t> copies;  // all read before any is written: a loop may swap its parameters
    for (uint32_t id : args) copies.push_back(value(id));
    for (size_t i = 0; i < copies.size(); ++i)
      values_[unit_.blocks[to].first_param + i] = copies[i];
    block = to;
  }

  bool finished(const SsaInst& inst, uint32_t& block) {
    auto w = inst.words;
    switch (inst.op) {
      case Op::jump: enter(block, w[0], w.subspan(2)); return false;
      case Op::branch:
        if (value(w[0])) {
          enter(block, w[1], w.subspan(3, w[2]));
        } else {
          enter(block, w[3 + w[2]], w.subspan(5 + w[2]));
        }
        return false;
      case Op::jump_table: block = value(w[0]) < w[2] ? w[3 + value(w[0])] : w[1]; return false;
      case Op::ret: result_.value = w[0] ? value(w[1]) : 0; return true;
      case Op::leave: leave(w[0]); return true;
      case Op::tail_call:
      case Op::tail_direct: result_.value = call(inst); return true;
      default: CHECK(!"the unit reached `unreachable`"); return true;
    }
  }

  uint64_t call(const SsaInst& inst) {
    std::vector<uint64_t> args;
    for (uint32_t id : inst.words.subspan(3)) args.push_back(value(id));
    uint64_t target = inst.shape == Shape::call_value ? value(inst.words[1]) : inst.words[1];
    return world_.call(inst.op, target, args);
  }

  uint64_t address(uint32_t id, uint32_t offset) const {
    return value(id) + static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(offset)));
  }
  static uint64_t read(Type type, uint64_t at) {
    uint64_t bits = 0;
    std::memcpy(&bits, reinterpret_cast<void*>(at), width(type) / 8);
    return bits;
  }
  static void write(Type type, uint64_t at, uint64_t bits) {
    std::memcpy(reinterpret_cast<void*>(at), &bits, width(type) / 8);
  }

  void step(const SsaInst& inst) {
    auto w = inst.words;
    auto a = [&] { return value(w[0]); };
    auto b = [&] { return value(w[1]); };
    auto fa = [&] { return std::bit_cast<double>(value(w[0])); };
    auto fb = [&] { return std::bit_cast<double>(value(w[1])); };
    Type type = inst.type;
    unsigned bits = width(type);
    auto set = [&](uint64_t out) { values_[inst.first_result] = mask(type, out); };
    auto set_bool = [&](bool out) { values_[inst.first_result] = out; };
    auto set_float = [&](double out) { values_[inst.first_result] = std::bit_cast<uint64_t>(out); };
    auto checked = [&](__int128 exact) {
      uint64_t wrapped = mask(type, static_cast<uint64_t>(exact));
      values_[inst.first_result] = wrapped;
      values_[inst.first_result + 1] = exact != static_cast<__int128>(sign(type, wrapped));
    };
    int64_t sa = 0, sb = 0;
    if (w.size() >= 2 && inst.shape != Shape::constant && inst.shape < Shape::select) {
      sa = sign(type, a());
      sb = sign(type, b());
    } else if (!w.empty() && inst.shape == Shape::unary) {
      sa = sign(type, a());
    }
    switch (inst.op) {
      case Op::iconst: set(w[0] | static_cast<uint64_t>(w[1]) << 32); break;
      case Op::fconst: set(w[0] | static_cast<uint64_t>(w[1]) << 32); break;
      case Op::iadd: set(a() + b()); break;
      case Op::isub: set(a() - b()); break;
      case Op::imul: set(a() * b()); break;
      case Op::smulhi: set(static_cast<uint64_t>((static_cast<__int128>(sa) * sb) >> 64)); break;
      case Op::umulhi:
        set(static_cast<uint64_t>((static_cast<unsigned __int128>(a()) * b()) >> 64));
        break;
      case Op::band: set(a() & b()); break;
      case Op::bor: set(a() | b()); break;
      case Op::bxor: set(a() ^ b()); break;
      case Op::ishl: set(a() << (b() & (bits - 1))); break;
      case Op::ushr: set(a() >> (b() & (bits - 1))); break;
      case Op::sshr: set(static_cast<uint64_t>(sa >> (b() & (bits - 1)))); break;
      case Op::rotl: {
        unsigned n = b() & (bits - 1);
        set(n ? a() << n | a() >> (bits - n) : a());
        break;
      }
      case Op::rotr: {
        unsigned n = b() & (bits - 1);
        set(n ? a() >> n | a() << (bits - n) : a());
        break;
      }
      case Op::smin: set(sa < sb ? a() : b()); break;
      case Op::smax: set(sa > sb ? a() : b()); break;
      case Op::umin: set(a() < b() ? a() : b()); break;
      case Op::umax: set(a() > b() ? a() : b()); break;
      case Op::sdiv: set(static_cast<uint64_t>(sa / sb)); break;
      case Op::udiv: set(a() / b()); break;
      case Op::srem: set(static_cast<uint64_t>(sa % sb)); break;
      case Op::urem: set(a() % b()); break;
      case Op::ineg: set(0 - a()); break;
      case Op::bnot: set(~a()); break;
      case Op::clz:
        set(a() ? static_cast<unsigned>(std::countl_zero(a())) - (64 - bits) : bits);
        break;
      case Op::ctz: set(a() ? static_cast<unsigned>(std::countr_zero(a())) : bits); break;
      case Op::popcnt: set(static_cast<unsigned>(std::popcount(a()))); break;
      case Op::sadd_overflow: checked(static_cast<__int128>(sa) + sb); break;
      case Op::ssub_overflow: checked(static_cast<__int128>(sa) - sb); break;
      case Op::smul_overflow: checked(static_cast<__int128>(sa) * sb); break;
      case Op::fadd: set_float(fa() + fb()); break;
      case Op::fsub: set_float(fa() - fb()); break;
      case Op::fmul: set_float(fa() * fb()); break;
      case Op::fdiv: set_float(fa() / fb()); break;
      case Op::fneg: set(a() ^ 1ull << 63); break;
      case Op::fabs: set(a() & ~(1ull << 63)); break;
      case Op::sqrt: set_float(std::sqrt(fa())); break;
      case Op::floor: set_float(std::floor(fa())); break;
      case Op::ceil: set_float(std::ceil(fa())); break;
      case Op::ftrunc: set_float(std::trunc(fa())); break;
      case Op::nearest: set_float(std::nearbyint(fa())); break;
      case Op::sext: set(static_cast<uint64_t>(sign(unit_.types[w[0]], a()))); break;
      case Op::uext:
      case Op::trunc:
      case Op::bitcast: set(a()); break;
      case Op::int_to_float: set_float(static_cast<double>(static_cast<int64_t>(a()))); break;
      case Op::float_to_int: {
        double x = fa();
        int64_t out = std::isnan(x) ? 0
                      : x >= 0x1p63 ? INT64_MAX
                      : x < -0x1p63 ? INT64_MIN
                                    : static_cast<int64_t>(x);
        set(static_cast<uint64_t>(out));
        break;
      }
      case Op::icmp: {
        bool out = false;
        switch (static_cast<Cond>(inst.third)) {
          case Cond::eq: out = a() == b(); break;
          case Cond::ne: out = a() != b(); break;
          case Cond::slt: out = sa < sb; break;
          case Cond::sle: out = sa <= sb; break;
          case Cond::sgt: out = sa > sb; break;
          case Cond::sge: out = sa >= sb; break;
          case Cond::ult: out = a() < b(); break;
          case Cond::ule: out = a() <= b(); break;
          case Cond::ugt: out = a() > b(); break;
          case Cond::uge: out = a() >= b(); break;
        }
        set_bool(out);
        break;
      }
      case Op::fcmp: {
        bool out = false, unordered = std::isnan(fa()) || std::isnan(fb());
        switch (static_cast<FloatCond>(inst.third)) {
          case FloatCond::eq: out = fa() == fb(); break;
          case FloatCond::ne: out = fa() != fb(); break;
          case FloatCond::lt: out = fa() < fb(); break;
          case FloatCond::le: out = fa() <= fb(); break;
          case FloatCond::gt: out = fa() > fb(); break;
          case FloatCond::ge: out = fa() >= fb(); break;
          case FloatCond::ordered: out = !unordered; break;
          case FloatCond::unordered: out = unordered; break;
        }
        set_bool(out);
        break;
      }
      case Op::select: set(a() ? b() : value(w[2])); break;
      case Op::load: set(read(type, address(w[0], w[1]))); break;
      case Op::store: write(type, address(w[1], w[2]), a()); break;
      case Op::atomic_load: set(read(type, a())); break;
      case Op::atomic_store: write(type, b(), a()); break;
      case Op::atomic_add: {
        uint64_t old = read(type, a());
        write(type, a(), mask(type, old + b()));
        set(old);
        break;
      }
      case Op::atomic_swap_if: {
        uint64_t old = read(type, a());
        if (old == b()) write(type, a(), value(w[2]));
        set(old);
        break;
      }
      case Op::fence:
      case Op::mark: break;
      case Op::context: set(world_.context); break;
      case Op::unit_data: set(world_.unit_data + w[0]); break;
      case Op::call_helper:
      case Op::call_cold:
      case Op::call_pointer:
      case Op::call_direct: {
        uint64_t out = call(inst);
        if (inst.result_count) values_[inst.first_result] = out;
        break;
      }
      default: CHECK(!"the reference does not know this operation"); break;
    }
  }

  const SsaUnit& unit_;
  ReferenceWorld& world_;
  std::vector<uint64_t> values_;
  ReferenceResult result_;
};

}  // namespace dx::jit
