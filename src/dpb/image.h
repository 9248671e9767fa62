#pragma once
// Reading an image: views over its bytes that parse nothing, and the check that makes them safe to
// use.
//
//   bytes --check_image---> ImageView --unit(i)--> CodeView: executed and read in place
//         --decode_image--> CodeUnit (for the disassembler and for verification)
//
// Rule: a view is made only of bytes that check_image has accepted in this process, that
// write_image has just made, or that a trusted verdict covers (file.h). The views themselves check
// nothing; the decoder checks everything.
//
// Views are small values and borrow the bytes. Read-only, so any thread may use them.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/blake3.h"
#include "dpb/code_unit.h"
#include "dpb/format.h"
#include "dpb/positions.h"

namespace dx::dpb {

struct Text {
  const char* data;
  uint32_t size, length, width;  // as in TextRecord; data[size] is 0
  std::string_view view() const { return {data, size}; }
};

class ImageView;

// One code object.
class CodeView {
 public:
  const CodeRecord& record() const { return *record_; }
  uint32_t index() const { return index_; }
  Text name() const { return text(record_->name); }
  Text qualname() const { return text(record_->qualname); }

  std::span<const Instruction> instructions() const {
    return {at<Instruction>(Section::code, record_->instructions), record_->instruction_count};
  }
  // Indices of constants of the image; ImageView::constant reads them.
  std::span<const uint32_t> constants() const {
    return words(record_->constants, record_->constant_count);
  }
  std::span<const uint32_t> names() const { return words(record_->names, record_->name_count); }
  std::span<const uint32_t> varnames() const {
    return words(record_->variables, record_->varname_count);
  }
  std::span<const uint32_t> cellvars() const {
    return variables(record_->varname_count, record_->cellvar_count);
  }
  std::span<const uint32_t> freevars() const {
    return variables(record_->varname_count + record_->cellvar_count, record_->freevar_count);
  }
  std::span<const uint32_t> cell_registers() const {  // one a cellvar
    return variables(record_->varname_count + record_->cellvar_count + record_->freevar_count,
                     record_->cellvar_count);
  }
  std::span<const SiteRecord> sites() const {
    return {at<SiteRecord>(Section::symbols, record_->sites), record_->site_count};
  }
  std::span<const ExceptionEntry> exceptions() const {
    return {at<ExceptionEntry>(Section::symbols, record_->exceptions), record_->exception_count};
  }
  std::span<const AnnotationRecord> annotations() const {
    return {at<AnnotationRecord>(Section::types, record_->annotations), record_->annotation_count};
  }
  // Live depth before each instruction (verifier.h).
  std::span<const uint16_t> depths() const {
    return {at<uint16_t>(Section::debug, record_->depths), record_->instruction_count};
  }
  PositionReader positions() const {
    return {{at<uint8_t>(Section::debug, record_->positions), record_->position_bytes},
            record_->first_line};
  }
  SourcePosition position(uint32_t instruction) const;  // a walk from the start: for tracebacks
  const ExceptionEntry* handler_of(uint32_t instruction) const;  // null when none covers it

  uint32_t first_local() const { return record_->flags & kCoOptimized ? 0 : 1; }
  uint32_t first_own_cell() const { return first_local() + record_->varname_count; }
  uint32_t first_free() const { return first_own_cell() + record_->own_cell_count; }
  uint32_t first_temporary() const { return first_free() + record_->freevar_count; }

 private:
  friend class ImageView;
  CodeView(const uint8_t* base, uint32_t index);
  template <typename T>
  const T* at(Section section, uint32_t offset) const {
    return reinterpret_cast<const T*>(base_ + header().sections[int(section)] + offset);
  }
  const Header& header() const { return *reinterpret_cast<const Header*>(base_); }
  std::span<const uint32_t> words(uint32_t offset, uint32_t count) const {
    return {at<uint32_t>(Section::symbols, offset), count};
  }
  std::span<const uint32_t> variables(uint32_t start, uint32_t count) const {
    return {at<uint32_t>(Section::symbols, record_->variables) + start, count};
  }
  Text text(uint32_t index) const;

  const uint8_t* base_;
  const CodeRecord* record_;
  uint32_t index_;
};

class ImageView {
 public:
  explicit ImageView(std::span<const uint8_t> bytes) : base_(bytes.data()), size_(bytes.size()) {}

  const Header& header() const { return *reinterpret_cast<const Header*>(base_); }
  std::span<const uint8_t> bytes() const { return {base_, size_}; }
  uint32_t unit_count() const { return *at<uint32_t>(Section::symbols, 0); }
  CodeView unit(uint32_t index) const { return CodeView(base_, index); }
  CodeView root() const { return unit(0); }

  uint32_t text_count() const { return *at<uint32_t>(Section::names, 0); }
  Text text(uint32_t index) const {
    const TextRecord& record = at<TextRecord>(Section::names, 8)[index];
    return {at<char>(Section::names, record.offset), record.size, record.length, record.width};
  }

  uint32_t constant_count() const { return *at<uint32_t>(Section::constants, 0); }
  const ConstantRecord& constant(uint32_t index) const {
    return at<ConstantRecord>(Section::constants, 8)[index];
  }
  Constant::Kind kind(uint32_t index) const { return Constant::Kind(constant(index).kind); }
  // What the payload of a constant points at.
  std::string_view bytes_of(const ConstantRecord& record) const {
    return {at<char>(Section::constants, uint32_t(record.payload)), record.size};
  }
  std::span<const uint64_t> limbs_of(const ConstantRecord& record) const {
    return {at<uint64_t>(Section::constants, uint32_t(record.payload)), record.size};
  }
  std::span<const uint64_t, 2> complex_of(const ConstantRecord& record) const {
    return std::span<const uint64_t, 2>(at<uint64_t>(Section::constants, uint32_t(record.payload)),
                                        2);
  }
  std::span<const uint32_t> items_of(
      const ConstantRecord& record) const {  // indices of constants, all smaller
    return {at<uint32_t>(Section::constants, uint32_t(record.payload)), record.size};
  }

 private:
  template <typename T>
  const T* at(Section section, uint32_t offset) const {
    return reinterpret_cast<const T*>(base_ + header().sections[int(section)] + offset);
  }
  const uint8_t* base_;
  size_t size_;
};

// BLAKE3 of everything but the hash itself. Requires: at least a header.
Blake3Digest image_hash(std::span<const uint8_t> bytes);

// Magic, version and section offsets only; constant time.
[[nodiscard]] std::optional<std::string> check_header(std::span<const uint8_t> bytes);

// Image -> CodeUnit, of the whole file or of one unit with what is nested in it; safe on any bytes,
// proves only that they can be decoded.
[[nodiscard]] std::optional<std::string> decode_image(std::span<const uint8_t> bytes, CodeUnit& out,
                                                      uint32_t unit = 0);

// Everything: header, hash, structure, the verifier on every code object, and that the bytes are
// exactly those the writer makes. `unit`, when given, receives the decoded image.
[[nodiscard]] std::optional<std::string> check_image(std::span<const uint8_t> bytes,
                                                     CodeUnit* unit = nullptr);

}  // namespace dx::dpb
