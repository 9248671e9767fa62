#include "dpb/writer.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/blake3.h"
#include "base/check.h"
#include "dpb/format.h"
#include "dpb/image.h"
#include "dpb/instruction_text.h"
#include "dpb/positions.h"
#include "dpb/verifier.h"

namespace dx::dpb {
namespace {

// A section under construction.
struct Bytes {
  ImageBytes data;

  uint32_t size() const { return uint32_t(data.size()); }
  void align(uint32_t alignment) {
    data.resize((data.size() + alignment - 1) / alignment * alignment);
  }
  uint32_t append(const void* source, size_t size) {
    uint32_t at = this->size();
    if (size)
      data.insert(data.end(), static_cast<const uint8_t*>(source),
                  static_cast<const uint8_t*>(source) + size);
    return at;
  }
  template <typename T>
  uint32_t append(const std::vector<T>& items) {
    align(alignof(T));
    return append(items.data(), items.size() * sizeof(T));
  }
};

class Writer {
 public:
  explicit Writer(std::vector<LiveDepths> depths) : depths_(std::move(depths)) {}

  std::optional<std::string> write(const CodeUnit& root, ImageBytes& out) {
    collect(root);
    for (size_t index = 0; index < units_.size(); ++index) write_unit(index);
    Bytes sections[kSectionCount];
    sections[int(Section::code)] = std::move(code_);
    sections[int(Section::constants)] =
        table(constant_records_, constant_payload_, &ConstantRecord::payload);
    sections[int(Section::names)] = table(text_records_, text_payload_, &TextRecord::offset);
    sections[int(Section::symbols)] = symbols();
    sections[int(Section::types)] = std::move(types_);
    sections[int(Section::debug)] = std::move(debug_);

    Header header{};
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    header.version = kTableVersion;
    uint64_t at = sizeof(Header);
    for (int section = 0; section < kSectionCount; ++section) {
      if (at > UINT32_MAX) return "the image would be larger than 4 GB";
      header.sections[section] = uint32_t(at);
      at += sections[section].data.size();
      if (section + 1 < kSectionCount)
        at = (at + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
    }
    if (at > UINT32_MAX) return "the image would be larger than 4 GB";
    out.assign(at, 0);
    for (int section = 0; section < kSectionCount; ++section) {
      const ImageBytes& data = sections[section].data;
      if (!data.empty())
        std::memcpy(out.data() + header.sections[section], data.data(), data.size());
    }
    std::memcpy(out.data(), &header, sizeof header);
    Blake3Digest hash = image_hash(out);
    std::memcpy(out.data() + offsetof(Header, hash), hash.data(), hash.size());
    return std::nullopt;
  }

 private:
  std::vector<LiveDepths> depths_;
  std::vector<const CodeUnit*> units_;
  std::unordered_map<const CodeUnit*, uint32_t> unit_index_;
  std::vector<CodeRecord> code_records_;
  Bytes code_, symbol_payload_, types_, debug_;

  std::unordered_map<std::string, uint32_t> texts_;
  std::vector<TextRecord> text_records_;
  Bytes text_payload_;

  struct Hash {
    size_t operator()(const Constant& constant) const { return constant.hash(); }
  };
  std::unordered_map<Constant, uint32_t, Hash> constants_;
  std::vector<ConstantRecord> constant_records_;
  Bytes constant_payload_;

  void collect(const CodeUnit& unit) {
    unit_index_[&unit] = uint32_t(units_.size());
    units_.push_back(&unit);
    for (const Constant& constant : unit.constants) {
      if (constant.kind == Constant::Kind::code) collect(*constant.code);
    }
  }

  uint32_t text(const std::string& value) {
    auto [found, fresh] = texts_.try_emplace(value, uint32_t(text_records_.size()));
    if (!fresh) return found->second;
    TextRecord record{text_payload_.append(value.data(), value.size()), uint32_t(value.size()), 0,
                      0};
    text_payload_.data.push_back(0);
    uint32_t highest = 0;
    bool ascii =
        std::all_of(value.begin(), value.end(), [](char byte) { return uint8_t(byte) < 0x80; });
    if (ascii) record.length = record.size;
    for (std::string_view rest = ascii ? std::string_view() : value; !rest.empty();
         ++record.length) {
      highest = std::max(highest, take_code_point(rest));
    }
    record.width = highest < 0x80 ? 0 : highest < 0x100 ? 1 : highest < 0x10000 ? 2 : 4;
    text_records_.push_back(record);
    return found->second;
  }

  uint32_t constant(const Constant& value) {
    if (auto found = constants_.find(value); found != constants_.end()) return found->second;
    using Kind = Constant::Kind;
    ConstantRecord record{uint8_t(value.kind), value.negative, 0, 0, 0};
    auto points_at = [&](const void* data, size_t size) {
      constant_payload_.align(8);
      record.payload = constant_payload_.append(data, size);
    };
    switch (value.kind) {
      case Kind::none:
      case Kind::true_value:
      case Kind::false_value:
      case Kind::ellipsis: break;
      case Kind::int64:
      case Kind::float64: record.payload = value.bits[0]; break;
      case Kind::complex: points_at(value.bits, 16); break;
      case Kind::big_int:
        record.size = uint32_t(value.limbs.size());
        points_at(value.limbs.data(), value.limbs.size() * 8);
        break;
      case Kind::str: record.size = text(value.text); break;
      case Kind::bytes:
        record.size = uint32_t(value.text.size());
        points_at(value.text.data(), value.text.size());
        break;
      case Kind::tuple:
      case Kind::frozenset:
      case Kind::slice: {
        std::vector<uint32_t> items;
        for (const Constant& item : value.items) items.push_back(constant(item));
        record.size = uint32_t(items.size());
        points_at(items.data(), items.size() * 4);
        break;
      }
      case Kind::code: record.size = unit_index_.at(value.code.get()); break;
    }
    uint32_t index = uint32_t(constant_records_.size());
    constant_records_.push_back(record);
    constants_.emplace(value, index);
    return index;
  }

  void write_unit(size_t index) {
    const CodeUnit& unit = *units_[index];
    CodeRecord record{};
    record.name = text(unit.name), record.qualname = text(unit.qualname);
    record.first_line = unit.first_line, record.flags = unit.flags;
    record.argument_count = unit.argument_count, record.positional_only = unit.positional_only;
    record.keyword_only = unit.keyword_only;
    record.varname_count = uint32_t(unit.varnames.size());
    record.cellvar_count = uint32_t(unit.cellvars.size());
    record.freevar_count = uint32_t(unit.freevars.size());
    record.own_cell_count = unit.own_cell_count();
    record.register_count = unit.register_count;
    record.instruction_count = uint32_t(unit.instructions.size());
    code_.align(8);
    record.instructions = code_.append(unit.instructions);

    std::vector<uint32_t> indices;
    for (const Constant& value : unit.constants) indices.push_back(constant(value));
    record.constant_count = uint32_t(indices.size());
    record.constants = symbol_payload_.append(indices);

    auto texts = [&](std::initializer_list<const std::vector<std::string>*> lists) {
      indices.clear();
      for (const auto* list : lists) {
        for (const std::string& name : *list) indices.push_back(text(name));
      }
    };
    texts({&unit.names});
    record.name_count = uint32_t(unit.names.size());
    record.names = symbol_payload_.append(indices);
    texts({&unit.varnames, &unit.cellvars, &unit.freevars});
    for (uint32_t cell : unit.cell_registers()) indices.push_back(cell);
    record.variables = symbol_payload_.append(indices);

    std::vector<SiteRecord> sites;
    for (const CacheSite& site : unit.sites) sites.push_back({site.name, uint32_t(site.kind)});
    record.site_count = uint32_t(sites.size());
    record.sites = symbol_payload_.append(sites);
    record.exception_count = uint32_t(unit.exceptions.size());
    record.exceptions = symbol_payload_.append(unit.exceptions);

    std::vector<AnnotationRecord> annotations;
    for (const TypeAnnotation& hint : unit.annotations)
      annotations.push_back({text(hint.name), text(hint.text)});
    record.annotation_count = uint32_t(annotations.size());
    record.annotations = types_.append(annotations);

    record.depths = debug_.append(depths_[index]);
    std::string positions = encode_positions(unit.positions, unit.first_line);
    record.position_bytes = uint32_t(positions.size());
    record.positions = debug_.append(positions.data(), positions.size());
    code_records_.push_back(record);
  }

  // Count, records, payload; record fields that point into the payload are moved behind the
  // records.
  template <typename Record>
  static Bytes start_table(const std::vector<Record>& records) {
    Bytes out;
    uint32_t head[2] = {uint32_t(records.size()), 0};
    out.append(head, sizeof head);
    out.append(records.data(), records.size() * sizeof(Record));
    return out;
  }
  static uint32_t payload_start(size_t records, size_t size) {
    return uint32_t(8 + records * size);
  }

  template <typename Record, typename Field>
  static Bytes table(std::vector<Record>& records, const Bytes& payload, Field Record::* field) {
    uint32_t start = payload_start(records.size(), sizeof(Record));
    for (Record& record : records) {
      if (points(record)) record.*field += start;
    }
    Bytes out = start_table(records);
    out.append(payload.data.data(), payload.data.size());
    return out;
  }
  static bool points(const TextRecord&) { return true; }
  static bool points(const ConstantRecord& record) {
    using Kind = Constant::Kind;
    switch (Kind(record.kind)) {
      case Kind::complex:
      case Kind::big_int:
      case Kind::bytes:
      case Kind::tuple:
      case Kind::frozenset:
      case Kind::slice: return true;
      default: return false;
    }
  }

  Bytes symbols() {
    uint32_t start = payload_start(code_records_.size(), sizeof(CodeRecord));
    for (CodeRecord& record : code_records_) {
      record.constants += start, record.names += start, record.variables += start;
      record.sites += start, record.exceptions += start;
    }
    Bytes out = start_table(code_records_);
    out.append(symbol_payload_.data.data(), symbol_payload_.data.size());
    return out;
  }
};

}  // namespace

std::optional<std::string> write_image(const CodeUnit& unit, ImageBytes& out) {
  std::vector<LiveDepths> depths;
  if (auto error = verify(unit, &depths)) return error;
  return Writer(std::move(depths)).write(unit, out);
}

}  // namespace dx::dpb
