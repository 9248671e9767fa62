#include "kernels.h"

#include <vector>

namespace dx::bench {
namespace {

using namespace jit;
constexpr Type w = Type::i64;

// A builder with the words that every kernel says.
struct Code {
  SsaBuilder b{Conv::unit, Type::i64, {Type::i64}};
  Val frame = b.param(0);

  Val slot(uint32_t index) {
    return b.load(w, Region::frame, frame, static_cast<int32_t>(8 * index));
  }
  void set(uint32_t index, Val value) {
    b.store(Region::frame, value, frame, static_cast<int32_t>(8 * index));
  }
  Val k(int64_t value) { return b.iconst(value); }

  // Both small ints: one AND, one test.
  void guard_ints(Val a, Val c, ExitRef exit) { b.guard_true(b.band(b.band(a, c), k(1)), exit); }
  // (i << 1 | 1) + (j << 1 | 1) - 1
  Val add_ints(Val a, Val c, ExitRef exit) {
    auto sum = b.sadd_overflow(b.isub(a, k(1)), c);
    b.guard_false(sum.overflow, exit);
    return sum.value;
  }
  void guard_float(Val a, ExitRef exit) {
    b.guard_true(b.icmp(Cond::eq, b.band(a, k(3)), k(2)), exit);
  }
  Val decode(Val a) {
    Val payload = b.ushr(a, k(2));
    Val biased = b.iadd(payload, k(static_cast<int64_t>(kFloatBias)));
    Val rotated = b.select(b.icmp(Cond::ugt, payload, k(1)), biased, payload);
    return b.bitcast(Type::f64, b.rotr(rotated, k(1)));
  }
  Val encode(Val x, ExitRef exit) {
    Val rotated = b.rotl(b.bitcast(w, x), k(1));
    Val payload = b.isub(rotated, k(static_cast<int64_t>(kFloatBias)));
    Val fits = b.icmp(Cond::ult, b.isub(payload, k(2)), k(static_cast<int64_t>(kFloatLimit)));
    b.guard_true(fits, exit);  // zeros and the rest leave
    return b.bor(b.ishl(payload, k(2)), k(2));
  }
  // The count operations of one thread's mode; everything rare goes to a cold thunk.
  void count(Val object, bool up) {
    Val word = b.load(w, Region::count, object, kCountsOffset);
    BlockRef slow = b.cold_block(), plain = b.block(), done = b.block();
    b.branch(b.icmp(Cond::uge, word, k(static_cast<int64_t>(kCountSlow))), slow, {}, plain, {});
    b.open(plain);
    Val owner = b.load(Type::i16, Region::object, object, kOwnerOffset);
    Val tag = b.load(Type::i16, Region::context, b.context(), offsetof(MachineContext, owner_tag));
    BlockRef mine = b.block();
    b.branch(b.icmp(Cond::eq, owner, tag), mine, {}, slow, {});
    b.open(mine);
    Val next = up ? b.iadd(word, k(static_cast<int64_t>(kStrongOne)))
                  : b.isub(word, k(static_cast<int64_t>(kStrongOne)));
    b.store(Region::count, next, object, kCountsOffset);
    if (up) {
      b.jump(done);
    } else {
      b.branch(b.icmp(Cond::ult, next, k(static_cast<int64_t>(kStrongOne))), slow, {}, done, {});
    }
    b.open(slow);
    b.call_cold(b.signature(Conv::cold, Type::none, {w}), kNopThunk, {object});
    b.jump(done);
    b.open(done);
  }

