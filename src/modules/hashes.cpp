// _md5, _sha1, _sha2, _sha3: message digests, computed by OpenSSL's libcrypto. The library is
// opened when one of these modules is first imported, so programs without digests do not load it;
// without it their import fails.

#include <dlfcn.h>

#include <mutex>

#include "memory/byte_lock.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/container_support.h"
#include "objects/module.h"

namespace dx {

namespace {

// ---- libcrypto ----------------------------------------------------------------------------------

struct Crypto {
  void* (*context_new)();
  void (*context_free)(void*);
  int (*context_copy)(void* to, const void* from);
  const void* (*digest_by_name)(const char*);
  int (*init)(void* context, const void* digest, void* engine);
  int (*update)(void* context, const void* data, size_t size);
  int (*final)(void* context, unsigned char* out, unsigned* size);
  int (*final_xof)(void* context, unsigned char* out, size_t size);
  bool loaded;
};
Crypto crypto;

Result<void> crypto_load(Thread& thread) {
  static std::once_flag once;
  std::call_once(once, [] {
    void* library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    auto find = [&](auto& function, const char* name) {
      function =
          reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      return function != nullptr;
    };
    crypto.loaded =
        find(crypto.context_new, "EVP_MD_CTX_new") &&
        find(crypto.context_free, "EVP_MD_CTX_free") &&
        find(crypto.context_copy, "EVP_MD_CTX_copy_ex") &&
        find(crypto.digest_by_name, "EVP_get_digestbyname") &&
        find(crypto.init, "EVP_DigestInit_ex") && find(crypto.update, "EVP_DigestUpdate") &&
        find(crypto.final, "EVP_DigestFinal_ex") && find(crypto.final_xof, "EVP_DigestFinalXOF");
  });
  if (crypto.loaded) return {};
  return raise<ImportError>(
      thread, "message digests need OpenSSL's libcrypto.so.3, which is not installed");
}

// ---- the objects --------------------------------------------------------------------------------

struct Algorithm {
  const char* function;  // as the module names it
  const char* name;      // as the object names itself
  const char* openssl;
  Word digest_size;  // 0: as long as the caller wants
  Word block_size;
  TypeHandle* type;
};
TypeHandle md5_type, sha1_type, sha224_type, sha256_type, sha384_type, sha512_type;
TypeHandle sha3_224_type, sha3_256_type, sha3_384_type, sha3_512_type, shake_128_type,
    shake_256_type;
enum Which : uint8_t {
  kMd5,
  kSha1,
  kSha224,
  kSha256,
  kSha384,
  kSha512,
  kSha3_224,
  kSha3_256,
  kSha3_384,
  kSha3_512,
  kShake128,
  kShake256
};
constexpr Algorithm algorithms[] = {
    {"md5", "md5", "MD5", 16, 64, &md5_type},
    {"sha1", "sha1", "SHA1", 20, 64, &sha1_type},
    {"sha224", "sha224", "SHA224", 28, 64, &sha224_type},
    {"sha256", "sha256", "SHA256", 32, 64, &sha256_type},
    {"sha384", "sha384", "SHA384", 48, 128, &sha384_type},
    {"sha512", "sha512", "SHA512", 64, 128, &sha512_type},
    {"sha3_224", "sha3_224", "SHA3-224", 28, 144, &sha3_224_type},
    {"sha3_256", "sha3_256", "SHA3-256", 32, 136, &sha3_256_type},
    {"sha3_384", "sha3_384", "SHA3-384", 48, 104, &sha3_384_type},
    {"sha3_512", "sha3_512", "SHA3-512", 64, 72, &sha3_512_type},
    {"shake_128", "shake_128", "SHAKE128", 0, 168, &shake_128_type},
    {"shake_256", "shake_256", "SHAKE256", 0, 136, &shake_256_type},
};

struct Hash : Object {
  void* context;  // changed under the object's lock
  const Algorithm* algorithm;
};

Raised raise_crypto(Thread& thread) {
  return raise<ValueError>(thread, "libcrypto refuses this digest");
}

Result<void> hash_feed(Thread& thread, Borrowed<Hash> self, Any data) {
  if (is_str(data.value()))
    return raise<TypeError>(thread, "Strings must be encoded before hashing");
  if (!has_buffer(data))
    return raise<TypeError>(thread, "object supporting the buffer API required");
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  bool fed;
  {
    ObjectLock lock(thread, self.get());
    fed = crypto.update(self->context, scope.view.data, static_cast<size_t>(scope.view.size)) == 1;
  }
  if (!fed) return raise_crypto(thread);
  return {};
}

AnyResult hash_create(Thread& thread, const Algorithm& algorithm) {
  AnyRef made = TRY(allocate_instance(thread, algorithm.type->type));
  Hash* self = static_cast<Hash*>(made.get());
  self->algorithm = &algorithm;
  self->context = crypto.context_new();
  if (!self->context) return raise_memory_error(thread);
  return made;
}

template <Which which>
AnyResult hash_new(Thread& thread, MaybeAny data, bool, MaybeAny text) {
  const Algorithm& algorithm = algorithms[which];
  if (text && data) {
    return raise<TypeError>(thread,
                            "'data' and 'string' are mutually exclusive and support for 'string' "
                            "keyword parameter is slated for removal in a future version.");
  }
  AnyRef made = TRY(hash_create(thread, algorithm));
  Borrowed<Hash> self(made.value());
  const void* digest = crypto.digest_by_name(algorithm.openssl);
  if (!digest || crypto.init(self->context, digest, nullptr) != 1) return raise_crypto(thread);
  if (data) TRY(hash_feed(thread, self, *data));
  if (text) TRY(hash_feed(thread, self, *text));
  return made;
}

AnyResult hash_copy(Thread& thread, Borrowed<Hash> self) {
  AnyRef made = TRY(hash_create(thread, *self->algorithm));
  bool copied;
  {
    ObjectLock lock(thread, self.get());
    copied = crypto.context_copy(static_cast<Hash*>(made.get())->context, self->context) == 1;
  }
  if (!copied) return raise_crypto(thread);
  return made;
}

Result<void> hash_update(Thread& thread, Borrowed<Hash> self, Any data) {
  return hash_feed(thread, self, data);
}

// The digest of what was fed so far; the object goes on.
AnyResult digest_bytes(Thread& thread, Borrowed<Hash> self, Word size) {
  AnyRef copy = TRY(hash_copy(thread, self));
  void* context = static_cast<Hash*>(copy.get())->context;
  Ref<Bytes> out = TRY(bytes_create(thread, static_cast<size_t>(size)));
  unsigned char* to = reinterpret_cast<unsigned char*>(out->data());
  bool done = self->algorithm->digest_size == 0
                  ? size == 0 || crypto.final_xof(context, to, static_cast<size_t>(size)) == 1
                  : crypto.final(context, to, nullptr) == 1;
  if (!done) return raise_crypto(thread);
  return out;
}
AnyResult in_hex(Thread& thread, Borrowed<Bytes> digest) {
  return call_method(thread, digest, NAME("hex"), {});
}

AnyResult hash_digest(Thread& thread, Borrowed<Hash> self) {
  return digest_bytes(thread, self, self->algorithm->digest_size);
}
AnyResult hash_hexdigest(Thread& thread, Borrowed<Hash> self) {
  AnyRef digest = TRY(hash_digest(thread, self));
  return in_hex(thread, Borrowed<Bytes>(digest.value()));
}
AnyResult shake_digest(Thread& thread, Borrowed<Hash> self, Word length) {
  if (length < 0) return raise<ValueError>(thread, "Cannot be negative");
  if (length >= Word{1} << 29) return raise<ValueError>(thread, "length is too large");
  return digest_bytes(thread, self, length);
}
AnyResult shake_hexdigest(Thread& thread, Borrowed<Hash> self, Word length) {
  AnyRef digest = TRY(shake_digest(thread, self, length));
  return in_hex(thread, Borrowed<Bytes>(digest.value()));
}

AnyResult hash_name(Thread& thread, Borrowed<Hash> self) {
  return str_from_ascii(thread, self->algorithm->name);
}
AnyResult hash_digest_size(Thread&, Borrowed<Hash> self) {
  return AnyRef::adopt(small_int(self->algorithm->digest_size));
}
AnyResult hash_block_size(Thread&, Borrowed<Hash> self) {
  return AnyRef::adopt(small_int(self->algorithm->block_size));
}

void hash_destroy(Thread&, Object* object) {
  if (void* context = static_cast<Hash*>(object)->context) crypto.context_free(context);
}
const Layout hash_layout{"hash", sizeof(Hash), false, nullptr, hash_destroy};
constexpr Method hash_methods[] = {
    method<hash_copy>("copy()", "Return a copy of the hash object."),
    method<hash_digest>("digest()", "Return the digest value as a bytes object."),
    method<hash_hexdigest>("hexdigest()",
                           "Return the digest value as a string of hexadecimal digits."),
    method<hash_update>("update(obj, /)",
                        "Update this hash object's state with the provided string."),
};
constexpr Method shake_methods[] = {
    method<hash_copy>("copy()", "Return a copy of the hash object."),
    method<shake_digest>("digest(length)", "Return the digest value as a bytes object."),
    method<shake_hexdigest>("hexdigest(length)",
                            "Return the digest value as a string of hexadecimal digits."),
    method<hash_update>("update(obj, /)",
                        "Update this hash object's state with the provided string."),
};
const GetSet hash_getsets[] = {
    getter<hash_name>("name"),
    getter<hash_digest_size>("digest_size"),
    getter<hash_block_size>("block_size"),
};

#define HASH_SPEC(id, type_name, methods_)                                                 \
  const TypeSpec id##_spec {                                                               \
    .name = type_name, .flags = kTypeImmutable | kTypeDisallowNew, .layout = &hash_layout, \
    .methods = methods_, .getsets = hash_getsets                                           \
  }
HASH_SPEC(md5, "_md5.md5", hash_methods);
HASH_SPEC(sha1, "_sha1.sha1", hash_methods);
HASH_SPEC(sha224, "_sha2.SHA224Type", hash_methods);
HASH_SPEC(sha256, "_sha2.SHA256Type", hash_methods);
HASH_SPEC(sha384, "_sha2.SHA384Type", hash_methods);
HASH_SPEC(sha512, "_sha2.SHA512Type", hash_methods);
HASH_SPEC(sha3_224, "_sha3.sha3_224", hash_methods);
HASH_SPEC(sha3_256, "_sha3.sha3_256", hash_methods);
HASH_SPEC(sha3_384, "_sha3.sha3_384", hash_methods);
HASH_SPEC(sha3_512, "_sha3.sha3_512", hash_methods);
HASH_SPEC(shake_128, "_sha3.shake_128", shake_methods);
HASH_SPEC(shake_256, "_sha3.shake_256", shake_methods);

// ---- the modules --------------------------------------------------------------------------------

struct NamedType {
  const TypeSpec* spec;
  TypeHandle* handle;
  const char* name;  // in the module
};
Result<void> add_types(Thread& thread, Borrowed<Module> module,
                       std::initializer_list<NamedType> types) {
  TRY(crypto_load(thread));
  for (const NamedType& type : types) {
    TRY(type_from_spec(thread, *type.spec, *type.handle));
    TRY(module_set(thread, module, type.name, Value(static_cast<Object*>(type.handle->type))));
  }
  return {};
}

constexpr Method md5_functions[] = {
    function<hash_new<kMd5>>("md5(data=?, *, usedforsecurity=True, string=?)")};
constexpr Method sha1_functions[] = {
    function<hash_new<kSha1>>("sha1(data=?, *, usedforsecurity=True, string=?)")};
constexpr Method sha2_functions[] = {
    function<hash_new<kSha224>>("sha224(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kSha256>>("sha256(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kSha384>>("sha384(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kSha512>>("sha512(data=?, *, usedforsecurity=True, string=?)"),
};
constexpr Method sha3_functions[] = {
    function<hash_new<kSha3_224>>("sha3_224(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kSha3_256>>("sha3_256(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kSha3_384>>("sha3_384(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kSha3_512>>("sha3_512(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kShake128>>("shake_128(data=?, *, usedforsecurity=True, string=?)"),
    function<hash_new<kShake256>>("shake_256(data=?, *, usedforsecurity=True, string=?)"),
};

Result<void> md5_initialize(Thread& thread, Borrowed<Module> module) {
  return add_types(thread, module, {{&md5_spec, &md5_type, "MD5Type"}});
}
Result<void> sha1_initialize(Thread& thread, Borrowed<Module> module) {
  return add_types(thread, module, {{&sha1_spec, &sha1_type, "SHA1Type"}});
}
Result<void> sha2_initialize(Thread& thread, Borrowed<Module> module) {
  return add_types(thread, module,
                   {{&sha224_spec, &sha224_type, "SHA224Type"},
                    {&sha256_spec, &sha256_type, "SHA256Type"},
                    {&sha384_spec, &sha384_type, "SHA384Type"},
                    {&sha512_spec, &sha512_type, "SHA512Type"}});
}
// Only functions here: a type of the same name would hide its function.
Result<void> sha3_initialize(Thread& thread, Borrowed<Module>) {
  TRY(crypto_load(thread));
  TRY(type_from_spec(thread, sha3_224_spec, sha3_224_type));
  TRY(type_from_spec(thread, sha3_256_spec, sha3_256_type));
  TRY(type_from_spec(thread, sha3_384_spec, sha3_384_type));
  TRY(type_from_spec(thread, sha3_512_spec, sha3_512_type));
  TRY(type_from_spec(thread, shake_128_spec, shake_128_type));
  return type_from_spec(thread, shake_256_spec, shake_256_type);
}

}  // namespace

extern const ModuleSpec _md5_module, _sha1_module, _sha2_module, _sha3_module;
const ModuleSpec _md5_module{
    .name = "_md5", .functions = md5_functions, .initialize = md5_initialize};
const ModuleSpec _sha1_module{
    .name = "_sha1", .functions = sha1_functions, .initialize = sha1_initialize};
const ModuleSpec _sha2_module{
    .name = "_sha2", .functions = sha2_functions, .initialize = sha2_initialize};
const ModuleSpec _sha3_module{
    .name = "_sha3", .functions = sha3_functions, .initialize = sha3_initialize};

}  // namespace dx
