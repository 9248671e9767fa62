#pragma once
// Code: one code object over a DPB image. Instructions are executed where they lie; constants,
// names and caches are made when the code first runs.
//
//   CodeImage (counted): the bytes (a mapped file, or memory of compile()) ---- shared by every
//   Code made from it Code: view of one unit + constants[] (made one by one) + caches[] (one a
//   site) + feedback[] (a byte an instruction)
//
// Caches, threads: a writer clears `key`, writes the other words, then stores `key` with release; a
// reader takes `key`, reads, and compares `key` again. Equal keys mean equal contents, because a
// key names shape and type version.

#include <memory>

#include "dpb/code_unit.h"
#include "dpb/image.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

struct CodeImage {
  std::atomic<uint64_t> references{1};
  std::vector<uint8_t> bytes;       // of compile(); or
  const uint8_t* mapped = nullptr;  // of a file
  size_t size = 0;
  std::shared_ptr<const void> keeps;  // what keeps `mapped` mapped
  // Interned texts by their number in the image, made when a code object first needs them (owned;
  // null: none yet). Code objects of the image borrow from here.
  std::atomic<std::atomic<Str*>*> names{nullptr};
  bool from_file = false;  // its constants are immortal
  dpb::ImageView view() const {
    return dpb::ImageView({mapped ? mapped : bytes.data(), mapped ? size : bytes.size()});
  }
};

// What a cell of an attribute site knows (interpreter/attribute_cache.cpp). The kind is in the
// key's shape word, so that the commonest, a slot of the instance, is found by one compare with the
// object's shape, and others by a second.
enum CacheKind : uint32_t {
  kCacheSlot = 0,
  kCacheValue = 1,
  kCacheMethod = 2,
  kCacheModule = 3,
  kCacheTypeAttr = 4,
  kCacheProperty = 5,
  kCacheStore = 6
};
constexpr unsigned kCacheKindShift = 28;              // shape ids are smaller
constexpr uint64_t kBuiltinCell = uint64_t{1} << 63;  // in the key of a global's cell
constexpr uint64_t kMaxGlobalCell =
    0x7fffffff;  // the largest index + 1, or builtins' id, beside it

struct alignas(32) CacheCell {
  // 0: empty. Attributes: shape | kind << 28 | type version << 32; a slot of the instance: shape |
  // offset << 32 | slot_epoch. Globals: id of the table | (index + 1) << 32; builtins: id of the
  // globals' table | id of the builtins' << 32 | kBuiltinCell.
  std::atomic<uint64_t> key;
  // A value (borrowed: the namespace holds it); of a store that adds the attribute, the next shape;
  // of a builtin, the entry's index.
  std::atomic<uint64_t> data;
  std::atomic<uint64_t> extra;  // Type*; of a builtin: number of entries of the globals
  Str* name;                    // interned, owned by the image
};
static_assert(sizeof(CacheCell) == 32);

constexpr uint32_t kNotSimple = ~uint32_t{0};

struct Code : Object {
  // -- what the interpreter reads
  // ------------------------------------------------------------------------------------
  const dpb::Instruction* instructions;
  Value* constants;  // owned values, empty until first used; null until prepared
  CacheCell* caches;
  uint8_t* feedback;  // a byte an instruction
  uint32_t instruction_count;
  uint32_t flags;  // co_flags
  uint16_t register_count;
  uint16_t local_count;     // registers before the temporaries
  uint16_t argument_count;  // positional
  uint16_t keyword_only;
  uint16_t positional_only;
  uint16_t first_local;      // 1 when register 0 holds the namespace
  uint16_t parameter_count;  // *args and **kwargs included
  bool simple_call;  // only positional parameters, no heap frame: arguments are the first registers
  std::atomic<bool> prepared;  // constants, caches and feedback are there
  // argument_count of a simple_call that is prepared, else kNotSimple: what a call compares its
  // number of arguments with.
  std::atomic<uint32_t> call_shape;
  // -- the rest
  // --------------------------------------------------------------------------------------------------------
  CodeImage* image;
  uint32_t unit;
  uint32_t first_line;
  Field<Str> name, qualname, filename;
  Field<Object> consts, names, varnames, cellvars, freevars;  // tuples, made when asked for
  Field<Object> replaced_positions;                           // of code.replace(): reserved

  dpb::CodeView view() const { return image->view().unit(unit); }
  bool has_flag(uint32_t flag) const { return flags & flag; }
};
template <>
struct TypeCheck<Code> {
  static bool check(Value value) { return is_exact(value, SHAPE(code)); }
  static constexpr const char* name = "code";
};

// Takes the image (one reference). The root unit, or another.
Result<Ref<Code>> code_create(Thread& thread, CodeImage* image, uint32_t unit,
                              Borrowed<Str> filename);
void code_image_release(Thread& thread, CodeImage* image);
// Caches and constant table; called before the first execution. Idempotent and thread-safe.
Result<void> code_prepare(Thread& thread, Borrowed<Code> code);
// Constant number `index`, made on first use. Borrowed: the code owns it.
Result<Any> code_constant(Thread& thread, Borrowed<Code> code, uint32_t index);
AnyResult code_names_tuple(Thread& thread, Borrowed<Code> code, Field<Object>& field,
                           std::span<const uint32_t> texts);
AnyResult code_varnames(Thread& thread, Borrowed<Code> code);
AnyResult code_freevars(Thread& thread, Borrowed<Code> code);
AnyResult code_cellvars(Thread& thread, Borrowed<Code> code);
// Name of the variable in a register (local, cell, free), or null.
Maybe<Ref<Str>> code_register_name(Thread& thread, Borrowed<Code> code, uint32_t index);
int32_t code_line(Borrowed<Code> code, uint32_t instruction);  // -1: none

}  // namespace dx
