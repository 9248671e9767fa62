// unicodedata: the Unicode database, of version 16 and (for stringprep) as it was in version 3.2.
// The facts are generated (tools/unicode_database.py); normalization after UAX 15 works on them.

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <string>

#include "base/unicode_names.h"
#include "objects/errors.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/str_internal.h"

namespace dx {
namespace {

struct DatabaseRecord {
  uint8_t category, bidirectional, combining, mirrored, east_asian_width;
  int8_t decimal, digit;
  int16_t numeric;  // index of the value, -1: none
};
struct Decomposition {
  uint32_t code, start;
  uint8_t count, tag;  // tag 0: canonical
};
struct Composition {
  uint32_t first, second, composed;
};
struct RecordChange {
  uint32_t code;
  uint16_t record;
};
struct CodeRange {
  uint32_t first, last;
};
#include "modules/unicode_database.inc"

enum class Version : uint8_t { current, v3_2 };

bool assigned_in_3_2(char32_t c) {
  auto range = std::lower_bound(std::begin(k_unassigned_in_3_2), std::end(k_unassigned_in_3_2), c,
                                [](const CodeRange& a, char32_t b) { return a.last < b; });
  return range == std::end(k_unassigned_in_3_2) || c < range->first;
}

template <Version version>
const DatabaseRecord& record_of(char32_t c) {
  uint16_t number = k_index[k_blocks[c >> 7] * 128 + (c & 127)];
  if constexpr (version == Version::v3_2) {
    if (!assigned_in_3_2(c))
      return k_records[k_index[k_blocks[0x0378 >> 7] * 128 + (0x0378 & 127)]];  // never assigned
    auto change = std::lower_bound(std::begin(k_changed_since_3_2), std::end(k_changed_since_3_2),
                                   c, [](const RecordChange& a, char32_t b) { return a.code < b; });
    if (change != std::end(k_changed_since_3_2) && change->code == c) number = change->record;
  }
  return k_records[number];
}

template <Version version>
const Decomposition* decomposition_of(char32_t c) {
  if (version == Version::v3_2 && !assigned_in_3_2(c)) return nullptr;
  auto found = std::lower_bound(std::begin(k_decompositions), std::end(k_decompositions), c,
                                [](const Decomposition& a, char32_t b) { return a.code < b; });
  return found != std::end(k_decompositions) && found->code == c ? found : nullptr;
}

// The only character of an argument. `place`: what CPython's message calls the argument.
Result<char32_t> one_character(Thread& thread, const char* function, const char* place,
                               Any object) {
  if (!is_str(object)) {
    return raise<TypeError>(thread, "{}() {} must be a unicode character, not {}", function, place,
                            type_name_in(object));
  }
  StrView view = Borrowed<Str>(object.value())->view();
  if (view.length != 1) {
    return raise<TypeError>(thread,
                            "{}(): {} must be a unicode character, not a string of length {}",
                            function, place, view.length);
  }
  return view[0];
}

AnyResult fallback_or(Thread& thread, MaybeAny fallback, const char* message) {
  if (fallback) return share(thread, *fallback);
  return raise<ValueError>(thread, message);
}

template <Version version>
AnyResult decimal(Thread& thread, Any character, MaybeAny fallback) {
  int value =
      record_of<version>(TRY(one_character(thread, "decimal", "argument 1", character))).decimal;
  return value >= 0 ? AnyResult(AnyRef::adopt(small_int(value)))
                    : fallback_or(thread, fallback, "not a decimal");
}
template <Version version>
AnyResult digit(Thread& thread, Any character, MaybeAny fallback) {
  int value =
      record_of<version>(TRY(one_character(thread, "digit", "argument 1", character))).digit;
  return value >= 0 ? AnyResult(AnyRef::adopt(small_int(value)))
                    : fallback_or(thread, fallback, "not a digit");
}
template <Version version>
AnyResult numeric(Thread& thread, Any character, MaybeAny fallback) {
  int value =
      record_of<version>(TRY(one_character(thread, "numeric", "argument 1", character))).numeric;
  return value >= 0 ? float_from_double(thread, k_numerics[value])
                    : fallback_or(thread, fallback, "not a numeric character");
}
template <Version version>
AnyResult category(Thread& thread, Any character) {
  return str_intern_ascii(
      thread,
      k_category[record_of<version>(TRY(one_character(thread, "category", "argument", character)))
                     .category]);
}
template <Version version>
AnyResult bidirectional(Thread& thread, Any character) {
  return str_intern_ascii(
      thread, k_bidirectional[record_of<version>(TRY(one_character(thread, "bidirectional",
                                                                   "argument", character)))
                                  .bidirectional]);
}
template <Version version>
AnyResult east_asian_width(Thread& thread, Any character) {
  return str_intern_ascii(
      thread, k_east_asian_width[record_of<version>(TRY(one_character(thread, "east_asian_width",
                                                                      "argument", character)))
                                     .east_asian_width]);
}
template <Version version>
Result<Word> combining(Thread& thread, Any character) {
  return record_of<version>(TRY(one_character(thread, "combining", "argument", character)))
      .combining;
}
template <Version version>
Result<Word> mirrored(Thread& thread, Any character) {
  return record_of<version>(TRY(one_character(thread, "mirrored", "argument", character))).mirrored;
}
template <Version version>
AnyResult decomposition(Thread& thread, Any character) {
  char32_t c = TRY(one_character(thread, "decomposition", "argument", character));
  const Decomposition* entry = decomposition_of<version>(c);
  StrBuilder out(thread);
  if (entry == nullptr) return out.finish();
  TRY(out.append(k_tags[entry->tag]));
  for (uint32_t i = 0; i < entry->count; ++i) {
    char code[12];
    snprintf(code, sizeof(code), "%s%04X", i > 0 || entry->tag ? " " : "",
             static_cast<unsigned>(k_decomposed[entry->start + i]));
    TRY(out.append(code));
  }
  return out.finish();
}

// ---- normalization ------------------------------------------------------------------------------
struct Form {
  bool compose, compatible;
};
Result<Form> form_of(Thread& thread, Borrowed<Str> name) {
  if (str_equals_ascii(name, "NFC")) return Form{true, false};
  if (str_equals_ascii(name, "NFD")) return Form{false, false};
  if (str_equals_ascii(name, "NFKC")) return Form{true, true};
  if (str_equals_ascii(name, "NFKD")) return Form{false, true};
  return raise<ValueError>(thread, "invalid normalization form");
}

constexpr uint32_t kSyllableBase = 0xac00, kLeadBase = 0x1100, kVowelBase = 0x1161,
                   kTrailBase = 0x11a7;
constexpr uint32_t kVowels = 21, kTrails = 28, kSyllables = 19 * kVowels * kTrails;

// Code points on the C heap; growing can fail.
class CodePoints {
 public:
  ~CodePoints() { free(data_); }
  [[nodiscard]] bool add(char32_t c) {
    if (size_ == capacity_) {
      size_t larger = capacity_ ? capacity_ * 2 : 64;
      auto* moved = static_cast<uint32_t*>(realloc(data_, larger * sizeof(uint32_t)));
      if (moved == nullptr) return false;
      data_ = moved;
      capacity_ = larger;
    }
    data_[size_++] = c;
    return true;
  }
  uint32_t* data() { return data_; }
  size_t size() const { return size_; }
  void shrink(size_t size) { size_ = size; }

