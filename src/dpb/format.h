#pragma once
// Layout of a DPB file: what lies where, as plain structs over the mapped bytes.
// docs/internals/dpb-format.md has the picture and a worked example.
//
//   header, 64 bytes | code | constants | names | symbols | types | debug
//
// Each section starts at a multiple of 64.
//
// All numbers are little-endian. Offsets in records count from the start of the section that holds
// the data. An image is canonical: the bytes are a function of the CodeUnit, and a file that
// decodes but would be written differently is refused. So there is no slack to hide anything in,
// and text -> image -> text is exact in both directions.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "dpb/opcodes.h"

namespace dx::dpb {

static_assert(std::endian::native == std::endian::little, "images are executed in place");

enum class Section : uint8_t { code, constants, names, symbols, types, debug };
inline constexpr int kSectionCount = 6;
inline constexpr uint32_t kSectionAlignment = 64;
inline constexpr char kMagic[4] = {'D', 'P', 'B', '\x01'};

struct Header {
  char magic[4];
  uint16_t version;                  // kTableVersion: changes with the opcode table or this layout
  uint16_t flags;                    // none yet: 0
  uint32_t sections[kSectionCount];  // offsets from the start of the file
  uint8_t hash[32];                  // BLAKE3 of all bytes but these 32
};
static_assert(sizeof(Header) == 64);

// names: u32 count, u32 0, TextRecord[count], then the texts, each followed by a zero byte.
struct TextRecord {
  uint32_t offset;
  uint32_t size;    // bytes of generalized UTF-8 (surrogates as three bytes each)
  uint32_t length;  // code points
  uint32_t width;   // bytes a code point needs: 0 ASCII, 1 up to 0xFF, 2 up to 0xFFFF, 4
};
static_assert(sizeof(TextRecord) == 16);

// constants: u32 count, u32 0, ConstantRecord[count], then what the records point at. Items come
// before the containers that hold them; equal constants are one record.
struct ConstantRecord {
  uint8_t kind;      // Constant::Kind
  uint8_t negative;  // big_int
  uint16_t zero;
  uint32_t
      size;  // str: text index; code: unit index; bytes: bytes; big_int: limbs; containers: items
  uint64_t
      payload;  // int64, float64: the bits; bytes, big_int (u64 limbs), complex (two u64),
                // containers (u32 indices of constants): offset in the section, a multiple of 8
};
static_assert(sizeof(ConstantRecord) == 16);

// symbols: u32 count, u32 0, CodeRecord[count], then arrays. Unit 0 is the file's; the others
// follow in the order in which a walk down the constants meets them.
struct CodeRecord {
  uint32_t name, qualname;  // texts
  uint32_t first_line, flags, argument_count, positional_only, keyword_only;
  uint32_t varname_count, cellvar_count, freevar_count, own_cell_count, register_count;
  uint32_t instruction_count, instructions;  // in `code`
  uint32_t constant_count, constants;        // u32 indices of constants
  uint32_t name_count, names;                // u32 texts
  uint32_t variables;  // u32 texts: varnames, cellvars, freevars; then a u32 register a cellvar
  uint32_t site_count, sites;              // SiteRecord
  uint32_t exception_count, exceptions;    // ExceptionEntry
  uint32_t annotation_count, annotations;  // AnnotationRecord, in `types`
  uint32_t depths;                         // u16 an instruction, in `debug`
  uint32_t position_bytes, positions;      // in `debug`, see positions.h; 0 bytes: no positions
  uint32_t zero[4];
};
static_assert(sizeof(CodeRecord) == 128);

struct SiteRecord {
  uint32_t name;  // index into the unit's names
  uint32_t kind;  // SiteKind
};

struct AnnotationRecord {
  uint32_t name, text;  // texts
};

}  // namespace dx::dpb
