// _blake2: blake2b and blake2s after RFC 7693 and the tree parameters of the BLAKE2 paper ("BLAKE2:
// simpler, smaller, fast as MD5", 2013, section 2.8). libcrypto offers neither digests of chosen
// size without a key nor the tree parameters.

#include <algorithm>
#include <bit>
#include <cstring>

#include "memory/byte_lock.h"
#include "objects/bind.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/protocol.h"

namespace dx {

namespace {

constexpr uint8_t kSigma[10][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

// What differs between the two: word, rounds, rotations, the square roots' fractions that start the
// state.
struct B {
  using Word64 = uint64_t;
  static constexpr const char* name = "blake2b";
  static constexpr int rounds = 12, rotations[4] = {32, 24, 16, 63};
  static constexpr Word64 start[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                      0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                      0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
  static TypeHandle type;
};
struct S {
  using Word64 = uint32_t;
  static constexpr const char* name = "blake2s";
  static constexpr int rounds = 10, rotations[4] = {16, 12, 8, 7};
  static constexpr Word64 start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  static TypeHandle type;
};
TypeHandle B::type, S::type;

template <class V>
struct State {
  using Unit = typename V::Word64;
  static constexpr size_t block = 16 * sizeof(Unit), longest = 8 * sizeof(Unit),
                          salt = 2 * sizeof(Unit);
  Unit h[8];
  Unit low, high;  // bytes compressed so far
  uint8_t pending[block];
  uint8_t filled, digest_size;
  bool last_node;

  void compress(const uint8_t* bytes, size_t count, bool last) {
    low += static_cast<Unit>(count);
    high += low < count;
    Unit m[16], v[16];
    std::memcpy(m, bytes, sizeof m);
    for (int i = 0; i < 8; ++i) v[i] = h[i], v[i + 8] = V::start[i];
    v[12] ^= low;
    v[13] ^= high;
    if (last) v[14] = ~v[14];
    if (last && last_node) v[15] = ~v[15];
    auto mix = [&](int a, int b, int c, int d, Unit x, Unit y) {
      v[a] += v[b] + x;
      v[d] = std::rotr(static_cast<Unit>(v[d] ^ v[a]), V::rotations[0]);
      v[c] += v[d];
      v[b] = std::rotr(static_cast<Unit>(v[b] ^ v[c]), V::rotations[1]);
      v[a] += v[b] + y;
      v[d] = std::rotr(static_cast<Unit>(v[d] ^ v[a]), V::rotations[2]);
      v[c] += v[d];
      v[b] = std::rotr(static_cast<Unit>(v[b] ^ v[c]), V::rotations[3]);
    };
    for (int round = 0; round < V::rounds; ++round) {
      const uint8_t* s = kSigma[round % 10];
      for (int i = 0; i < 4; ++i) mix(i, i + 4, i + 8, i + 12, m[s[2 * i]], m[s[2 * i + 1]]);
      for (int i = 0; i < 4; ++i)
        mix(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, m[s[2 * i + 8]],
            m[s[2 * i + 9]]);
    }
    for (int i = 0; i < 8; ++i) h[i] ^= v[i] ^ v[i + 8];
  }

  // The last block waits: it is compressed with its mark at the end.
  void feed(const uint8_t* bytes, size_t size) {
    while (size) {
      if (filled == block) {
        compress(pending, block, false);
        filled = 0;
      }
      size_t part = std::min(size, block - filled);
      std::memcpy(pending + filled, bytes, part);
      filled = static_cast<uint8_t>(filled + part);
      bytes += part;
      size -= part;
    }
  }
  void finish(uint8_t* out) {
    std::memset(pending + filled, 0, block - filled);
    compress(pending, filled, true);
    std::memcpy(out, h, digest_size);
  }
};

template <class V>
struct Blake2 : Object {
  State<V> state;  // changed under the object's lock
};

template <class V>
Result<void> feed_object(Thread& thread, Borrowed<Blake2<V>> self, Any data) {
  if (is_str(data.value()))
    return raise<TypeError>(thread, "Strings must be encoded before hashing");
  if (!has_buffer(data))
    return raise<TypeError>(thread, "object supporting the buffer API required");
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  ObjectLock lock(thread, self.get());
  self->state.feed(static_cast<const uint8_t*>(scope.view.data),
                   static_cast<size_t>(scope.view.size));
  return {};
}

// Copies the bytes of an optional argument into out[:limit]; how many there were.
Result<size_t> short_bytes(Thread& thread, Value given, uint8_t* out, size_t limit,
                           const char* what) {
  if (!given) return size_t{0};
  BufferScope scope(thread);
  TRY(scope.acquire(Any(given)));
  size_t size = static_cast<size_t>(scope.view.size);
  if (size > limit) return raise<ValueError>(thread, "maximum {} length is {} bytes", what, limit);
  std::memcpy(out, scope.view.data, size);
  return size;
}

Result<Word> number_within(Thread& thread, Value given, Word otherwise, Word low, Word high,
                           const char* what) {
  if (!given) return otherwise;
  AnyRef index = TRY(to_index(thread, Any(given)));
  Word number;
  if (!int_to_word(index.value(), number) || number < low || number > high)
    return raise<ValueError>(thread, "{} must be between {} and {}", what, low, high);
  return number;
}

template <class V>
AnyResult blake2_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  using Shape = State<V>;
  static const char* const names[] = {"data",
                                      "digest_size",
                                      "key",
                                      "salt",
                                      "person",
                                      "fanout",
                                      "depth",
                                      "leaf_size",
                                      "node_offset",
                                      "node_depth",
                                      "inner_size",
                                      "last_node",
                                      "usedforsecurity",
                                      "string"};
  if (arguments.positional() > 1) {
    return raise<TypeError>(thread, "{}() takes at most 1 positional argument ({} given)", V::name,
                            arguments.positional());
  }
  Value given[14] = {};
  if (!bind_new(thread, {V::name, names, 14, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  if (given[0] && given[13]) {
    return raise<TypeError>(thread,
                            "'data' and 'string' are mutually exclusive and support for 'string' "
                            "keyword parameter is slated for removal in a future version.");
  }
  constexpr bool wide = sizeof(typename V::Word64) == 8;
  uint8_t parameters[Shape::longest] = {}, key[Shape::block] = {};
  Word size = static_cast<Word>(Shape::longest);
  if (given[1]) {
    AnyRef index = TRY(to_index(thread, Any(given[1])));
    if (!int_to_word(index.value(), size) || size < 1 || size > static_cast<Word>(Shape::longest)) {
      return raise<ValueError>(thread,
                               "digest_size for {} must be between 1 and {} bytes, here it is {}",
                               V::name, Shape::longest, index.borrow());
    }
  }
  size_t key_size = TRY(short_bytes(thread, given[2], key, Shape::longest, "key"));
  TRY(short_bytes(thread, given[3], parameters + Shape::longest - 2 * Shape::salt, Shape::salt,
                  "salt"));
  TRY(short_bytes(thread, given[4], parameters + Shape::longest - Shape::salt, Shape::salt,
                  "person"));
  parameters[0] = static_cast<uint8_t>(size);
  parameters[1] = static_cast<uint8_t>(key_size);
  parameters[2] = static_cast<uint8_t>(TRY(number_within(thread, given[5], 1, 0, 255, "fanout")));
  parameters[3] = static_cast<uint8_t>(TRY(number_within(thread, given[6], 1, 1, 255, "depth")));
  auto leaf =
      static_cast<uint32_t>(TRY(number_within(thread, given[7], 0, 0, UINT32_MAX, "leaf_size")));
  std::memcpy(parameters + 4, &leaf, 4);
  uint64_t offset = 0;
  if (given[8]) {
    AnyRef index = TRY(to_index(thread, Any(given[8])));
    offset = TRY(int_u64(thread, index.value()));
    if (!wide && offset >> 48) return raise<OverflowError>(thread, "node_offset is too large");
  }
  std::memcpy(parameters + 8, &offset, wide ? 8 : 6);
  parameters[wide ? 16 : 14] =
      static_cast<uint8_t>(TRY(number_within(thread, given[9], 0, 0, 255, "node_depth")));
  parameters[wide ? 17 : 15] = static_cast<uint8_t>(
      TRY(number_within(thread, given[10], 0, 0, static_cast<Word>(Shape::longest), "inner_size")));
  bool last_node = given[11] && TRY(is_true(thread, Any(given[11])));

  AnyRef made = TRY(allocate_instance(thread, type));
  Shape& state = static_cast<Blake2<V>*>(made.get())->state;
  std::memcpy(state.h, parameters, sizeof state.h);
  for (int i = 0; i < 8; ++i) state.h[i] ^= V::start[i];
  state.low = state.high = 0;
  state.filled = 0;
  state.digest_size = static_cast<uint8_t>(size);
  state.last_node = last_node;
  if (key_size) state.feed(key, Shape::block);
  Value data = given[0] ? given[0] : given[13];
  if (data) TRY(feed_object<V>(thread, Borrowed<Blake2<V>>(made.value()), Any(data)));
  return made;
}

template <class V>
State<V> state_of(Thread& thread, Borrowed<Blake2<V>> self) {
  ObjectLock lock(thread, self.get());
  return self->state;
}
template <class V>
AnyResult blake2_copy(Thread& thread, Borrowed<Blake2<V>> self) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(V::type.type)));
  static_cast<Blake2<V>*>(made.get())->state = state_of<V>(thread, self);
  return made;
}
template <class V>
Result<void> blake2_update(Thread& thread, Borrowed<Blake2<V>> self, Any data) {
  return feed_object<V>(thread, self, data);
}
template <class V>
AnyResult blake2_digest(Thread& thread, Borrowed<Blake2<V>> self) {
  State<V> state = state_of<V>(thread, self);
  Ref<Bytes> out = TRY(bytes_create(thread, state.digest_size));
  state.finish(reinterpret_cast<uint8_t*>(out->data()));
  return out;
}
template <class V>
AnyResult blake2_hexdigest(Thread& thread, Borrowed<Blake2<V>> self) {
  AnyRef digest = TRY(blake2_digest<V>(thread, self));
  return call_method(thread, digest, NAME("hex"), {});
}
template <class V>
AnyResult blake2_name(Thread& thread, Borrowed<Blake2<V>>) {
  return str_from_ascii(thread, V::name);
}
template <class V>
Value blake2_digest_size(Thread&, Borrowed<Blake2<V>> self) {
  return small_int(self->state.digest_size);
}
template <class V>
Value blake2_block_size(Thread&, Borrowed<Blake2<V>>) {
  return small_int(static_cast<Word>(State<V>::block));
}

template <class V>
const Layout blake2_layout{V::name, sizeof(Blake2<V>), false, nullptr, nullptr};
template <class V>
const SlotEntry blake2_slots[] = {slot<SlotId::new_, blake2_new<V>>()};
template <class V>
constexpr Method blake2_methods[] = {
    method<blake2_copy<V>>("copy()", "Return a copy of the hash object."),
    method<blake2_digest<V>>("digest()", "Return the digest value as a bytes object."),
    method<blake2_hexdigest<V>>("hexdigest()",
                                "Return the digest value as a string of hexadecimal digits."),
    method<blake2_update<V>>(
        "update(data, /)", "Update this hash object's state with the provided bytes-like object."),
};
template <class V>
const GetSet blake2_getsets[] = {getter<blake2_name<V>>("name"),
                                 getter<blake2_digest_size<V>>("digest_size"),
                                 getter<blake2_block_size<V>>("block_size")};

const TypeSpec blake2b_spec{.name = "_blake2.blake2b",
                            .doc = "Return a new BLAKE2b hash object.",
                            .flags = kTypeBase | kTypeImmutable,
                            .layout = &blake2_layout<B>,
                            .slots = blake2_slots<B>,
                            .methods = blake2_methods<B>,
                            .getsets = blake2_getsets<B>};
const TypeSpec blake2s_spec{.name = "_blake2.blake2s",
                            .doc = "Return a new BLAKE2s hash object.",
                            .flags = kTypeBase | kTypeImmutable,
                            .layout = &blake2_layout<S>,
                            .slots = blake2_slots<S>,
                            .methods = blake2_methods<S>,
                            .getsets = blake2_getsets<S>};

template <class V>
Result<void> add_type(Thread& thread, Borrowed<Module> module, const TypeSpec& spec) {
  TRY(type_from_spec(thread, spec, V::type));
  struct Limit {
    const char* name;
    size_t value;
  };
  const Limit limits[] = {{"SALT_SIZE", State<V>::salt},
                          {"PERSON_SIZE", State<V>::salt},
                          {"MAX_KEY_SIZE", State<V>::longest},
                          {"MAX_DIGEST_SIZE", State<V>::longest}};
  for (const Limit& limit : limits) {
    Ref<Str> name = TRY(str_intern_ascii(thread, limit.name));
    TRY(dict_set_str(thread, type_dict(thread, V::type.type), name,
                     Any(small_int(static_cast<Word>(limit.value)))));
  }
  return module_set(thread, module, V::name, Value(static_cast<Object*>(V::type.type)));
}

Result<void> blake2_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(add_type<B>(thread, module, blake2b_spec));
  return add_type<S>(thread, module, blake2s_spec);
}
constexpr ModuleConstant constants[] = {
    constant("BLAKE2B_SALT_SIZE", 16),    constant("BLAKE2B_PERSON_SIZE", 16),
    constant("BLAKE2B_MAX_KEY_SIZE", 64), constant("BLAKE2B_MAX_DIGEST_SIZE", 64),
    constant("BLAKE2S_SALT_SIZE", 8),     constant("BLAKE2S_PERSON_SIZE", 8),
    constant("BLAKE2S_MAX_KEY_SIZE", 32), constant("BLAKE2S_MAX_DIGEST_SIZE", 32)};

}  // namespace

extern const ModuleSpec _blake2_module;
const ModuleSpec _blake2_module{.name = "_blake2",
                                .doc = "_blake2b provides BLAKE2b for hashlib\n",
                                .constants = constants,
                                .initialize = blake2_initialize};

}  // namespace dx
