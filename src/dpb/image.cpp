#include "dpb/image.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "dpb/instruction_text.h"
#include "dpb/verifier.h"
#include "dpb/writer.h"

namespace dx::dpb {

CodeView::CodeView(const uint8_t* base, uint32_t index) : base_(base), index_(index) {
  record_ = at<CodeRecord>(Section::symbols, 8) + index;
}

Text CodeView::text(uint32_t index) const {
  const TextRecord& record = at<TextRecord>(Section::names, 8)[index];
  return {at<char>(Section::names, record.offset), record.size, record.length, record.width};
}

SourcePosition CodeView::position(uint32_t instruction) const {
  PositionReader reader = positions();
  while (reader.next()) {
    if (instruction < reader.run()) return reader.position();
    instruction -= reader.run();
  }
  return {};
}

const ExceptionEntry* CodeView::handler_of(uint32_t instruction) const {
  std::span<const ExceptionEntry> entries = exceptions();
  auto after =
      std::upper_bound(entries.begin(), entries.end(), instruction,
                       [](uint32_t at, const ExceptionEntry& entry) { return at < entry.start; });
  if (after == entries.begin()) return nullptr;
  const ExceptionEntry& entry = *(after - 1);
  return instruction < entry.end ? &entry : nullptr;
}

Blake3Digest image_hash(std::span<const uint8_t> bytes) {
  CHECK(bytes.size() >= sizeof(Header));
  Blake3 hash;
  hash.update(bytes.first(offsetof(Header, hash)));
  hash.update(bytes.subspan(sizeof(Header)));
  return hash.finish();
}

std::optional<std::string> check_header(std::span<const uint8_t> bytes) {
  if (bytes.size() < sizeof(Header)) return "shorter than a header";
  if (bytes.size() > UINT32_MAX) return "longer than 4 GB";
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) return "not a DPB file";
  if (header.version != kTableVersion) return "made for another version of the bytecode";
  if (header.flags != 0) return "unknown flags";
  uint32_t previous = sizeof(Header);
  for (uint32_t offset : header.sections) {
    if (offset < previous || offset > bytes.size() || offset % kSectionAlignment)
      return "section offsets are wrong";
    previous = offset;
  }
  return std::nullopt;
}

namespace {

// Reads records with bounds checks; the first error sticks.
class Decoder {
 public:
  explicit Decoder(std::span<const uint8_t> bytes) : bytes_(bytes) {
    std::memcpy(&header_, bytes.data(), sizeof header_);
    // Constants are shared in the image and copied out of it: bytes that say "ten copies of ten
    // copies of ..." must end.
    budget_ = (int64_t{1} << 26) + 64 * int64_t(bytes.size());
  }

  std::optional<std::string> decode(CodeUnit& out, uint32_t root) {
    texts_ = table<TextRecord>(Section::names);
    constants_ = table<ConstantRecord>(Section::constants);
    units_ = table<CodeRecord>(Section::symbols);
    if (error_.empty() && units_.empty()) fail("no code");
    used_.assign(units_.size(), false);
    if (error_.empty()) unit(root, 0, out);
    if (!error_.empty()) return error_;
    return std::nullopt;
  }

 private:
  std::span<const uint8_t> bytes_;
  Header header_;
  std::string error_;
  int64_t budget_;
  std::vector<TextRecord> texts_;
  std::vector<ConstantRecord> constants_;
  std::vector<CodeRecord> units_;
  std::vector<bool> used_;

  bool fail(const char* message) {
    if (error_.empty()) error_ = message;
    return false;
  }
  bool spend(uint64_t cost) {
    if (cost > uint64_t(INT64_MAX) || (budget_ -= int64_t(cost)) < 0) {
      budget_ = 0;
      return fail("constants unfold to more than a file of this size may hold");
    }
    return true;
  }

  std::span<const uint8_t> section(Section which) const {
    size_t start = header_.sections[int(which)];
    size_t end = which == Section::debug ? bytes_.size() : header_.sections[int(which) + 1];
    return bytes_.subspan(start, end - start);
  }

  // Copies, so that misaligned input is harmless. Empty after an error.
  template <typename T>
  std::vector<T> array(Section which, uint64_t offset, uint64_t count) {
    std::span<const uint8_t> data = section(which);
    if (!error_.empty()) return {};
    if (offset > data.size() || count > (data.size() - offset) / sizeof(T)) {
      fail("a table reaches beyond its section");
      return {};
    }
    std::vector<T> items(count);
    if (count) std::memcpy(items.data(), data.data() + offset, count * sizeof(T));
    return items;
  }
  template <typename T>
  std::vector<T> table(Section which) {
    std::vector<uint32_t> head = array<uint32_t>(which, 0, 2);
    return head.empty() ? std::vector<T>() : array<T>(which, 8, head[0]);
  }

  std::string text(uint32_t index) {
    if (index >= texts_.size()) return fail("no such text"), std::string();
    const TextRecord& record = texts_[index];
    std::span<const uint8_t> data = section(Section::names);
    if (record.offset > data.size() || record.size > data.size() - record.offset) {
      return fail("a text reaches beyond its section"), std::string();
    }
    if (!spend(64 + uint64_t{record.size})) return {};
    std::string value(reinterpret_cast<const char*>(data.data()) + record.offset, record.size);
    if (!valid_text(value)) fail("a text is not valid");
    return value;
  }
  std::vector<std::string> texts(uint64_t offset, uint32_t count) {
    std::vector<std::string> values;
    for (uint32_t index : array<uint32_t>(Section::symbols, offset, count)) {
      values.push_back(text(index));
      if (!error_.empty()) break;
    }
    return values;
  }

