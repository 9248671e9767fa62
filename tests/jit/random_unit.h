#pragma once
// Random valid units: every operation, structured and nested control flow, guards, calls, memory of
// every width. They terminate, divide by nothing that traps, stay inside the memory they are given,
// and tell the truth about alias regions, so that two ways of running one must agree.
//
// The frame a unit is entered with: bytes 0..255 are Region::frame, 256..511 Region::object, and
// 512..639 are never written.
#include "jit/context.h"
#include "jit/ssa.h"

namespace dx::jit {

constexpr uint32_t kFrameBytes = 640, kUnitDataBytes = 128;
// Helper table of the random units: a plain helper, a cold thunk, another unit to call.
constexpr uint32_t kPlainHelper = 1, kColdThunk = 2, kColdHelper = 3;

inline uint64_t plain_helper_result(uint64_t a, uint64_t b) {
  return (a ^ (b << 7 | b >> 57)) * 0x9e3779b97f4a7c15;
}
inline uint64_t cold_helper_result(uint64_t a) { return a * 5 + 17; }
inline uint64_t other_unit_result(uint64_t a) { return a * 3 + 1; }

class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x1234567) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>((next() >> 32) * limit >> 32); }
  bool one_in(uint32_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

class RandomUnit {
 public:
  // `other_unit`: address of a unit that computes other_unit_result.
  RandomUnit(uint64_t seed, uint64_t other_unit)
      : rng_(seed), other_unit_(other_unit), b_(Conv::unit, Type::i64, {Type::i64}) {
    b_.reserve_data(kUnitDataBytes);
    helper_sig_ = b_.signature(Conv::system, Type::i64, {Type::i64, Type::i64});
    cold_sig_ = b_.signature(Conv::cold, Type::none, {Type::i64});
    unit_sig_ = b_.signature(Conv::unit, Type::i64, {Type::i64});
    symbol_ = b_.symbol();
    budget_ = 10 + rng_.below(51);
  }

  SsaBuffer make() {
    frame_ = b_.param(0);
    add(frame_);
    add(b_.iconst(static_cast<int64_t>(interesting())));
    add(b_.load(Type::i64, Region::frame, frame_, static_cast<int32_t>(8 * rng_.below(32))));
    sequence(2);
    // After a jump to a merge point nothing is open-ended: the last block still is.
    uint32_t kind = rng_.below(16);
    if (kind == 0) {
      b_.tail_call(unit_sig_, b_.iconst(static_cast<int64_t>(other_unit_)), {pick(Type::i64)});
    } else if (kind == 1) {
      b_.tail_direct(unit_sig_, symbol_, {pick(Type::i64)});
    } else if (kind == 2) {
      b_.leave(exit());
    } else {
      b_.ret(pick(Type::i64));
    }
    return b_.finish();
  }

 private:
  uint64_t interesting() {
    switch (rng_.below(8)) {
      case 0: return rng_.next();
      case 1: return 1ull << rng_.below(64);
      case 2: return ~(1ull << rng_.below(64));
      case 3: return 0x7fffffffffffffff;
      case 4: return 0x8000000000000000;
      case 5: return 0xffffffff80000000;
      default: return rng_.below(200) - 100ull;
    }
  }

  void add(Val value) { pool_.push_back(value); }
  bool has_budget() { return b_.inst_count() < budget_; }

  // Any value of the type: one that exists, or a fresh constant.
  Val pick(Type type) {
    if (!rng_.one_in(6)) {
      for (int tries = 0; tries < 6; ++tries) {
        // Recent values more often: chains, not bushes.
        size_t size = pool_.size(),
               back = rng_.one_in(2) ? rng_.below(static_cast<uint32_t>(std::min<size_t>(size, 6)))
                                     : rng_.below(static_cast<uint32_t>(size));
        Val found = pool_[size - 1 - back];
        if (found.type == type) return found;
      }
    }
    Val made;
    if (type == Type::f64) {
      static constexpr double kFloats[] = {0.0,    -0.0,  1.0,    -1.5,   3.25e10,
                                           1e-300, 1e300, 0x1p63, -0x1p63};
      made = rng_.one_in(12)  ? b_.fconst_bits(0x7ff8000000000000)
             : rng_.one_in(8) ? b_.fconst_bits(0x7ff0000000000000)
                              : b_.fconst(kFloats[rng_.below(9)]);
    } else {
      made = b_.iconst(type, static_cast<int64_t>(interesting()));
    }
    add(made);
    return made;
  }
  Type int_type() { return static_cast<Type>(1 + rng_.below(4)); }
  Type wide_type() { return rng_.one_in(3) ? Type::i32 : Type::i64; }
  Type any_type() { return static_cast<Type>(1 + rng_.below(5)); }

  // NaNs differ in their bits between ways of computing them: before bits are looked at, all become
  // one.
  Val one_nan(Val x) {
    return b_.select(b_.fcmp(FloatCond::unordered, x, x), b_.fconst_bits(0x7ff8000000000000), x);
  }

  ExitRef exit() {
    std::vector<Val> values;
    for (uint32_t n = rng_.below(8); n > 0; --n)
      values.push_back(pool_[rng_.below(static_cast<uint32_t>(pool_.size()))]);
    return b_.exit(values);
  }

  void sequence(int depth) {
    do {
      if (depth > 0 && rng_.one_in(7)) {
        control(depth - 1);
      } else {
        instruction();
      }
    } while (has_budget() && !(depth < 2 && rng_.one_in(6)));
  }

  struct Scope {
    RandomUnit& unit;
    size_t size;
    explicit Scope(RandomUnit& u) : unit(u), size(u.pool_.size()) {}
    ~Scope() { unit.pool_.resize(size); }
  };

  void control(int depth) {
    switch (rng_.below(4)) {
      case 0: {  // if / else with values meeting
        Type a = any_type(), c = any_type();
        Val condition = pick(rng_.one_in(4) ? int_type() : Type::i8);
        BlockRef then = b_.block(), otherwise = rng_.one_in(3) ? b_.cold_block() : b_.block();
        Type merged[] = {a, c};
        BlockRef meet = b_.block(merged);
        b_.branch(condition, then, {}, otherwise, {});
        for (BlockRef side : {then, otherwise}) {
          b_.open(side);
          Scope scope(*this);
          sequence(depth);
          b_.jump(meet, {pick(a), pick(c)});
        }
        b_.open(meet);
        add(b_.block_param(meet, 0));
        add(b_.block_param(meet, 1));
        break;
      }
      case 1: {  // counted loop carrying two values
        Type a = any_type(), c = any_type();
        Type carried[] = {Type::i64, a, c};
        BlockRef loop = b_.block(carried), done = b_.block();
        Val first = pick(a), second = pick(c);
        b_.jump(loop, {b_.iconst(1 + rng_.below(5)), first, second});
        b_.open(loop);
        {
          Scope scope(*this);
          Val counter = b_.block_param(loop, 0);
          add(b_.block_param(loop, 1));
          add(b_.block_param(loop, 2));
          sequence(depth);
          Val next_a = pick(a), next_c = pick(c);
          Val left = b_.isub(counter, b_.iconst(1));
          b_.branch(b_.icmp(Cond::ne, left, b_.iconst(0)), loop, {left, next_a, next_c}, done, {});
        }
        b_.open(done);
        add(b_.block_param(loop, 1));  // the loop dominates what follows
        break;
      }
      case 2: {  // switch
        Val index = pick(Type::i32);
        if (rng_.one_in(2)) index = b_.band(index, b_.iconst(Type::i32, 3));
        Type a = any_type();
        Type merged[] = {a};
        BlockRef meet = b_.block(merged);
        std::vector<BlockRef> arms;
        for (uint32_t n = 1 + rng_.below(4); n > 0; --n) arms.push_back(b_.block());
        BlockRef otherwise = b_.cold_block();
        b_.jump_table(index, otherwise, arms);
        arms.push_back(otherwise);
        for (BlockRef arm : arms) {
          b_.open(arm);
          Scope scope(*this);
          instruction();
          b_.jump(meet, {pick(a)});
        }
        b_.open(meet);
        add(b_.block_param(meet, 0));
        break;
      }
      default: {  // a rare way out
        Val condition = pick(Type::i8);
        BlockRef out = b_.cold_block(), on = b_.block();
        b_.branch(condition, on, {}, out, {});
        b_.open(out);
        {
          Scope scope(*this);
          if (rng_.one_in(2)) instruction();
          if (rng_.one_in(2)) {
            b_.ret(pick(Type::i64));
          } else {
            b_.leave(exit());
          }
        }
        b_.open(on);
        break;
      }
    }
  }

  // An address in [start, start + 256) of the frame, and how far an offset may still go.
  Val address(int32_t start, int32_t& offset, uint32_t bytes) {
    if (rng_.one_in(3)) {
      Val index = b_.band(pick(Type::i64), b_.iconst(0x78));
      offset = start + static_cast<int32_t>(rng_.below(128 - bytes + 1));
      return b_.iadd(frame_, index);
    }
    offset = start + static_cast<int32_t>(rng_.below(256 - bytes + 1));
    return frame_;
  }
  static uint32_t bytes_of(Type type) {
    return type == Type::i8 ? 1 : type == Type::i16 ? 2 : type == Type::i32 ? 4 : 8;
  }

  void memory() {
    Type type = any_type();
    uint32_t bytes = bytes_of(type);
    int32_t offset = 0;
    bool object = rng_.one_in(2);
    Region region = rng_.one_in(5) ? Region::any : object ? Region::object : Region::frame;
    switch (rng_.below(8)) {
      case 0:
      case 1:
      case 2: {
        Val base = address(object ? 256 : 0, offset, bytes);
        add(b_.load(type, region, base, offset));
        break;
      }
      case 3:
      case 4: {
        Val base = address(object ? 256 : 0, offset, bytes);
        Val stored = pick(type);
        if (type == Type::f64) stored = one_nan(stored);
        b_.store(region, stored, base, offset);
        break;
      }
      case 5:
        add(b_.load(type, Region::cache, frame_,
                    512 + static_cast<int32_t>(rng_.below(128 - bytes + 1)), true));
        break;
      case 6: {
        Val data = b_.unit_data(8 * rng_.below(kUnitDataBytes / 8));
        add(data);
        if (rng_.one_in(2)) b_.store(Region::unit_data, pick(Type::i64), data, 0);
        add(b_.load(Type::i64, Region::unit_data, data, 0));
        break;
      }
      default: {
        Val at = b_.iadd(frame_, b_.iconst(8 * rng_.below(32)));
        Type width = wide_type();
        switch (rng_.below(4)) {
          case 0: add(b_.atomic_load(width, at)); break;
          case 1: b_.atomic_store(pick(width), at); break;
          case 2: add(b_.atomic_add(at, pick(width))); break;
          default: {
            Val expected = rng_.one_in(2) ? b_.load(width, Region::any, at, 0) : pick(width);
            add(b_.atomic_swap_if(at, expected, pick(width)));
          }
        }
        break;
      }
    }
  }

  void call() {
    switch (rng_.below(5)) {
      case 0:
        add(b_.call_helper(helper_sig_, kPlainHelper, {pick(Type::i64), pick(Type::i64)}));
        break;
      case 1:
        b_.call_cold(cold_sig_, kColdThunk, {pick(Type::i64)});
        add(b_.load(Type::i64, Region::context, b_.context(),
                    offsetof(MachineContext, cold_result)));
        break;
      case 2: {
        Val target = b_.iconst(static_cast<int64_t>(other_unit_));
        add(b_.call_pointer(unit_sig_, target, {pick(Type::i64)}));
        break;
      }
      case 3: add(b_.call_direct(unit_sig_, symbol_, {pick(Type::i64)})); break;
      default: {
        Val target =
            b_.load(Type::i64, Region::context, b_.context(),
                    static_cast<int32_t>(offsetof(MachineContext, helpers) + 8 * kPlainHelper));
        add(b_.call_pointer(helper_sig_, target, {pick(Type::i64), pick(Type::i64)}));
        break;
      }
    }
  }

  void divide() {
    Type type = wide_type();
    Val a = pick(type), d = pick(type);
    Op op = static_cast<Op>(static_cast<int>(Op::sdiv) + static_cast<int>(rng_.below(4)));
    if (rng_.one_in(2)) {
      static constexpr int64_t kDivisors[] = {1, 2, 3, 7, 10, 64, 1000003, -5, -2};
      d = b_.iconst(type, kDivisors[rng_.below(9)]);
    } else {
      d = b_.bor(d, b_.iconst(type, 1));
      if (op == Op::sdiv || op == Op::srem) d = b_.band(d, b_.iconst(type, 0xffff));  // never -1
    }
    add(b_.binary(op, a, d));
  }

  void instruction() {
    switch (rng_.below(20)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        static constexpr Op kOps[] = {Op::iadd, Op::isub, Op::imul, Op::ishl, Op::ushr,
                                      Op::sshr, Op::rotl, Op::rotr, Op::smin, Op::smax,
                                      Op::umin, Op::umax, Op::iadd, Op::isub};
        Type type = wide_type();
        add(b_.binary(kOps[rng_.below(14)], pick(type), pick(type)));
        break;
      }
      case 4: {
        static constexpr Op kOps[] = {Op::band, Op::bor, Op::bxor};
        Type type = int_type();
        add(b_.binary(kOps[rng_.below(3)], pick(type), pick(type)));
        break;
      }
      case 5: {
        static constexpr Op kOps[] = {Op::ineg, Op::clz, Op::ctz, Op::popcnt};
        add(rng_.one_in(3) ? b_.bnot(pick(int_type()))
                           : b_.unary(kOps[rng_.below(4)], pick(wide_type())));
        break;
      }
      case 6:
      case 7: {
        Type type = wide_type();
        auto made = b_.overflow(
            static_cast<Op>(static_cast<int>(Op::sadd_overflow) + static_cast<int>(rng_.below(3))),
            pick(type), pick(type));
        add(made.value);
        add(made.overflow);
        break;
      }
      case 8: {
        static constexpr Op kOps[] = {Op::fadd, Op::fsub, Op::fmul, Op::fdiv};
        add(b_.binary(kOps[rng_.below(4)], pick(Type::f64), pick(Type::f64)));
        break;
      }
      case 9: {
        static constexpr Op kOps[] = {Op::fneg, Op::fabs,   Op::sqrt,   Op::floor,
                                      Op::ceil, Op::ftrunc, Op::nearest};
        add(b_.unary(kOps[rng_.below(7)], pick(Type::f64)));
        break;
      }
      case 10: {
        Type from = int_type(), to = int_type();
        if (from == to) {
          add(b_.int_to_float(pick(Type::i64)));
        } else {
          add(b_.convert(from > to        ? Op::trunc
                         : rng_.one_in(2) ? Op::sext
                                          : Op::uext,
                         to, pick(from)));
        }
        break;
      }
      case 11:
        switch (rng_.below(3)) {
          case 0: add(b_.bitcast(Type::i64, one_nan(pick(Type::f64)))); break;
          case 1: add(b_.float_to_int(pick(Type::f64))); break;
          default: add(b_.bitcast(Type::f64, pick(Type::i64))); break;
        }
        break;
      case 12: {
        Type type = int_type();
        add(b_.icmp(static_cast<Cond>(rng_.below(10)), pick(type), pick(type)));
        break;
      }
      case 13:
        add(b_.fcmp(static_cast<FloatCond>(rng_.below(8)), pick(Type::f64), pick(Type::f64)));
        break;
      case 14: {
        Type type = any_type();
        add(b_.select(pick(rng_.one_in(3) ? int_type() : Type::i8), pick(type), pick(type)));
        break;
      }
      case 15:
      case 16: memory(); break;
      case 17: call(); break;
      case 18:
        if (rng_.one_in(4)) {
          b_.mark(rng_.below(1000));
        } else if (rng_.one_in(4)) {
          b_.fence();
        } else {
          divide();
        }
        break;
      default: {
        // Most guards hold, so that most units run to their end.
        Val condition = pick(Type::i8);
        if (!rng_.one_in(4))
          condition =
              b_.bor(b_.icmp(Cond::ule, pick(Type::i8), pick(Type::i8)), b_.iconst(Type::i8, 2));
        ExitRef out = exit();
        if (rng_.one_in(4)) {
          b_.guard_false(
              b_.icmp(Cond::eq, pick(Type::i64), b_.iconst(static_cast<int64_t>(interesting()))),
              out);
        } else {
          b_.guard_true(condition, out);
        }
        break;
      }
    }
  }

  Rng rng_;
  uint64_t other_unit_;
  SsaBuilder b_;
  SigRef helper_sig_, cold_sig_, unit_sig_;
  uint32_t symbol_ = 0, budget_ = 0;
  Val frame_;
  std::vector<Val> pool_;
};

}  // namespace dx::jit