  // for (i = 0; i < count; ++i) body(i): a tagged counter in a register.
  template <typename Body>
  SsaBuffer loop(std::initializer_list<Type> carried, std::initializer_list<Val> start,
                 Body&& body) {
    std::vector<Type> types = {w};
    types.insert(types.end(), carried.begin(), carried.end());
    std::vector<Val> first = {k(1)};
    first.insert(first.end(), start.begin(), start.end());
    Val limit = slot(kCount);
    BlockRef head = b.block(types), done = b.block();
    b.jump(head, first);
    b.open(head);
    std::vector<Val> values;
    for (uint32_t i = 0; i < types.size(); ++i) values.push_back(b.block_param(head, i));
    std::vector<Val> next = body(values);
    Val counter = b.iadd(values[0], k(2));
    next.insert(next.begin(), counter);
    b.branch(b.icmp(Cond::slt, counter, limit), head, next, done, {});
    b.open(done);
    b.ret(next.size() > 1 && next[1].type == w ? next[1] : counter);
    return b.finish();
  }
};

using Vals2 = std::vector<Val>;

// ---------------------------------------------------------------- integers

// As the baseline tier keeps it: every value in the frame.
SsaBuffer int_frame() {
  Code c;
  ExitRef exit = c.b.exit({});
  BlockRef head = c.b.block(), done = c.b.block();
  c.b.jump(head);
  c.b.open(head);
  Val s = c.slot(kS), i = c.slot(kI);
  c.guard_ints(s, i, exit);
  c.set(kS, c.add_ints(s, i, exit));
  Val one = c.slot(kI);
  c.b.guard_true(c.b.band(one, c.k(1)), exit);
  auto next = c.b.sadd_overflow(one, c.k(2));
  c.b.guard_false(next.overflow, exit);
  c.set(kI, next.value);
  Val a = c.slot(kI), limit = c.slot(kCount);
  c.guard_ints(a, limit, exit);
  c.b.branch(c.b.icmp(Cond::slt, a, limit), head, {}, done, {});
  c.b.open(done);
  c.b.ret(c.slot(kS));
  return c.b.finish();
}
uint64_t int_frame_native(uint64_t* frame, MachineContext* context) {
  volatile uint64_t* f = frame;  // every value is read and written back, as above
  for (;;) {
    uint64_t s = f[kS], i = f[kI];
    if (!(s & i & 1)) return context->exit_id = 1;
    int64_t sum;
    if (__builtin_add_overflow(static_cast<int64_t>(s - 1), static_cast<int64_t>(i), &sum))
      return context->exit_id = 1;
    f[kS] = static_cast<uint64_t>(sum);
    uint64_t one = f[kI];
    if (!(one & 1)) return context->exit_id = 1;
    int64_t next;
    if (__builtin_add_overflow(static_cast<int64_t>(one), int64_t{2}, &next))
      return context->exit_id = 1;
    f[kI] = static_cast<uint64_t>(next);
    uint64_t a = f[kI], limit = f[kCount];
    if (!(a & limit & 1)) return context->exit_id = 1;
    if (static_cast<int64_t>(a) >= static_cast<int64_t>(limit)) return f[kS];
  }
}

// As the optimizing tier keeps it: registers, no tag tests, only the overflow of the sum remains.
SsaBuffer int_registers() {
  Code c;
  return c.loop({w}, {c.k(1)}, [&](Vals2 v) {
    ExitRef exit = c.b.exit({v[0], v[1]});
    return Vals2{c.add_ints(v[1], v[0], exit)};
  });
}
uint64_t int_registers_native(uint64_t* frame, MachineContext* context) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1, s = 1;
  do {
    if (__builtin_add_overflow(s - 1, i, &s)) {
      context->exit_values[0] = static_cast<uint64_t>(i);
      context->exit_values[1] = static_cast<uint64_t>(s);
      return context->exit_id = 1;
    }
    i += 2;
  } while (i < limit);
  return static_cast<uint64_t>(s);
}

// ---------------------------------------------------------------- floats

SsaBuffer float_frame() {
  Code c;
  ExitRef exit = c.b.exit({});
  return c.loop({}, {}, [&](Vals2) {
    Val s = c.slot(kS), x = c.slot(kX);
    c.guard_float(s, exit);
    c.guard_float(x, exit);
    c.set(kS, c.encode(c.b.fmul(c.decode(s), c.decode(x)), exit));
    Val t = c.slot(kS), y = c.slot(kY);
    c.guard_float(t, exit);
    c.guard_float(y, exit);
    c.set(kS, c.encode(c.b.fadd(c.decode(t), c.decode(y)), exit));
    return Vals2{};
  });
}
inline double decode_native(uint64_t word) {
  uint64_t payload = word >> 2;
  uint64_t rotated = payload > 1 ? payload + kFloatBias : payload;
  return std::bit_cast<double>(std::rotr(rotated, 1));
}
inline bool encode_native(double x, uint64_t& out) {
  uint64_t payload = std::rotl(std::bit_cast<uint64_t>(x), 1) - kFloatBias;
  out = payload << 2 | 2;
  return payload - 2 < kFloatLimit;
}
uint64_t float_frame_native(uint64_t* frame, MachineContext* context) {
  volatile uint64_t* f = frame;
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  do {
    uint64_t s = f[kS], x = f[kX], out;
    if ((s & 3) != 2 || (x & 3) != 2 || !encode_native(decode_native(s) * decode_native(x), out)) {
      return context->exit_id = 1;
    }
    f[kS] = out;
    uint64_t t = f[kS], y = f[kY];
    if ((t & 3) != 2 || (y & 3) != 2 || !encode_native(decode_native(t) + decode_native(y), out)) {
      return context->exit_id = 1;
    }
    f[kS] = out;
    i += 2;
  } while (i < limit);
  return static_cast<uint64_t>(i);
}

// Tagged words in registers: what remains of the encoding when nothing is unboxed.
SsaBuffer float_tagged() {
  Code c;
  ExitRef exit = c.b.exit({});
  Val x = c.slot(kX), y = c.slot(kY);
  c.guard_float(x, exit);
  c.guard_float(y, exit);
  Val dx = c.decode(x), dy = c.decode(y), s = c.slot(kS);
  return c.loop({w}, {s}, [&](Vals2 v) {
    c.guard_float(v[1], exit);
    Val product = c.encode(c.b.fmul(c.decode(v[1]), dx), exit);
    return Vals2{c.encode(c.b.fadd(c.decode(product), dy), exit)};
  });
}
uint64_t float_tagged_native(uint64_t* frame, MachineContext* context) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  uint64_t s = frame[kS];
  if ((frame[kX] & 3) != 2 || (frame[kY] & 3) != 2) return context->exit_id = 1;
  double x = decode_native(frame[kX]), y = decode_native(frame[kY]);
  do {
    uint64_t product;
    if ((s & 3) != 2 || !encode_native(decode_native(s) * x, product)) return context->exit_id = 1;
    if (!encode_native(decode_native(product) + y, s)) return context->exit_id = 1;
    i += 2;
  } while (i < limit);
  return s;
}