  Constant constant(uint32_t index, int depth) {
    if (index >= constants_.size()) return fail("no such constant"), Constant();
    if (depth > kMaxConstantNesting) return fail("constants are nested too deeply"), Constant();
    if (!spend(sizeof(Constant))) return {};
    using Kind = Constant::Kind;
    const ConstantRecord record = constants_[index];
    Constant value;
    if (record.kind > uint8_t(Kind::code)) return fail("a constant has no known kind"), value;
    value.kind = Kind(record.kind);
    switch (value.kind) {
      case Kind::none:
      case Kind::true_value:
      case Kind::false_value:
      case Kind::ellipsis: break;
      case Kind::int64:
      case Kind::float64: value.bits[0] = record.payload; break;
      case Kind::complex: {
        std::vector<uint64_t> parts = array<uint64_t>(Section::constants, record.payload, 2);
        if (parts.size() == 2) value.bits[0] = parts[0], value.bits[1] = parts[1];
        break;
      }
      case Kind::big_int:
        value.negative = record.negative;
        if (spend(8 * uint64_t{record.size})) {
          value.limbs = array<uint64_t>(Section::constants, record.payload, record.size);
        }
        break;
      case Kind::str: value.text = text(record.size); break;
      case Kind::bytes:
        if (spend(record.size)) {
          std::vector<char> data = array<char>(Section::constants, record.payload, record.size);
          value.text.assign(data.data(), data.size());
        }
        break;
      case Kind::tuple:
      case Kind::frozenset:
      case Kind::slice:
        if (!spend(4 * uint64_t{record.size})) break;
        for (uint32_t item : array<uint32_t>(Section::constants, record.payload, record.size)) {
          if (item >= index) fail("a constant holds one that is not before it");
          if (!error_.empty()) break;
          if (constants_[item].kind == uint8_t(Kind::code)) fail("a container holds a code object");
          value.items.push_back(constant(item, depth + 1));
        }
        break;
      case Kind::code: break;  // by the caller
    }
    return value;
  }

  void unit(uint32_t index, int depth, CodeUnit& out) {
    if (index >= units_.size()) return void(fail("no such code object"));
    if (used_[index]) return void(fail("a code object is used twice"));
    if (depth > kMaxCodeNesting) return void(fail("code objects are nested too deeply"));
    used_[index] = true;
    const CodeRecord& record = units_[index];
    out.name = text(record.name), out.qualname = text(record.qualname);
    out.first_line = record.first_line, out.flags = record.flags;
    out.argument_count = record.argument_count, out.positional_only = record.positional_only;
    out.keyword_only = record.keyword_only, out.register_count = record.register_count;
    out.instructions =
        array<Instruction>(Section::code, record.instructions, record.instruction_count);
    out.names = texts(record.names, record.name_count);
    out.varnames = texts(record.variables, record.varname_count);
    uint64_t cells = uint64_t{record.variables} + 4 * uint64_t{record.varname_count};
    out.cellvars = texts(cells, record.cellvar_count);
    out.freevars = texts(cells + 4 * uint64_t{record.cellvar_count}, record.freevar_count);
    for (const SiteRecord& site :
         array<SiteRecord>(Section::symbols, record.sites, record.site_count)) {
      if (site.kind >= uint32_t(kSiteKindCount))
        return void(fail("a cache site has no known kind"));
      out.sites.push_back({SiteKind(site.kind), site.name});
    }
    out.exceptions =
        array<ExceptionEntry>(Section::symbols, record.exceptions, record.exception_count);
    for (const AnnotationRecord& hint :
         array<AnnotationRecord>(Section::types, record.annotations, record.annotation_count)) {
      out.annotations.push_back({text(hint.name), text(hint.text)});
      if (!error_.empty()) return;
    }
    std::vector<uint8_t> packed =
        array<uint8_t>(Section::debug, record.positions, record.position_bytes);
    PositionReader reader(packed, record.first_line);
    while (reader.next()) {
      if (out.positions.size() + reader.run() > out.instructions.size())
        return void(fail("too many positions"));
      out.positions.insert(out.positions.end(), reader.run(), reader.position());
    }
    if (reader.malformed()) return void(fail("positions are malformed"));
    for (uint32_t at : array<uint32_t>(Section::symbols, record.constants, record.constant_count)) {
      Constant value = constant(at, 0);
      if (!error_.empty()) return;
      if (value.kind == Constant::Kind::code) {
        value.code = std::make_shared<CodeUnit>();
        unit(constants_[at].size, depth + 1, *value.code);
      }
      out.constants.push_back(std::move(value));
      if (!error_.empty()) return;
    }
  }
};

}  // namespace

std::optional<std::string> decode_image(std::span<const uint8_t> bytes, CodeUnit& out,
                                        uint32_t unit) {
  if (auto error = check_header(bytes)) return error;
  out = CodeUnit();
  return Decoder(bytes).decode(out, unit);
}

std::optional<std::string> check_image(std::span<const uint8_t> bytes, CodeUnit* unit) {
  if (auto error = check_header(bytes)) return error;
  Blake3Digest hash = image_hash(bytes);
  if (std::memcmp(hash.data(), bytes.data() + offsetof(Header, hash), hash.size()) != 0) {
    return "the hash does not fit the content";
  }
  CodeUnit local;
  CodeUnit& decoded = unit ? *unit : local;
  if (auto error = decode_image(bytes, decoded)) return error;
  ImageBytes canonical;
  if (auto error = write_image(decoded, canonical)) return error;
  if (canonical.size() != bytes.size() ||
      std::memcmp(canonical.data(), bytes.data(), bytes.size()) != 0) {
    return "the bytes are not those the writer makes for this code";
  }
  return std::nullopt;
}

}  // namespace dx::dpb
