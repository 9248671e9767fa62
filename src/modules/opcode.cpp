// _opcode: bytecode as Python sees it. The modules opcode and dis, dx.dis and dx.asm are written
// over it.

#include "dpb/assembler.h"
#include "dpb/disassembler.h"
#include "dpb/verifier.h"
#include "dpb/writer.h"
#include "objects/code.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/native.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

// A tuple of `size` items, item i made by make(i).
template <class Make>
static Result<Ref<Tuple>> tuple_made(Thread& thread, size_t size, Make&& make) {
  Ref<Tuple> tuple = TRY(tuple_create(thread, size));
  for (size_t i = 0; i < size; ++i) slot_init(tuple.get(), tuple->items()[i], TRY(make(i)));
  return tuple;
}

static AnyResult text_of(Thread& thread, std::string_view text) {
  return str_from_ascii(thread, text);
}

// (name, operands, aux, effects, site, flag, doc) of every op, in the order of values.
static Result<Ref<List>> opcode_table(Thread& thread) {
  Ref<List> table = TRY(list_create(thread, dpb::kOpCount));
  for (int op = 0; op < dpb::kOpCount; ++op) {
    const dpb::OpInfo& facts = dpb::kOpInfo[op];
    Ref<Tuple> operands = TRY(tuple_made(thread, 3, [&](size_t i) -> AnyResult {
      if (facts.kinds[i] == dpb::OperandKind::none) return AnyRef::adopt(kNone);
      return tuple_made(thread, 2, [&](size_t part) {
        return text_of(thread, part == 0 ? facts.operand_names[i]
                                         : dpb::kOperandKindNames[int(facts.kinds[i])]);
      });
    }));
    std::string_view words[8];
    size_t word_count = 0;
    for (size_t bit = 0; bit < std::size(dpb::kEffectNames); ++bit) {
      if (facts.effects >> bit & 1) words[word_count++] = dpb::kEffectNames[bit];
    }
    Ref<Tuple> effects =
        TRY(tuple_made(thread, word_count, [&](size_t i) { return text_of(thread, words[i]); }));
    AnyRef row = TRY(tuple_made(thread, 7, [&](size_t column) -> AnyResult {
      switch (column) {
        case 0: return text_of(thread, facts.name);
        case 1: return Ref<Tuple>::share(thread, operands);
        case 2: return text_of(thread, dpb::kAuxNames[int(facts.aux)]);
        case 3: return Ref<Tuple>::share(thread, effects);
        case 4:
          if (facts.site == dpb::SiteKind::none) return AnyRef::adopt(kNone);
          return text_of(thread, dpb::kSiteKindNames[int(facts.site)]);
        case 5: return text_of(thread, facts.flag);
        default: return text_of(thread, dpb::kOpDocs[op]);
      }
    }));
    TRY(list_append(thread, table, std::move(row)));
  }
  return table;
}

static AnyResult opcode_sites(Thread& thread, Borrowed<Code> code) {
  auto sites = code->view().sites();
  return tuple_made(thread, sites.size(), [&](size_t i) {
    return tuple_made(thread, 2, [&](size_t part) -> AnyResult {
      if (part == 0) return text_of(thread, dpb::kSiteKindNames[sites[i].kind]);
      if (sites[i].name == dpb::CacheSite::kNoName) return AnyRef::adopt(kNone);
      return int_from_word(thread, sites[i].name);
    });
  });
}

static AnyResult opcode_exception_table(Thread& thread, Borrowed<Code> code) {
  auto entries = code->view().exceptions();
  return tuple_made(thread, entries.size(), [&](size_t i) {
    const uint32_t fields[4] = {entries[i].start, entries[i].end, entries[i].handler,
                                entries[i].depth};
    return tuple_made(thread, 4, [&](size_t part) { return int_from_word(thread, fields[part]); });
  });
}

static AnyResult opcode_live_depths(Thread& thread, Borrowed<Code> code) {
  auto depths = code->view().depths();
  return tuple_made(thread, depths.size(), [&](size_t i) -> AnyResult {
    if (depths[i] == dpb::kUnreached) return AnyRef::adopt(kNone);
    return int_from_word(thread, depths[i]);
  });
}

static AnyResult opcode_disassemble(Thread& thread, Borrowed<Code> code) {
  dpb::CodeUnit unit;
  if (auto error = dpb::decode_image(code->image->view().bytes(), unit, code->unit)) {
    return raise<SystemError>(thread, "code object cannot be decoded: {}", error->c_str());
  }
  return text_of(thread, dpb::disassemble(unit));
}

// What the verifier refuses is a ValueError, like any other mistake in the text.
static Result<Ref<Code>> opcode_assemble(Thread& thread, Borrowed<Str> text,
                                         Borrowed<Str> filename) {
  std::string_view source = TRY(str_utf8(thread, text));
  dpb::CodeUnit unit;
  std::unique_ptr<CodeImage> image(new CodeImage);
  auto error = dpb::assemble(source, unit);
  if (!error) error = dpb::write_image(unit, image->bytes);
  if (error) return raise<ValueError>(thread, "{}", error->c_str());
  return code_create(thread, image.release(), 0, filename);
}

static constexpr Method opcode_functions[] = {
    function<opcode_table>(
        "table()",
        "(name, operands, aux, effects, site, flag, doc) of every instruction, by value."),
    function<opcode_sites>("sites(code, /)",
                           "(kind, index into co_names or None) of every cache site."),
    function<opcode_exception_table>(
        "exception_table(code, /)",
        "(start, end, handler, depth) of every entry, counted in instructions."),
    function<opcode_live_depths>(
        "live_depths(code, /)",
        "Number of temporaries in use before each instruction; None where none comes by."),
    function<opcode_disassemble>("disassemble(code, /)",
                                 "The code and all that is nested in it as text for assemble()."),
    function<opcode_assemble>(
        "assemble(text, filename='<assembly>', /)",
        "The code object that disassemble() printed as this text, edited or not."),
};
// CPython's adaptive instructions: there are none here, what a site has learnt is in its cache.
static constexpr ModuleConstant opcode_constants[] = {constant("ENABLE_SPECIALIZATION", 0),
                                                      constant("ENABLE_SPECIALIZATION_FT", 0)};
extern const ModuleSpec _opcode_module;
const ModuleSpec _opcode_module{.name = "_opcode",
                                .doc = "The instruction set and the tables of code objects.",
                                .functions = opcode_functions,
                                .constants = opcode_constants};

}  // namespace dx