SsaBuffer float_unboxed() {
  Code c;
  Val x = c.decode(c.slot(kX)), y = c.decode(c.slot(kY)), s = c.decode(c.slot(kS));
  return c.loop({Type::f64}, {s}, [&](Vals2 v) { return Vals2{c.b.fadd(c.b.fmul(v[1], x), y)}; });
}
uint64_t float_unboxed_native(uint64_t* frame, MachineContext* context) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  double x = decode_native(frame[kX]), y = decode_native(frame[kY]), s = decode_native(frame[kS]);
  do {
    s = s * x + y;
    i += 2;
  } while (i < limit);
  context->exit_values[0] = std::bit_cast<uint64_t>(s);
  return static_cast<uint64_t>(i);
}

// ---------------------------------------------------------------- counts

template <bool kUp, bool kDown>
SsaBuffer counts() {
  Code c;
  Val objects[4];
  for (uint32_t i = 0; i < 4; ++i) objects[i] = c.slot(kObjects + i);
  return c.loop({}, {}, [&](Vals2) {
    for (Val object : objects) {
      if (kUp) c.count(object, true);
      if (kDown) c.count(object, false);
    }
    return Vals2{};
  });
}
inline void count_native(FakeObject* object, MachineContext* context, bool up) {
  std::atomic_ref<uint64_t> counts(object->counts);
  uint64_t word = counts.load(std::memory_order_relaxed);
  if (__builtin_expect(word >= kCountSlow, 0) ||
      __builtin_expect(object->owner != static_cast<uint16_t>(context->owner_tag), 0)) {
    bench_nop_helper(context, reinterpret_cast<uint64_t>(object));
    return;
  }
  word = up ? word + kStrongOne : word - kStrongOne;
  counts.store(word, std::memory_order_relaxed);
  if (!up && __builtin_expect(word < kStrongOne, 0))
    bench_nop_helper(context, reinterpret_cast<uint64_t>(object));
}
template <bool kUp, bool kDown>
uint64_t counts_native(uint64_t* frame, MachineContext* context) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  FakeObject* objects[4];
  for (uint32_t k = 0; k < 4; ++k) objects[k] = reinterpret_cast<FakeObject*>(frame[kObjects + k]);
  do {
    for (FakeObject* object : objects) {
      if (kUp) count_native(object, context, true);
      if (kDown) count_native(object, context, false);
    }
    i += 2;
  } while (i < limit);
  return static_cast<uint64_t>(i);
}

