// _random: the Mersenne Twister (MT19937), with the sequences that every Python gives for a seed.
// random.py builds the distributions on it. The state is changed under the object's lock: a
// generator may be shared by threads.

#include <bit>
#include <sys/random.h>
#include <vector>

#include "memory/byte_lock.h"
#include "objects/container_support.h"
#include "objects/int.h"
#include "objects/tuple.h"

namespace dx {

namespace {

TypeHandle random_type;

constexpr int kStateWords = 624;
constexpr int kMiddle = 397;

struct Twister {
  uint32_t words[kStateWords];
  uint32_t used;  // words given out since the last renewal

  void start(uint32_t seed) {
    words[0] = seed;
    for (uint32_t i = 1; i < kStateWords; ++i)
      words[i] = 1812433253u * (words[i - 1] ^ (words[i - 1] >> 30)) + i;
    used = kStateWords;
  }
  // The reference seeding from any number of words.
  void start(const uint32_t* key, size_t length) {
    start(19650218u);
    size_t i = 1, k = 0;
    auto wrap = [&] {
      if (++i >= kStateWords) {
        words[0] = words[kStateWords - 1];
        i = 1;
      }
    };
    for (size_t rounds = length > kStateWords ? length : kStateWords; rounds; --rounds) {
      words[i] = (words[i] ^ ((words[i - 1] ^ (words[i - 1] >> 30)) * 1664525u)) + key[k] +
                 static_cast<uint32_t>(k);
      wrap();
      if (++k >= length) k = 0;
    }
    for (size_t rounds = kStateWords - 1; rounds; --rounds) {
      words[i] = (words[i] ^ ((words[i - 1] ^ (words[i - 1] >> 30)) * 1566083941u)) -
                 static_cast<uint32_t>(i);
      wrap();
    }
    words[0] = 0x80000000u;
  }
  void renew() {
    auto mix = [](uint32_t upper, uint32_t lower, uint32_t far) {
      uint32_t both = (upper & 0x80000000u) | (lower & 0x7fffffffu);
      return far ^ (both >> 1) ^ (both & 1 ? 0x9908b0dfu : 0);
    };
    int i = 0;
    for (; i < kStateWords - kMiddle; ++i)
      words[i] = mix(words[i], words[i + 1], words[i + kMiddle]);
    for (; i < kStateWords - 1; ++i)
      words[i] = mix(words[i], words[i + 1], words[i + kMiddle - kStateWords]);
    words[i] = mix(words[i], words[0], words[kMiddle - 1]);
    used = 0;
  }
  uint32_t next() {
    if (used >= kStateWords) renew();
    uint32_t y = words[used++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }
};

struct Random : Object {
  Twister twister;
};

Result<void> random_seed(Thread& thread, Borrowed<Random> self, Any seed) {
  std::vector<uint32_t> key;
  if (seed.is_none()) {
    key.resize(kStateWords);
    char* to = reinterpret_cast<char*>(key.data());
    size_t left = key.size() * sizeof(uint32_t);
    while (left) {
      ssize_t got = getrandom(to, left, 0);
      if (got < 0) {
        if (errno != EINTR) return raise_os_error(thread, errno);
        continue;
      }
      to += got;
      left -= static_cast<size_t>(got);
    }
  } else {
    AnyRef number = share(thread, seed);
    if (is_int(seed.value())) {
      if (is_exact_int(seed.value())) {
        if (int_sign(seed.value()) < 0) number = TRY(int_negate(thread, seed));
      } else {
        number = TRY(unary_op(thread, UnaryOp::absolute, seed));
        if (!is_int(number.value())) return raise<TypeError>(thread, "an integer is required");
        if (int_sign(number.value()) < 0) number = TRY(int_negate(thread, number));
      }
    } else {
      number = TRY(int_from_u64(thread, static_cast<uint64_t>(TRY(hash(thread, seed)))));
    }
    Word bits = int_bit_length(number.value());
    key.resize(bits == 0 ? 1 : static_cast<size_t>((bits - 1) / 32 + 1));
    TRY(int_to_bytes(thread, number.value(), reinterpret_cast<uint8_t*>(key.data()), key.size() * 4,
                     true, false));
  }
  ObjectLock lock(thread, self.get());
  self->twister.start(key.data(), key.size());
  return {};
}

AnyResult random_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

Result<void> random_init(Thread& thread, Borrowed<Random> self, const Arguments& arguments) {
  if (arguments.keywords() && type_of(self) == random_type.type) {
    return raise<TypeError>(thread, "Random() takes no keyword arguments");
  }
  if (arguments.positional() > 1) {
    return raise<TypeError>(thread, "Random expected at most 1 argument, got {}",
                            arguments.positional());
  }
  return random_seed(thread, self, arguments.positional() ? arguments[0] : Any(kNone));
}

double random_random(Thread& thread, Borrowed<Random> self) {
  ObjectLock lock(thread, self.get());
  uint32_t high = self->twister.next() >> 5, low = self->twister.next() >> 6;
  return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}

AnyResult random_getrandbits(Thread& thread, Borrowed<Random> self, Any k) {
  AnyRef number = TRY(to_index(thread, k));
  if (int_sign(number.value()) < 0) return raise<ValueError>(thread, "Cannot convert negative int");
  Word bits;
  if (!int_to_word(number.value(), bits)) {
    return raise<OverflowError>(thread, "Python int too large for C uint64_t");
  }
  if (bits == 0) return AnyRef::adopt(small_int(0));
  if (bits <= 32) {
    ObjectLock lock(thread, self.get());
    return AnyRef::adopt(small_int(self->twister.next() >> (32 - bits)));
  }
  size_t count = static_cast<size_t>((bits - 1) / 32 + 1);
  uint32_t few[16];
  uint32_t* words =
      count <= 16 ? few : static_cast<uint32_t*>(allocate_buffer(thread, count * sizeof(uint32_t)));
  if (!words) return raise_memory_error(thread);
  {
    ObjectLock lock(thread, self.get());
    for (size_t i = 0; i < count; ++i, bits -= 32) {
      words[i] = self->twister.next();
      if (bits < 32) words[i] >>= 32 - bits;
    }
  }
  AnyResult made = int_from_bytes(thread, reinterpret_cast<const uint8_t*>(words),
                                  count * sizeof(uint32_t), true, false);
  if (words != few) free_buffer(thread, words);
  return made;
}

AnyResult random_getstate(Thread& thread, Borrowed<Random> self) {
  Ref<Tuple> state = TRY(tuple_create(thread, kStateWords + 1));
  ObjectLock lock(thread, self.get());
  for (int i = 0; i < kStateWords; ++i)
    slot_init(state.get(), state->items()[i], small_int(self->twister.words[i]));
  slot_init(state.get(), state->items()[kStateWords], small_int(self->twister.used));
  return state;
}

Result<void> random_setstate(Thread& thread, Borrowed<Random> self, Any state) {
  if (!is_tuple(state.value())) return raise<TypeError>(thread, "state vector must be a tuple");
  Borrowed<Tuple> items(state.value());
  if (items->size != kStateWords + 1)
    return raise<ValueError>(thread, "state vector is the wrong size");
  Twister twister;
  for (int i = 0; i <= kStateWords; ++i) {
    Value item = items->item(i).value();
    if (!is_int(item)) return raise<TypeError>(thread, "an integer is required");
    Word number;
    bool fits = int_to_word(item, number);
    if (i == kStateWords) {
      if (!fits || number < 0 || number > kStateWords)
        return raise<ValueError>(thread, "invalid state");
      twister.used = static_cast<uint32_t>(number);
      break;
    }
    if (int_sign(item) < 0)
      return raise<OverflowError>(thread, "can't convert negative value to unsigned int");
    if (!fits)
      return raise<OverflowError>(thread, "Python int too large to convert to C unsigned long");
    twister.words[i] = static_cast<uint32_t>(number);
  }
  ObjectLock lock(thread, self.get());
  self->twister = twister;
  return {};
}

const Layout random_layout{"_random.Random", sizeof(Random), false, nullptr, nullptr};
const SlotEntry random_slots[] = {
    slot<SlotId::new_, random_new>(),
    slot<SlotId::init, random_init>(),
};
constexpr Method random_methods[] = {
    method<random_random>("random()", "random() -> x in the interval [0, 1)."),
    method<random_seed>("seed(n=None, /)",
                        "seed([n]) -> None.\n\nDefaults to the system's random numbers."),
    method<random_getstate>("getstate()", "getstate() -> tuple containing the current state."),
    method<random_setstate>("setstate(state, /)",
                            "setstate(state) -> None.  Restores generator state."),
    method<random_getrandbits>("getrandbits(k, /)",
                               "getrandbits(k) -> x.  Generates an int with k random bits."),
};
const TypeSpec random_spec{
    .name = "_random.Random",
    .doc = "Random() -> create a random number generator with its own internal state.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &random_layout,
    .slots = random_slots,
    .methods = random_methods,
};
const ModuleType types[] = {{&random_spec, &random_type}};

}  // namespace

extern const ModuleSpec _random_module;
const ModuleSpec _random_module{
    .name = "_random",
    .doc = "Module implements the Mersenne Twister random number generator.",
    .types = types};

}  // namespace dx