 private:
  uint32_t* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

template <Version version>
bool add_decomposed(CodePoints& out, char32_t c, bool compatible) {
  if (c - kSyllableBase < kSyllables) {
    uint32_t syllable = c - kSyllableBase, trail = syllable % kTrails;
    return out.add(kLeadBase + syllable / (kVowels * kTrails)) &&
           out.add(kVowelBase + syllable / kTrails % kVowels) &&
           (trail == 0 || out.add(kTrailBase + trail));
  }
  const Decomposition* entry = c < 0xa0 ? nullptr : decomposition_of<version>(c);
  if (entry == nullptr || (entry->tag != 0 && !compatible)) return out.add(c);
  for (uint32_t i = 0; i < entry->count; ++i) {
    if (!add_decomposed<version>(out, k_decomposed[entry->start + i], compatible)) return false;
  }
  return true;
}

// Marks in a row are sorted by their combining class; equal ones keep their order, which the middle
// bits of the sort key see to.
template <Version version>
bool reorder(CodePoints& text) {
  uint32_t* data = text.data();
  auto class_of = [](uint32_t c) { return record_of<version>(c).combining; };
  for (size_t i = 0; i < text.size();) {
    if (class_of(data[i]) == 0) {
      ++i;
      continue;
    }
    size_t end = i;
    bool sorted = true;
    for (; end < text.size() && class_of(data[end]) != 0; ++end)
      sorted = sorted && (end == i || class_of(data[end - 1]) <= class_of(data[end]));
    if (!sorted) {
      auto* keys = static_cast<uint64_t*>(malloc((end - i) * sizeof(uint64_t)));
      if (keys == nullptr) return false;
      for (size_t k = i; k < end; ++k)
        keys[k - i] = static_cast<uint64_t>(class_of(data[k])) << 56 |
                      static_cast<uint64_t>(k - i) << 21 | data[k];
      std::sort(keys, keys + (end - i));
      for (size_t k = i; k < end; ++k) data[k] = keys[k - i] & 0x1fffff;
      free(keys);
    }
    i = end;
  }
  return true;
}

template <Version version>
uint32_t composed_pair(uint32_t first, uint32_t second) {
  if (first - kLeadBase < 19 && second - kVowelBase < kVowels) {
    return kSyllableBase + ((first - kLeadBase) * kVowels + (second - kVowelBase)) * kTrails;
  }
  if (first - kSyllableBase < kSyllables && (first - kSyllableBase) % kTrails == 0 &&
      second - kTrailBase - 1 < kTrails - 1) {
    return first + (second - kTrailBase);
  }
  auto found = std::lower_bound(
      std::begin(k_compositions), std::end(k_compositions), Composition{first, second, 0},
      [](const Composition& a, const Composition& b) {
        return a.first != b.first ? a.first < b.first : a.second < b.second;
      });
  if (found == std::end(k_compositions) || found->first != first || found->second != second)
    return 0;
  if (version == Version::v3_2 && !assigned_in_3_2(found->composed)) return 0;
  return found->composed;
}

template <Version version>
void compose(CodePoints& text) {
  uint32_t* data = text.data();
  size_t write = 0, starter = ~size_t{0};
  int last_class = -1;  // of what stands behind the starter; -1: nothing
  for (size_t i = 0; i < text.size(); ++i) {
    int combining_class = record_of<version>(data[i]).combining;
    bool blocked = last_class >= combining_class && last_class != -1;
    if (starter != ~size_t{0} && !blocked) {
      if (uint32_t composed = composed_pair<version>(data[starter], data[i])) {
        data[starter] = composed;
        continue;
      }
    }
    if (combining_class == 0) {
      starter = write;
      last_class = -1;
    } else {
      last_class = combining_class;
    }
    data[write++] = data[i];
  }
  text.shrink(write);
}

template <Version version>
Result<Ref<Str>> normalized(Thread& thread, Form form, Borrowed<Str> text) {
  if (text->ascii() || (text->kind() == StrKind::one && form.compose && !form.compatible))
    return str_exact(thread, text);
  CodePoints out;
  StrView view = text->view();
  for (Word i = 0; i < view.length; ++i) {
    if (!add_decomposed<version>(out, view[i], form.compatible)) return raise_memory_error(thread);
  }
  if (!reorder<version>(out)) return raise_memory_error(thread);
  if (form.compose) compose<version>(out);
  return str_from_view(thread,
                       StrView{StrKind::four, false, out.data(), static_cast<Word>(out.size())});
}
template <Version version>
AnyResult normalize(Thread& thread, Borrowed<Str> form, Borrowed<Str> text) {
  return normalized<version>(thread, TRY(form_of(thread, form)), text);
}
template <Version version>
Result<bool> is_normalized(Thread& thread, Borrowed<Str> form, Borrowed<Str> text) {
  Ref<Str> other = TRY(normalized<version>(thread, TRY(form_of(thread, form)), text));
  return str_equal(text, other);
}

// ---- names --------------------------------------------------------------------------------------
bool is_alias(std::string_view name) {
  return std::binary_search(std::begin(k_alias_names), std::end(k_alias_names), name,
                            [](std::string_view a, std::string_view b) { return a < b; });
}

// Entry numbers of the names (no aliases) by code point; made when a name is first asked for.
struct NameIndex {
  struct Entry {
    uint32_t code, number;
  };
  Entry* entries = nullptr;
  size_t size = 0;
};
NameIndex* name_index() {
  static NameIndex index;
  static std::once_flag made;
  std::call_once(made, [] {
    std::string_view name;
    uint32_t code;
    size_t count = 0;
    while (unicode::name_entry(count, name, code)) ++count;
    auto* entries = static_cast<NameIndex::Entry*>(malloc((count + 1) * sizeof(NameIndex::Entry)));
    if (entries == nullptr) return;
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) {
      unicode::name_entry(i, name, code);
      if (!is_alias(name)) entries[size++] = {code, static_cast<uint32_t>(i)};
    }
    std::sort(entries, entries + size,
              [](const NameIndex::Entry& a, const NameIndex::Entry& b) { return a.code < b.code; });
    index.entries = entries;
    index.size = size;
  });
  return index.entries ? &index : nullptr;
}

template <Version version>
AnyResult name(Thread& thread, Any character, MaybeAny fallback) {
  char32_t c = TRY(one_character(thread, "name", "argument 1", character));
  if (version == Version::v3_2 && !assigned_in_3_2(c))
    return fallback_or(thread, fallback, "no such name");
  std::string composed;
  if (unicode::composed_name(c, composed)) return str_from_ascii(thread, composed);
  NameIndex* index = name_index();
  if (index == nullptr) return raise_memory_error(thread);
  auto* end = index->entries + index->size;
  auto* found = std::lower_bound(index->entries, end, c,
                                 [](const NameIndex::Entry& a, char32_t b) { return a.code < b; });
  if (found == end || found->code != c) return fallback_or(thread, fallback, "no such name");
  std::string_view text;
  uint32_t code;
  unicode::name_entry(found->number, text, code);
  return str_from_ascii(thread, text);
}

template <Version version>
AnyResult lookup(Thread& thread, Borrowed<Str> name) {
  uint32_t code;
  if (name->ascii() && unicode::character_by_name(name->view().text(), code) &&
      (version == Version::current || assigned_in_3_2(code))) {
    return str_from_char(thread, code);
  }
  StrBuilder message(thread);
  TRY(message.append("undefined character name '"));
  TRY(message.append(name));
  TRY(message.append("'"));
  Ref<Str> text = TRY(message.finish());
  return raise_key_error(thread, text);
}

// ---- the module and UCD -------------------------------------------------------------------------
constexpr Method unicodedata_functions[] = {
    function<decimal<Version::current>>(
        "decimal(chr, default=?, /)",
        "Converts a Unicode character into its equivalent decimal value."),
    function<digit<Version::current>>(
        "digit(chr, default=?, /)",
        "Converts a Unicode character into its equivalent digit value."),
    function<numeric<Version::current>>(
        "numeric(chr, default=?, /)",
        "Converts a Unicode character into its equivalent numeric value."),
    function<category<Version::current>>(
        "category(chr, /)",
        "Returns the general category assigned to the character chr as string."),
    function<bidirectional<Version::current>>(
        "bidirectional(chr, /)",
        "Returns the bidirectional class assigned to the character chr as string."),
    function<combining<Version::current>>(
        "combining(chr, /)",
        "Returns the canonical combining class assigned to the character chr as integer."),
    function<mirrored<Version::current>>(
        "mirrored(chr, /)",
        "Returns the mirrored property assigned to the character chr as integer."),
    function<east_asian_width<Version::current>>(
        "east_asian_width(chr, /)",
        "Returns the east asian width assigned to the character chr as string."),
    function<decomposition<Version::current>>(
        "decomposition(chr, /)",
        "Returns the character decomposition mapping assigned to the character chr as string."),
    function<is_normalized<Version::current>>(
        "is_normalized(form, unistr, /)",
        "Return whether the Unicode string unistr is in the normal form 'form'."),
    function<normalize<Version::current>>(
        "normalize(form, unistr, /)",
        "Return the normal form 'form' for the Unicode string unistr."),
    function<name<Version::current>>("name(chr, default=?, /)",
                                     "Returns the name assigned to the character chr as a string."),
    function<lookup<Version::current>>("lookup(name, /)", "Look up character by name."),
};

// The methods of unicodedata.UCD, whose only instance answers for version 3.2.
AnyResult ucd_decimal(Thread& t, Any, Any c, MaybeAny d) { return decimal<Version::v3_2>(t, c, d); }
// Digit values are those of today for both versions, as in CPython.
AnyResult ucd_digit(Thread& t, Any, Any c, MaybeAny d) { return digit<Version::current>(t, c, d); }
AnyResult ucd_numeric(Thread& t, Any, Any c, MaybeAny d) { return numeric<Version::v3_2>(t, c, d); }
AnyResult ucd_category(Thread& t, Any, Any c) { return category<Version::v3_2>(t, c); }
AnyResult ucd_bidirectional(Thread& t, Any, Any c) { return bidirectional<Version::v3_2>(t, c); }
AnyResult ucd_east_asian_width(Thread& t, Any, Any c) {
  return east_asian_width<Version::v3_2>(t, c);
}
Result<Word> ucd_combining(Thread& t, Any, Any c) { return combining<Version::v3_2>(t, c); }
Result<Word> ucd_mirrored(Thread& t, Any, Any c) { return mirrored<Version::v3_2>(t, c); }
AnyResult ucd_decomposition(Thread& t, Any, Any c) { return decomposition<Version::v3_2>(t, c); }
Result<bool> ucd_is_normalized(Thread& t, Any, Borrowed<Str> f, Borrowed<Str> s) {
  return is_normalized<Version::v3_2>(t, f, s);
}
AnyResult ucd_normalize(Thread& t, Any, Borrowed<Str> f, Borrowed<Str> s) {
  return normalize<Version::v3_2>(t, f, s);
}
AnyResult ucd_name(Thread& t, Any, Any c, MaybeAny d) { return name<Version::v3_2>(t, c, d); }
AnyResult ucd_lookup(Thread& t, Any, Borrowed<Str> n) { return lookup<Version::v3_2>(t, n); }
AnyResult ucd_version(Thread& thread, Any) { return str_from_ascii(thread, "3.2.0"); }

constexpr Method ucd_methods[] = {
    method<ucd_decimal>("decimal(chr, default=?, /)"),
    method<ucd_digit>("digit(chr, default=?, /)"),
    method<ucd_numeric>("numeric(chr, default=?, /)"),
    method<ucd_category>("category(chr, /)"),
    method<ucd_bidirectional>("bidirectional(chr, /)"),
    method<ucd_combining>("combining(chr, /)"),
    method<ucd_mirrored>("mirrored(chr, /)"),
    method<ucd_east_asian_width>("east_asian_width(chr, /)"),
    method<ucd_decomposition>("decomposition(chr, /)"),
    method<ucd_is_normalized>("is_normalized(form, unistr, /)"),
    method<ucd_normalize>("normalize(form, unistr, /)"),
    method<ucd_name>("name(chr, default=?, /)"),
    method<ucd_lookup>("lookup(name, /)"),
};
const GetSet ucd_getsets[] = {getter<ucd_version>("unidata_version")};
const Layout ucd_layout{"UCD", sizeof(Object), false, nullptr, nullptr};
const TypeSpec UCD_spec{.name = "unicodedata.UCD",
                        .flags = kTypeDisallowNew,
                        .layout = &ucd_layout,
                        .methods = ucd_methods,
                        .getsets = ucd_getsets};
TypeHandle UCD_type;

const ModuleType unicodedata_types[] = {{&UCD_spec, &UCD_type}};
constexpr ModuleConstant unicodedata_constants[] = {
    constant_text("unidata_version", kUnidataVersion)};

Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  AnyRef old = TRY(allocate_instance(thread, Borrowed<Type>(UCD_type.type)));
  return set_attr(thread, module, Borrowed<Str>(NAME("ucd_3_2_0")), MaybeAny(old.borrow()));
}

}  // namespace

extern const ModuleSpec unicodedata_module;
const ModuleSpec unicodedata_module{
    .name = "unicodedata",
    .doc =
        "This module provides access to the Unicode Character Database which\n"
        "defines character properties for all Unicode characters. The data in\n"
        "this database is based on the UnicodeData.txt file version\n"
        "16.0.0 which is publicly available from the Unicode Consortium.",
    .functions = unicodedata_functions,
    .constants = unicodedata_constants,
    .types = unicodedata_types,
    .initialize = initialize,
};

}  // namespace dx