// ---------------------------------------------------------------- attributes

// Cell in the unit's data -> record {shape, offset}; one compare, one load. A miss calls a thunk
// and asks again.
SsaBuffer attribute() {
  Code c;
  c.b.reserve_data(8);
  Val objects[4];
  for (uint32_t i = 0; i < 4; ++i) objects[i] = c.slot(kObjects + i);
  SigRef miss = c.b.signature(Conv::cold, Type::none, {w, w});
  return c.loop({w}, {c.k(0)}, [&](Vals2 v) {
    Val sum = v[1];
    for (Val object : objects) {
      Type one[] = {w};
      BlockRef immediate = c.b.block(), slow = c.b.cold_block(), hit = c.b.block(),
               done = c.b.block(one);
      c.b.branch(c.b.band(object, c.k(7)), slow, {}, immediate, {});
      c.b.open(immediate);
      Val record = c.b.load(w, Region::cache, c.b.unit_data(0), 0);
      Val wanted = c.b.load(Type::i32, Region::cache, record, 0);
      Val shape = c.b.load(Type::i32, Region::object, object, kShapeOffset);
      c.b.branch(c.b.icmp(Cond::eq, shape, wanted), hit, {}, slow, {});
      c.b.open(hit);
      Val offset = c.b.uext(w, c.b.load(Type::i32, Region::cache, record, 4));
      c.b.jump(done, {c.b.load(w, Region::object, c.b.iadd(object, offset), 0)});
      c.b.open(slow);
      c.b.call_cold(miss, kMissThunk, {object, c.b.unit_data(0)});
      c.b.jump(done, {c.b.load(w, Region::context, c.b.context(),
                               offsetof(MachineContext, cold_result))});
      c.b.open(done);
      sum = c.b.iadd(sum, c.b.block_param(done, 0));
    }
    return Vals2{sum};
  });
}
CacheRecord* volatile attribute_cell;
uint64_t attribute_native(uint64_t* frame, MachineContext* context) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  uint64_t sum = 0, objects[4];
  for (uint32_t k = 0; k < 4; ++k) objects[k] = frame[kObjects + k];
  do {
    for (uint64_t object : objects) {
      CacheRecord* record = attribute_cell;
      if (__builtin_expect(object & 7, 0) ||
          __builtin_expect(reinterpret_cast<FakeObject*>(object)->shape != record->shape, 0)) {
        sum += bench_nop_helper(context, object);
      } else {
        sum += *reinterpret_cast<volatile uint64_t*>(object + record->offset);
      }
    }
    i += 2;
  } while (i < limit);
  return sum;
}

// ---------------------------------------------------------------- calls

template <int kKind>  // 0 cold thunk, 1 plain helper, 2 cold thunk behind a test that never holds,
                      // 3 helper likewise
SsaBuffer calls() {
  Code c;
  SigRef cold = c.b.signature(Conv::cold, Type::none, {w});
  SigRef plain = c.b.signature(Conv::system, w, {w, w});
  Val rare = c.slot(kY);
  Val live[6];
  for (uint32_t i = 0; i < 6; ++i) live[i] = c.slot(kFirst + i);
  return c.loop({w}, {c.k(0)}, [&](Vals2 v) {
    auto call = [&] {
      if (kKind % 2 == 0) {
        c.b.call_cold(cold, kNopThunk, {v[0]});
      } else {
        c.b.call_helper(plain, kNopHelper, {c.b.context(), v[0]});
      }
    };
    if (kKind < 2) {
      call();
    } else {
      BlockRef out = c.b.cold_block(), on = c.b.block();
      c.b.branch(c.b.icmp(Cond::eq, v[0], rare), out, {}, on, {});
      c.b.open(out);
      call();
      c.b.jump(on);
      c.b.open(on);
    }
    Val sum = v[1];
    for (Val each : live) sum = c.b.iadd(sum, each);  // values that live across the call
    return Vals2{sum};
  });
}
template <int kKind>
uint64_t calls_native(uint64_t* frame, MachineContext* context) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  uint64_t sum = 0, rare = frame[kY], live[6];
  for (uint32_t k = 0; k < 6; ++k) {
    live[k] = frame[kFirst + k];
    asm volatile("" : "+r"(live[k]));
  }
  do {
    if (kKind < 2 || __builtin_expect(static_cast<uint64_t>(i) == rare, 0)) {
      bench_nop_helper(context, static_cast<uint64_t>(i));
    }
    for (uint64_t each : live) {
      sum += each;
      asm volatile("" : "+r"(sum));
    }
    i += 2;
  } while (i < limit);
  return sum;
}

