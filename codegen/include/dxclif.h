#pragma once
// The whole surface between C++ and the code generator. One call compiles one unit: a flat SSA buffer goes in, bytes
// and tables come out. Every function may be called from any thread; a dxcl_context serves one thread at a time, an
// engine may be shared. Nothing here knows Python. The buffer's format is described in docs/internals/codegen.md.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DXCL_ABI_VERSION 1
#define DXCL_MAX_TIERS 8

// Limits of one unit, checked before Cranelift sees it: compile time and stack depth stay bounded whatever comes in.
#define DXCL_MAX_WORDS (1u << 19)
#define DXCL_MAX_BLOCKS 4096u
#define DXCL_MAX_INSTS 16384u
#define DXCL_MAX_VALUES 32768u
#define DXCL_MAX_BLOCK_PARAMS 128u
#define DXCL_MAX_EDGE_VALUES 32768u
#define DXCL_MAX_EXITS 4096u
#define DXCL_MAX_EXIT_VALUES 128u
#define DXCL_MAX_ALL_EXIT_VALUES 16384u
#define DXCL_MAX_SIGNATURES 64u
#define DXCL_MAX_ARGS 16u
#define DXCL_MAX_COLD_ARGS 5u
#define DXCL_MAX_LOOP_DEPTH 32u
#define DXCL_MAX_LIVE_ON_EDGES 5000000u  // values live across each edge, summed: what allocation costs
#define DXCL_MAX_FRAME_BYTES 65536u

typedef struct {
  uint8_t opt_level;         // 0 none, 1 speed, 2 speed and size
  uint8_t single_pass;       // 0 backtracking allocator, 1 single-pass allocator
  uint8_t alias_analysis;    // redundant loads and dead stores; needs opt_level > 0
  uint8_t verifier;          // Cranelift's own IR verifier, for tests
  uint8_t regalloc_checker;  // proves every allocation, for tests
  uint8_t log2_align;        // of the unit's first byte
  uint8_t reserved[2];
} dxcl_tier;

#define DXCL_CONTEXT_IN_REGISTER 1u  // r15; otherwise every unit takes the context as a hidden first parameter
#define DXCL_BASELINE_CPU 2u         // ignore what this processor has beyond the architecture's baseline

typedef struct {
  uint32_t abi_version;  // DXCL_ABI_VERSION
  uint32_t flags;
  uint32_t tier_count;
  // Where things lie in the context that machine code is entered with.
  uint32_t helpers_offset;  // array of code addresses, indexed by call_helper and call_cold
  uint32_t helper_count;
  uint32_t exit_values_offset;  // array of 8-byte cells, where an exit leaves its live values
  uint32_t exit_values_count;
  uint32_t exit_id_offset;  // u64, number of the exit taken
  uint64_t exit_result;     // what a unit returns after taking an exit
  dxcl_tier tiers[DXCL_MAX_TIERS];
} dxcl_config;

typedef struct {
  uint32_t offset;  // of the four bytes to fill in
  uint32_t symbol;  // 0 the unit's data, n + 1 the unit's external symbol n
  int64_t addend;   // bytes = address(symbol) + addend - address(offset)
} dxcl_fixup;

typedef struct {
  uint32_t start, end;  // code offsets
  uint32_t mark;        // operand of the `mark` before these instructions
  uint32_t reserved;
} dxcl_range;

typedef struct {
  const uint8_t* bytes;
  const dxcl_fixup* fixups;
  const dxcl_range* ranges;
  const uint32_t* call_returns;  // code offsets behind each call
  const char* error;             // set when the call failed; not terminated
  uint32_t byte_count, align, fixup_count, range_count, call_return_count, error_length;
  uint32_t frame_bytes;     // machine stack used below the saved frame pointer
  uint32_t clif_inst_count; // what Cranelift was given, exits included
  uint64_t check_ns, build_ns, compile_ns;
} dxcl_code;

enum {
  DXCL_OK = 0,
  DXCL_BAD_UNIT = -1,      // malformed or ill-typed buffer
  DXCL_TOO_LARGE = -2,     // beyond a limit above
  DXCL_UNSUPPORTED = -3,   // this processor lacks what the operation needs
  DXCL_PANIC = -4,         // the code generator failed; the context stays usable
  DXCL_CODEGEN = -5,       // Cranelift refused
  DXCL_BAD_ARGUMENT = -6,
};

enum { DXCL_DUMP_CLIF = 0, DXCL_DUMP_OPTIMIZED = 1, DXCL_DUMP_MACHINE = 2 };

typedef struct dxcl_engine dxcl_engine;
typedef struct dxcl_context dxcl_context;
typedef void (*dxcl_write)(void* opaque, const char* text, size_t length);

uint32_t dxcl_abi_version(void);
// Null with a terminated message in `error` when this machine or this configuration cannot be served.
dxcl_engine* dxcl_engine_new(const dxcl_config* config, char* error, size_t error_size);
void dxcl_engine_free(dxcl_engine* engine);  // contexts keep what they need of it
// 32 bytes that change with the generator's version, its settings and the processor's features; 0, or DXCL_BAD_ARGUMENT.
int dxcl_fingerprint(const dxcl_engine* engine, uint32_t tier, uint8_t out[32]);
dxcl_context* dxcl_context_new(const dxcl_engine* engine);
void dxcl_context_free(dxcl_context* context);
// The tables in `out` are valid until the next call with this context.
int dxcl_compile(dxcl_context* context, uint32_t tier, const uint32_t* words, size_t count, dxcl_code* out);
int dxcl_dump(dxcl_context* context, uint32_t tier, const uint32_t* words, size_t count, int what, dxcl_write write,
              void* opaque);

#ifdef __cplusplus
}
#endif