SsaBuffer call_direct() {
  Code c;
  SigRef sig = c.b.signature(Conv::unit, w, {w});
  uint32_t callee = c.b.symbol();
  return c.loop({w}, {c.k(0)},
                [&](Vals2 v) { return Vals2{c.b.call_direct(sig, callee, {v[1]})}; });
}
uint64_t call_direct_native(uint64_t* frame, MachineContext*) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  uint64_t sum = 0;
  do {
    sum = bench_callee(sum);
    i += 2;
  } while (i < limit);
  return sum;
}
SsaBuffer call_indirect() {
  Code c;
  SigRef sig = c.b.signature(Conv::unit, w, {w});
  return c.loop({w}, {c.k(0)}, [&](Vals2 v) {
    Val target = c.b.load(w, Region::any, c.frame, 8 * kBack);
    return Vals2{c.b.call_pointer(sig, target, {v[1]})};
  });
}
uint64_t call_indirect_native(uint64_t* frame, MachineContext*) {
  int64_t limit = static_cast<int64_t>(frame[kCount]), i = 1;
  uint64_t sum = 0;
  do {
    sum = bench_callee_pointer(sum);
    i += 2;
  } while (i < limit);
  return sum;
}

}  // namespace

// ---------------------------------------------------------------- shared pieces

uint64_t bench_nop_helper(MachineContext*, uint64_t a) {
  asm volatile("" : "+r"(a));
  return a;
}
[[gnu::noinline]] uint64_t bench_callee(uint64_t a) {
  asm volatile("" : "+r"(a));
  return a + 3;
}
uint64_t (*volatile bench_callee_pointer)(uint64_t) = bench_callee;

SsaBuffer callee_unit() {
  SsaBuilder b(Conv::unit, w, {w});
  b.ret(b.iadd(b.param(0), b.iconst(3)));
  return b.finish();
}

SsaBuffer stencil_add() {
  Code c;
  ExitRef exit = c.b.exit({});
  Val s = c.slot(kS), i = c.slot(kI);
  c.guard_ints(s, i, exit);
  c.set(kS, c.add_ints(s, i, exit));
  SigRef sig = c.b.signature(Conv::unit, w, {w});
  c.b.tail_direct(sig, c.b.symbol(), {c.frame});
  return c.b.finish();
}
SsaBuffer stencil_step() {
  Code c;
  ExitRef exit = c.b.exit({});
  Val one = c.slot(kI);
  c.b.guard_true(c.b.band(one, c.k(1)), exit);
  auto next = c.b.sadd_overflow(one, c.k(2));
  c.b.guard_false(next.overflow, exit);
  c.set(kI, next.value);
  SigRef sig = c.b.signature(Conv::unit, w, {w});
  c.b.tail_direct(sig, c.b.symbol(), {c.frame});
  return c.b.finish();
}
SsaBuffer stencil_test() {
  Code c;
  ExitRef exit = c.b.exit({});
  Val a = c.slot(kI), limit = c.slot(kCount);
  c.guard_ints(a, limit, exit);
  BlockRef again = c.b.block(), done = c.b.block();
  c.b.branch(c.b.icmp(Cond::slt, a, limit), again, {}, done, {});
  c.b.open(again);
  SigRef sig = c.b.signature(Conv::unit, w, {w});
  c.b.tail_call(sig, c.slot(kBack), {c.frame});
  c.b.open(done);
  c.b.ret(c.slot(kS));
  return c.b.finish();
}

const Kernel kKernels[] = {
    {"int_frame", "s += i; i += 1; i < n: tags and overflow tested, values in the frame", int_frame,
     int_frame_native, 1},
    {"int_registers", "the same in registers, only the sum's overflow tested", int_registers,
     int_registers_native, 1},
    {"float_frame", "s = s * x + y, rotated doubles in the frame, tags and range tested",
     float_frame, float_frame_native, 1},
    {"float_tagged", "the same, s as a rotated double in a register", float_tagged,
     float_tagged_native, 1},
    {"float_unboxed", "the same, s as a plain double", float_unboxed, float_unboxed_native, 1},
    {"count_up", "count increment of 4 objects", counts<true, false>, counts_native<true, false>,
     4},
    {"count_down", "count decrement of 4 objects", counts<false, true>, counts_native<false, true>,
     4},
    {"count_pair", "increment and decrement of 4 objects", counts<true, true>,
     counts_native<true, true>, 4},
    {"attribute", "attribute of 4 objects through a cache cell", attribute, attribute_native, 4},
    {"cold_call", "cold call that keeps all registers, taken; 6 values live", calls<0>,
     calls_native<0>, 1},
    {"helper_call", "the same with a plain C helper", calls<1>, calls_native<1>, 1},
    {"cold_call_rare", "cold call never taken; 6 values live", calls<2>, calls_native<2>, 1},
    {"helper_call_rare", "plain helper in a cold block, never taken", calls<3>, calls_native<3>, 1},
    {"call_direct", "call of another unit, direct", call_direct, call_direct_native, 1},
    {"call_indirect", "call of another unit through a cell in memory", call_indirect,
     call_indirect_native, 1},
    {nullptr, nullptr, nullptr, nullptr, 0},
};

void set_attribute_cell(CacheRecord* record) { attribute_cell = record; }

// ---------------------------------------------------------------- units to compile

SsaBuffer baseline_like_unit(uint32_t insts, uint64_t seed, uint32_t data_bytes,
                             uint32_t quick_answer) {
  Code c;
  c.b.reserve_data(data_bytes);
  if (quick_answer) {
    BlockRef body = c.b.block(), quick = c.b.block();
    c.b.branch(c.b.load(w, Region::unit_data, c.b.unit_data(0), 0), body, {}, quick, {});
    c.b.open(quick);
    c.b.ret(c.k(quick_answer));
    c.b.open(body);
  }
  SigRef plain = c.b.signature(Conv::system, w, {w, w, w});
  ExitRef raised = c.b.exit({});
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  auto random = [&](uint32_t limit) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<uint32_t>((state >> 33) % limit);
  };
  auto slow = [&](Val a, Val d, uint32_t out) {
    Val result = c.b.call_helper(plain, kNopHelper, {c.b.context(), a, d});
    c.b.guard_true(result, raised);
    c.set(out, result);
  };
  uint32_t bytecode = 0, cells = 0;
  while (c.b.inst_count() < insts) {
    c.b.mark(bytecode++);
    uint32_t a = 1 + random(20), d = 1 + random(20), out = 1 + random(20);
    switch (random(5)) {
      case 0:
      case 1: {  // small int add or subtract, else the handler
        Val x = c.slot(a), y = c.slot(d);
        BlockRef fast = c.b.block(), keep = c.b.block(), rare = c.b.cold_block(),
                 done = c.b.block();
        c.b.branch(c.b.band(c.b.band(x, y), c.k(1)), fast, {}, rare, {});
        c.b.open(fast);
        auto sum = c.b.sadd_overflow(c.b.isub(x, c.k(1)), y);
        c.b.branch(sum.overflow, rare, {}, keep, {});
        c.b.open(keep);
        c.set(out, sum.value);
        c.b.jump(done);
        c.b.open(rare);
        slow(x, y, out);
        c.b.jump(done);
        c.b.open(done);
        break;
      }
      case 2: {  // attribute through a cell
        Val object = c.slot(a);
        Type one[] = {w};
        BlockRef heap = c.b.block(), hit = c.b.block(), rare = c.b.cold_block(),
                 done = c.b.block(one);
        c.b.branch(c.b.band(object, c.k(7)), rare, {}, heap, {});
        c.b.open(heap);
        Val record = c.b.load(w, Region::cache, c.b.unit_data(8 * (cells++ % (data_bytes / 8))), 0);
        Val wanted = c.b.load(Type::i32, Region::cache, record, 0);
        c.b.branch(c.b.icmp(Cond::eq, c.b.load(Type::i32, Region::object, object, 8), wanted), hit,
                   {}, rare, {});
        c.b.open(hit);
        Val offset = c.b.uext(w, c.b.load(Type::i32, Region::cache, record, 4));
        Val found = c.b.load(w, Region::object, c.b.iadd(object, offset), 0);
        c.b.jump(done, {found});
        c.b.open(rare);
        Val missed = c.b.call_helper(plain, kMissHelper, {c.b.context(), object, c.b.unit_data(0)});
        c.b.guard_true(missed, raised);
        c.b.jump(done, {missed});
        c.b.open(done);
        Val value = c.b.block_param(done, 0);
        BlockRef counted = c.b.block(), after = c.b.block();
        c.b.branch(c.b.band(value, c.k(7)), after, {}, counted, {});
        c.b.open(counted);
        c.count(value, true);
        c.b.jump(after);
        c.b.open(after);
        c.set(out, value);
        break;
      }
      case 3: {  // compare two registers and branch
        Val x = c.slot(a), y = c.slot(d);
        BlockRef then = c.b.block(), on = c.b.block();
        c.b.branch(c.b.icmp(Cond::slt, x, y), then, {}, on, {});
        c.b.open(then);
        c.set(out, x);
        c.b.jump(on);
        c.b.open(on);
        break;
      }
      default:
        slow(c.slot(a), c.slot(d), out);
        break;  // what has no fast path calls the interpreter's handler
    }
  }
  c.b.ret(c.slot(1));
  return c.b.finish();
}

SsaBuffer optimized_like_unit(uint32_t insts, uint64_t seed) {
  Code c;
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  auto random = [&](uint32_t limit) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<uint32_t>((state >> 33) % limit);
  };
  std::vector<Val> ints, floats;
  for (uint32_t i = 0; i < 6; ++i) {
    Val value = c.slot(1 + i);
    c.b.guard_true(c.b.band(value, c.k(1)), c.b.exit({}));
    ints.push_back(c.b.sshr(value, c.k(1)));
    floats.push_back(c.b.int_to_float(ints.back()));
  }
  while (c.b.inst_count() < insts) {
    // A loop that carries two integers and a float.
    Type carried[] = {w, w, Type::f64};
    BlockRef head = c.b.block(carried), done = c.b.block();
    c.b.jump(head, {c.k(0), ints[random(6)], floats[random(6)]});
    c.b.open(head);
    Val i = c.b.block_param(head, 0), n = c.b.block_param(head, 1), f = c.b.block_param(head, 2);
    for (uint32_t k = 4 + random(12); k > 0; --k) {
      switch (random(4)) {
        case 0: {
          ExitRef exit = c.b.exit({i, n, f, ints[0], ints[1]});
          auto sum = c.b.sadd_overflow(n, ints[random(6)]);
          c.b.guard_false(sum.overflow, exit);
          n = sum.value;
          break;
        }
        case 1: f = c.b.fadd(c.b.fmul(f, floats[random(6)]), floats[random(6)]); break;
        case 2: {
          Val at = c.b.iadd(c.frame, c.b.ishl(c.b.band(i, c.k(7)), c.k(3)));
          Val found = c.b.load(w, Region::items, at, 0);
          c.b.guard_true(c.b.band(found, c.k(1)), c.b.exit({i, n, f, ints[2]}));
          n = c.b.bxor(n, c.b.sshr(found, c.k(1)));
          break;
        }
        default: n = c.b.iadd(c.b.imul(n, ints[random(6)]), i); break;
      }
    }
    Val next = c.b.iadd(i, c.k(1));
    c.b.branch(c.b.icmp(Cond::slt, next, ints[random(6)]), head, {next, n, f}, done, {});
    c.b.open(done);
    ints[random(6)] = n;
    floats[random(6)] = f;
  }
  Val sum = ints[0];
  for (Val value : ints) sum = c.b.iadd(sum, value);
  for (Val value : floats) sum = c.b.iadd(sum, c.b.float_to_int(value));
  c.b.ret(sum);
  return c.b.finish();
}

}  // namespace dx::bench
