// _csv: rows of fields out of lines of text, and back.
//
//   line (str) --> RowParser --> list of str, float, None        reading
//   iterable   --> RowWriter --> str --> file.write              writing
//
// Both run over str views and jump from one special character to the next: a table in the Dialect
// says which these are. A field that is a piece of one line is cut out of it; only what has
// escapes, doubled quotes or line ends in it goes through a buffer.
//
// Threads. A row in the making lives on the C++ stack. A Reader's lock is held while a row is read,
// so that rows of several lines stay whole when threads share a reader; a thread may enter again
// from its own iterator. Writers keep nothing between rows. Dialects never change. The registry is
// a dict (which guards itself), the field size limit one atomic word.

#include <algorithm>
#include <charconv>
#include <climits>
#include <optional>

#include "memory/roots.h"
#include "modules/io/io.h"
#include "modules/exception_class.h"
#include "modules/type_names.h"
#include "objects/container_support.h"
#include "objects/float.h"
#include "objects/float_internal.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/str_internal.h"

namespace dx {

static TypeHandle csv_dialect_type, csv_reader_type, csv_writer_type;

namespace {

constexpr char32_t kNoChar = 0xFFFFFFFF;  // no quotechar, no escapechar

enum Quoting : uint8_t {
  kQuoteMinimal,
  kQuoteAll,
  kQuoteNonnumeric,
  kQuoteNone,
  kQuoteStrings,
  kQuoteNotnull,
  kQuotings
};

// What a character is special for.
enum Stop : uint8_t {
  kStopsField = 1,   // reading outside of quotes: delimiter, escapechar, line ends
  kStopsQuoted = 2,  // reading inside of quotes: quotechar, escapechar
  kStopsWriter = 4,  // all of these and the characters of lineterminator
};

struct Dialect : Object {
  Field<Str> line_terminator;
  char32_t delimiter, quote, escape;
  Quoting quoting;
  bool double_quote, skip_space, strict;
  bool wide;           // some special character is not in the table
  uint8_t stops[256];  // Stop bits

  uint8_t wide_stops(char32_t c) const {
    uint8_t bits = 0;
    if (c == delimiter) bits |= kStopsField | kStopsWriter;
    if (c == quote) bits |= kStopsQuoted | kStopsWriter;
    if (c == escape) bits |= kStopsField | kStopsQuoted | kStopsWriter;
    if (c == '\n' || c == '\r') bits |= kStopsField | kStopsWriter;
    StrView terminator = line_terminator.borrow()->view();
    for (Word i = 0; i < terminator.length; ++i) {
      if (terminator[i] == c) bits |= kStopsWriter;
    }
    return bits;
  }
  // The first index from `at` on whose character has one of these bits, or length.
  template <class Char>
  Word find_stop(const Char* chars, Word at, Word length, Stop bit) const {
    for (; at < length; ++at) {
      char32_t c = chars[at];
      if (sizeof(Char) == 1 || c < 256) {
        if (stops[c & 255] & bit) return at;
      } else if (wide && (wide_stops(c) & bit)) {
        return at;
      }
    }
    return length;
  }
};

Type* error_type;                            // csv.Error, immortal
Field<Dict> dialects;                        // the registry: name -> Dialect; a slot of shared_root
std::atomic<Word> field_size_limit{131072};  // characters

Raised fail(Thread& thread, const char* format, std::initializer_list<FormatArgument> parts = {}) {
  AnyRef text = TRY(format_text(thread, format, parts.begin(), parts.size()));
  return raise_value(thread, error_type, text);
}

// ---- Dialect ------------------------------------------------------------------------------------

AnyResult registered(Thread& thread, Any name) {
  AnyLookup found = dict_get(thread, dialects.borrow(), name);
  if (found.raised()) return Raised{};
  if (found.is_absent()) return fail(thread, "unknown dialect");
  return found.take();
}

enum Setting : uint8_t {
  kDialect,
  kDelimiter,
  kDoublequote,
  kEscapechar,
  kLineterminator,
  kQuotechar,
  kQuoting,
  kSkipinitialspace,
  kStrict,
  kSettings
};
constexpr const char* kSettingNames[kSettings] = {"dialect",    "delimiter",        "doublequote",
                                                  "escapechar", "lineterminator",   "quotechar",
                                                  "quoting",    "skipinitialspace", "strict"};

Result<void> bind_settings(Thread& thread, const Arguments& arguments, Value* out) {
  if (arguments.count > kSettings)
    return raise<TypeError>(thread, "function takes at most {} arguments ({} given)",
                            static_cast<Word>(kSettings), arguments.count);
  const size_t positional = arguments.positional(), keywords = arguments.keywords();
  for (size_t i = 0; i < positional; ++i) out[i] = arguments.items[i];
  for (size_t k = 0; k < keywords; ++k) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    size_t at = 0;
    while (at < kSettings && !str_equals_ascii(name, kSettingNames[at])) ++at;
    if (at == kSettings)
      return raise<TypeError>(thread, "this function got an unexpected keyword argument '{}'",
                              name);
    if (at < positional)
      return raise<TypeError>(thread,
                              "argument for function given by name ('{}') and position ({})",
                              kSettingNames[at], at + 1);
    out[at] = arguments.items[positional + k];
  }
  return {};
}

enum class MayBeNone : bool { no, yes };
Result<char32_t> one_character(Thread& thread, Setting setting, Value given, MayBeNone none) {
  const char* what = none == MayBeNone::yes ? "a unicode character or None" : "a unicode character";
  if (none == MayBeNone::yes && given.is_none()) return kNoChar;
  if (!is_str(given))
    return raise<TypeError>(thread, "\"{}\" must be {}, not {}", kSettingNames[setting], what,
                            full_type_name(thread, Any(given)));
  StrView view = Borrowed<Str>(given)->view();
  if (view.length != 1)
    return raise<TypeError>(thread, "\"{}\" must be {}, not a string of length {}",
                            kSettingNames[setting], what, view.length);
  return view[0];
}

Result<void> check_character(Thread& thread, Setting setting, char32_t c, bool space,
                             StrView terminator) {
  if (c == '\n' || c == '\r' || (c == ' ' && !space))
    return raise<ValueError>(thread, "bad {} value", kSettingNames[setting]);
  for (Word i = 0; i < terminator.length; ++i) {
    if (terminator[i] == c)
      return raise<ValueError>(thread, "bad {} or lineterminator value", kSettingNames[setting]);
  }
  return {};
}
Result<void> check_pair(Thread& thread, Setting left, char32_t a, Setting right, char32_t b) {
  if (a != b || a == kNoChar) return {};
  return raise<ValueError>(thread, "bad {} or {} value", kSettingNames[left], kSettingNames[right]);
}

// Settings that were not given come from the attributes of `dialect`: an object, a class, or a
// registered name. What cannot be had is left at its default, whatever the reason.
AnyResult dialect_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[kSettings] = {};
  TRY(bind_settings(thread, arguments, given));
  Maybe<Ref<Object>> owned[kSettings];
  if (given[kDialect]) {
    AnyRef base = is_str(given[kDialect]) ? TRY(registered(thread, Any(given[kDialect])))
                                          : share(thread, Any(given[kDialect]));
    bool plain = true;
    for (size_t i = kDialect + 1; i < kSettings; ++i) plain &= !given[i];
    if (plain && is_subtype(type_of(base.value()), csv_dialect_type.type)) return base;
    for (size_t i = kDialect + 1; i < kSettings; ++i) {
      if (given[i]) continue;
      Ref<Str> name = TRY(str_intern_ascii(thread, kSettingNames[i]));
      AnyLookup found = lookup_attr(thread, base, name);
      if (found.raised()) clear_exception(thread);
      if (!found.found()) continue;
      owned[i] = found.take();
      given[i] = owned[i].value();
    }
  }

  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<Dialect*>(made.get());
  auto flag = [&](Setting setting, bool usual) -> Result<bool> {
    return given[setting] ? is_true(thread, Any(given[setting])) : Result<bool>(usual);
  };
  self->delimiter = given[kDelimiter]
                        ? TRY(one_character(thread, kDelimiter, given[kDelimiter], MayBeNone::no))
                        : U',';
  self->double_quote = TRY(flag(kDoublequote, true));
  self->escape = given[kEscapechar]
                     ? TRY(one_character(thread, kEscapechar, given[kEscapechar], MayBeNone::yes))
                     : kNoChar;
  if (!given[kLineterminator]) {
    slot_init(self, self->line_terminator, TRY(str_from_ascii(thread, "\r\n")));
  } else if (is_str(given[kLineterminator])) {
    slot_init(self, self->line_terminator, share(thread, Any(given[kLineterminator])));
  } else {
    return raise<TypeError>(thread, "\"lineterminator\" must be a string, not {}",
                            full_type_name(thread, Any(given[kLineterminator])));
  }
  self->quote = given[kQuotechar]
                    ? TRY(one_character(thread, kQuotechar, given[kQuotechar], MayBeNone::yes))
                    : U'"';
  Word quoting = kQuoteMinimal;
  if (given[kQuoting]) {
    if (!is_exact_int(given[kQuoting]))
      return raise<TypeError>(thread, "\"quoting\" must be an integer, not {}",
                              full_type_name(thread, Any(given[kQuoting])));
    if (!int_to_word(given[kQuoting], quoting) || quoting > INT_MAX || quoting < INT_MIN)
      return raise<OverflowError>(thread, "Python int too large to convert to C int");
  }
  self->skip_space = TRY(flag(kSkipinitialspace, false));
  self->strict = TRY(flag(kStrict, false));

  if (quoting < 0 || quoting >= kQuotings) return raise<TypeError>(thread, "bad \"quoting\" value");
  if (given[kQuotechar] && given[kQuotechar].is_none() && !given[kQuoting]) quoting = kQuoteNone;
  self->quoting = static_cast<Quoting>(quoting);
  if (quoting != kQuoteNone && self->quote == kNoChar)
    return raise<TypeError>(thread, "quotechar must be set if quoting enabled");
  StrView terminator = self->line_terminator.borrow()->view();
  TRY(check_character(thread, kDelimiter, self->delimiter, true, terminator));
  TRY(check_character(thread, kEscapechar, self->escape, !self->skip_space, terminator));
  TRY(check_character(thread, kQuotechar, self->quote, !self->skip_space, terminator));
  TRY(check_pair(thread, kDelimiter, self->delimiter, kEscapechar, self->escape));
  TRY(check_pair(thread, kDelimiter, self->delimiter, kQuotechar, self->quote));
  TRY(check_pair(thread, kEscapechar, self->escape, kQuotechar, self->quote));

  for (char32_t c = 0; c < 256; ++c) self->stops[c] = self->wide_stops(c);
  auto is_wide = [](char32_t c) { return c >= 256 && c != kNoChar; };
  self->wide = is_wide(self->delimiter) || is_wide(self->quote) || is_wide(self->escape) ||
               terminator.kind != StrKind::one;
  return made;
}

AnyResult character_or_none(Thread& thread, char32_t c) {
  if (c == kNoChar) return AnyRef::adopt(kNone);
  return AnyRef(TRY(str_from_char(thread, c)));
}
AnyResult dialect_delimiter(Thread& thread, Borrowed<Dialect> self) {
  return character_or_none(thread, self->delimiter);
}
AnyResult dialect_escapechar(Thread& thread, Borrowed<Dialect> self) {
  return character_or_none(thread, self->escape);
}
AnyResult dialect_quotechar(Thread& thread, Borrowed<Dialect> self) {
  return character_or_none(thread, self->quote);
}
AnyResult dialect_lineterminator(Thread& thread, Borrowed<Dialect> self) {
  return share(thread, self->line_terminator.borrow());
}
Value dialect_quoting(Thread&, Borrowed<Dialect> self) { return small_int(self->quoting); }
Value dialect_doublequote(Thread&, Borrowed<Dialect> self) {
  return bool_value(self->double_quote);
}
Value dialect_skipinitialspace(Thread&, Borrowed<Dialect> self) {
  return bool_value(self->skip_space);
}
Value dialect_strict(Thread&, Borrowed<Dialect> self) { return bool_value(self->strict); }
Result<void> refuse_write(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}
AnyResult dialect_reduce(Thread& thread, Any self, Rest) {
  return raise<TypeError>(thread, "cannot pickle '{}' instances", type_of(self)->name.borrow());
}

// The dialect of a function called with (object, dialect=?, **settings): its arguments without the
// first.
Result<Ref<Dialect>> dialect_from(Thread& thread, const Arguments& arguments) {
  Arguments rest{arguments.items + 1, arguments.count - 1, arguments.names};
  AnyRef made = TRY(dialect_new(thread, Borrowed<Type>(csv_dialect_type.type), rest));
  return Ref<Dialect>::adopt(made.release());
}
Result<void> expect_one_or_two(Thread& thread, const char* name, const Arguments& arguments) {
  const size_t positional = arguments.positional();
  if (positional == 0)
    return raise<TypeError>(thread, "{} expected at least 1 argument, got 0", name);
  if (positional > 2)
    return raise<TypeError>(thread, "{} expected at most 2 arguments, got {}", name, positional);
  return {};
}

// ---- reading ------------------------------------------------------------------------------------

// Where a row stands between two characters.
enum class At : uint8_t {
  row_start,  // also: behind the row's last line
  field_start,
  field,            // outside of quotes
  escaped,          // behind escapechar outside of quotes
  escaped_newline,  // in a field behind such a line end: only a line end in the text ends the row
  quoted,
  quoted_escaped,
  quoted_quote,  // behind a quotechar in quotes: the end of them, or the first of two
  newline,       // behind the row's line end: nothing but line ends may follow in this line
};

class RowParser {
 public:
  RowParser(Thread& thread, const Dialect& dialect, Borrowed<List> row)
      : thread_(thread),
        dialect_(dialect),
        row_(row),
        limit_(field_size_limit.load(std::memory_order_relaxed)) {}

  bool complete() const { return at_ == At::row_start; }
  // Whether the lines may not end here.
  bool in_field() const { return size_ != 0 || at_ == At::quoted; }
  Result<void> line(Borrowed<Str> text) {
    text_ = text;
    StrView view = text->view();
    TRY(visit_chars(view, [&](auto* chars) { return scan(chars, view.length); }));
    TRY(end_line());
    text_ = Borrowed<Str>(str_empty());  // the line may be gone before the row ends
    return {};
  }
  // The end of the lines inside a field: it counts as the field's end.
  Result<void> end_row() { return end_field(0, 0); }

 private:
  template <class Char>
  Result<void> scan(const Char* chars, Word length) {
    Word i = 0;
    while (i < length) {
      const char32_t c = chars[i];
      switch (at_) {
        case At::row_start:
          if (c == '\n' || c == '\r') {
            at_ = At::newline;
            ++i;
            break;
          }
          at_ = At::field_start;
          [[fallthrough]];
        case At::field_start:
          unquoted_ = true;
          if (c == dialect_.quote && dialect_.quoting != kQuoteNone) {
            unquoted_ = false;
            at_ = At::quoted;
            ++i;
            break;
          }
          if (c == ' ' && dialect_.skip_space) {
            ++i;
            break;
          }
          at_ = At::field;
          [[fallthrough]];
        case At::escaped_newline:
        case At::field: {
          const Word start = i;
          i = dialect_.find_stop(chars, i, length, kStopsField);
          if (i == length && at_ == At::escaped_newline) {
            TRY(keep(start, i));
          } else if (i == length) {
            TRY(end_field(start, i));
            at_ = At::row_start;
          } else if (static_cast<char32_t>(chars[i]) == dialect_.escape) {
            TRY(keep(start, i));
            at_ = At::escaped;
            ++i;
          } else {
            TRY(end_field(start, i));
            at_ = static_cast<char32_t>(chars[i]) == dialect_.delimiter ? At::field_start
                                                                        : At::newline;
            ++i;
          }
          break;
        }
        case At::escaped:
          TRY(keep(i, i + 1));
          at_ = c == '\n' || c == '\r' ? At::escaped_newline : At::field;
          ++i;
          break;
        case At::quoted: {
          const Word start = i;
          i = dialect_.find_stop(chars, i, length, kStopsQuoted);
          if (i == length) {
            TRY(keep(start, i));
          } else if (static_cast<char32_t>(chars[i]) == dialect_.escape) {
            TRY(keep(start, i));
            at_ = At::quoted_escaped;
            ++i;
          } else if (!dialect_.double_quote) {
            TRY(keep(start, i));
            at_ = At::field;
            ++i;
          } else if (++i == length) {
            TRY(end_field(start, i - 1));
            at_ = At::row_start;
          } else if (static_cast<char32_t>(chars[i]) == dialect_.delimiter) {
            TRY(end_field(start, i - 1));
            at_ = At::field_start;
            ++i;
          } else if (static_cast<char32_t>(chars[i]) == dialect_.quote) {
            TRY(keep(start, i));  // one of the two
            ++i;
          } else {
            TRY(keep(start, i - 1));
            at_ = At::quoted_quote;
          }
          break;
        }
        case At::quoted_escaped:
          TRY(keep(i, i + 1));
          at_ = At::quoted;
          ++i;
          break;
        case At::quoted_quote:  // neither delimiter nor quotechar follows
          if (c == '\n' || c == '\r') {
            TRY(end_field(i, i));
            at_ = At::newline;
          } else if (!dialect_.strict) {
            TRY(keep(i, i + 1));
            at_ = At::field;
          } else {
            Ref<Str> delimiter = TRY(str_from_char(thread_, dialect_.delimiter)),
                     quote = TRY(str_from_char(thread_, dialect_.quote));
            return fail(thread_, "'{}' expected after '{}'", {delimiter, quote});
          }
          ++i;
          break;
        case At::newline:
          if (c != '\n' && c != '\r') {
            return fail(thread_,
                        "new-line character seen in unquoted field - "
                        "do you need to open the file with newline=''?");
          }
          ++i;
          break;
      }
    }
    return {};
  }

  // Behind the last character of a line, which need not be a line end.
  Result<void> end_line() {
    switch (at_) {
      case At::row_start: return {};
      case At::newline: at_ = At::row_start; return {};
      case At::field_start: unquoted_ = true; [[fallthrough]];
      case At::field:
      case At::quoted_quote: at_ = At::row_start; return end_field(0, 0);
      case At::escaped: at_ = At::field; return keep_newline();
      case At::quoted_escaped: at_ = At::quoted; return keep_newline();
      case At::escaped_newline:
      case At::quoted: return {};
    }
    return {};
  }

  Result<void> check_size(Word more) {
    if (__builtin_expect(more != 0 && size_ + more > limit_, 0))
      return fail(thread_, "field larger than field limit ({})", {limit_});
    size_ += more;
    return {};
  }
  StrBuilder& pieces() { return pieces_ ? *pieces_ : pieces_.emplace(thread_); }
  // Adds a piece of the line to the field.
  Result<void> keep(Word start, Word stop) {
    if (start == stop) return {};
    TRY(check_size(stop - start));
    return pieces().append(view_slice(text_->view(), start, stop));
  }
  Result<void> keep_newline() {
    TRY(check_size(1));
    return pieces().append(U'\n');
  }
  // The field ends with this piece of the line.
  Result<void> end_field(Word start, Word stop) {
    TRY(check_size(stop - start));
    const Quoting quoting = dialect_.quoting;
    const bool empty = size_ == 0;
    size_ = 0;
    if (unquoted_ && empty && (quoting == kQuoteNotnull || quoting == kQuoteStrings))
      return list_append(thread_, row_, AnyRef::adopt(kNone));
    Ref<Str> field = TRY(cut(start, stop));
    if (unquoted_ && !empty && (quoting == kQuoteNonnumeric || quoting == kQuoteStrings)) {
      AnyRef number = TRY(float_from_object(thread_, field));
      return list_append(thread_, row_, std::move(number));
    }
    return list_append(thread_, row_, std::move(field));
  }
  Result<Ref<Str>> cut(Word start, Word stop) {
    if (!pieces_) return str_substring(thread_, text_, start, stop);
    TRY(pieces_->append(view_slice(text_->view(), start, stop)));
    Result<Ref<Str>> field = pieces_->finish();
    pieces_.reset();
    return field;
  }

  Thread& thread_;
  const Dialect& dialect_;
  Borrowed<List> row_;
  Borrowed<Str> text_{str_empty()};  // the line
  const Word limit_;
  Word size_ = 0;  // of the field so far
  At at_ = At::row_start;
  bool unquoted_ = false;             // the field did not begin with a quotechar
  std::optional<StrBuilder> pieces_;  // of the field, when it is not just a piece of one line
};

struct Reader : Object {
  Field<Object> lines;     // an iterator
  Field<Dialect> dialect;  // neither of them ever changes
  StreamLock lock;
  std::atomic<Word> line_number;
  std::atomic<Word> rows;   // given out so far
  std::atomic<Word> width;  // of the last row
};

AnyResult csv_reader(Thread& thread, Arguments arguments) {
  TRY(expect_one_or_two(thread, "reader", arguments));
  AnyRef lines = TRY(get_iter(thread, arguments[0]));
  Ref<Dialect> dialect = TRY(dialect_from(thread, arguments));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(csv_reader_type.type)));
  auto* self = static_cast<Reader*>(made.get());
  slot_init(self, self->lines, std::move(lines));
  slot_init(self, self->dialect, std::move(dialect));
  return made;
}

AnyResult reader_iter(Thread& thread, Any self) { return share(thread, self); }

Step reader_next(Thread& thread, Borrowed<Reader> self) {
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, self));
  constexpr Word kWidest = 64;  // lists grow quickly enough from there
  Word width = std::min(self->width.load(std::memory_order_relaxed), kWidest);
  Ref<List> row = TRY(list_create(thread, static_cast<size_t>(width)));
  RowParser parser(thread, *self->dialect.borrow().get(), row);
  do {
    const Word rows = self->rows.load(std::memory_order_relaxed);
    Step step = iter_next(thread, self->lines.borrow());
    if (step.raised()) return Raised{};
    if (step.is_done()) {
      if (!parser.in_field()) return Step::done();
      if (self->dialect.borrow()->strict) return fail(thread, "unexpected end of data");
      TRY(parser.end_row());
      break;
    }
    AnyRef line = step.take();
    if (!is_str(line.value())) {
      return fail(thread,
                  "iterator should return strings, not {} "
                  "(the file should be opened in text mode)",
                  {type_name_in(line)});
    }
    if (self->rows.load(std::memory_order_relaxed) != rows)
      return fail(thread, "iterator has already advanced the reader");
    self->line_number.fetch_add(1, std::memory_order_relaxed);
    TRY(parser.line(Borrowed<Str>(line.value())));
  } while (!parser.complete());
  self->rows.fetch_add(1, std::memory_order_relaxed);
  self->width.store(list_length(row), std::memory_order_relaxed);
  return row;
}

template <class T>
AnyResult dialect_field(Thread& thread, Borrowed<T> self) {
  return share(thread, self->dialect.borrow());
}
AnyResult reader_line_num(Thread& thread, Borrowed<Reader> self) {
  return int_from_word(thread, self->line_number.load(std::memory_order_relaxed));
}

// ---- writing ------------------------------------------------------------------------------------

// What CPython calls a number: it has __index__, __int__ or __float__, or is complex.
bool is_number(Any object) {
  if (object.value().is_int() || is_float(object)) return true;
  Type* type = type_of(object);
  return type->slot<SlotId::index>() || type->slot<SlotId::int_>() ||
         type->slot<SlotId::float_>() || has_layout(object, kShapeComplex);
}

class RowWriter {
 public:
  RowWriter(Thread& thread, const Dialect& dialect)
      : thread_(thread), dialect_(dialect), out_(thread) {}

  Result<void> field(Any item) {
    null_ = item.is_none();
    bool quoted = wants_quotes(item);
    Value value = item.value();
    if (is_str(value)) return text(Borrowed<Str>(value)->view(), quoted);
    if (null_) return text(ascii_view(""), quoted);
    if (value.is_int()) {
      char digits[24];
      char* end = std::to_chars(digits, digits + sizeof(digits), small_int_value(value)).ptr;
      return text(ascii_view({digits, static_cast<size_t>(end - digits)}), quoted);
    }
    if (is_exact_float(value)) {
      CharBuffer digits;
      if (!float_text(float_value(value), 'r', 0, kFloatDotZero, digits))
        return raise_memory_error(thread_);
      return text(ascii_view(digits.text()), quoted);
    }
    Ref<Str> shown = TRY(str(thread_, item));
    return text(shown->view(), quoted);
  }

  Result<Ref<Str>> finish() {
    if (fields_ != 0 && out_.length() == 0) {
      if (never_quoted()) return fail(thread_, "single empty field record must be quoted");
      TRY(out_.append(dialect_.quote));
      TRY(out_.append(dialect_.quote));
    }
    TRY(out_.append(dialect_.line_terminator.borrow()));
    return out_.finish();
  }

 private:
  bool wants_quotes(Any item) const {
    switch (dialect_.quoting) {
      case kQuoteAll: return true;
      case kQuoteNonnumeric: return !is_number(item);
      case kQuoteStrings: return is_str(item);
      case kQuoteNotnull: return !item.is_none();
      default: return false;
    }
  }
  // Whether quotes cannot make the empty field at hand visible.
  bool never_quoted() const {
    return dialect_.quoting == kQuoteNone ||
           (null_ && (dialect_.quoting == kQuoteStrings || dialect_.quoting == kQuoteNotnull));
  }

  Result<void> text(StrView view, bool quoted) {
    if (fields_++ != 0) TRY(out_.append(dialect_.delimiter));
    if (view.length == 0 && dialect_.delimiter == ' ' && dialect_.skip_space) {
      if (never_quoted()) {
        return fail(thread_,
                    "empty field must be quoted if delimiter is a space and skipinitialspace is "
                    "true");
      }
      quoted = true;
    }
    return visit_chars(view, [&](auto* chars) { return field_text(chars, view, quoted); });
  }
  template <class Char>
  Result<void> field_text(const Char* chars, StrView view, bool quoted) {
    const Word length = view.length;
    const Word first = dialect_.find_stop(chars, 0, length, kStopsWriter);
    for (Word i = first; i < length && !quoted;
         i = dialect_.find_stop(chars, i + 1, length, kStopsWriter)) {
      quoted = mark(chars[i]) == kNoChar || (chars[i] == dialect_.quote && dialect_.double_quote &&
                                             dialect_.quoting != kQuoteNone);
    }
    if (quoted) TRY(out_.append(dialect_.quote));
    Word done = 0;
    for (Word i = first; i < length; i = dialect_.find_stop(chars, i + 1, length, kStopsWriter)) {
      const char32_t before = mark(chars[i]);
      if (before == kNoChar) continue;
      if (before == kMissing) return fail(thread_, "need to escape, but no escapechar set");
      TRY(out_.append(view_slice(view, done, i)));
      TRY(out_.append(before));
      done = i;
    }
    TRY(out_.append(view_slice(view, done, length)));
    if (quoted) TRY(out_.append(dialect_.quote));
    return {};
  }

  static constexpr char32_t kMissing = kNoChar - 1;
  // What a special character needs before it: an escapechar or another quotechar, kNoChar when
  // quotes around the field will do, kMissing when it needs an escapechar and there is none.
  char32_t mark(char32_t c) const {
    if (dialect_.quoting != kQuoteNone) {
      if (c == dialect_.quote && dialect_.double_quote) return c;
      if (c != dialect_.quote && c != dialect_.escape) return kNoChar;
    }
    return dialect_.escape == kNoChar ? kMissing : dialect_.escape;
  }

  Thread& thread_;
  const Dialect& dialect_;
  StrBuilder out_;
  Word fields_ = 0;
  bool null_ = false;  // the last field is None
};

struct Writer : Object {
  Field<Object> write;     // the file's method
  Field<Dialect> dialect;  // neither of them ever changes
};

AnyResult csv_writer(Thread& thread, Arguments arguments) {
  TRY(expect_one_or_two(thread, "writer", arguments));
  AnyLookup write = lookup_attr(thread, arguments[0], NAME("write"));
  if (write.raised()) return Raised{};
  if (write.is_absent() || !is_callable(write.borrow()))
    return raise<TypeError>(thread, "argument 1 must have a \"write\" method");
  Ref<Dialect> dialect = TRY(dialect_from(thread, arguments));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(csv_writer_type.type)));
  auto* self = static_cast<Writer*>(made.get());
  slot_init(self, self->write, write.take());
  slot_init(self, self->dialect, std::move(dialect));
  return made;
}

AnyResult writer_writerow(Thread& thread, Borrowed<Writer> self, Any row) {
  RowWriter writer(thread, *self->dialect.borrow().get());
  if (is_exact(row, SHAPE(list))) {
    for (Word i = 0;; ++i) {
      Maybe<Ref<Object>> item = list_item(thread, Borrowed<List>(row.value()), i);
      if (!item) break;
      TRY(writer.field(item.borrow()));
    }
  } else {
    AnyResult iterator = get_iter(thread, row);
    if (iterator.raised()) {
      if (!pending_is<TypeError>(thread)) return Raised{};
      clear_exception(thread);
      return fail(thread, "iterable expected, not {}", {type_name_in(row)});
    }
    AnyRef items = iterator.take();
    for (;;) {
      Step step = iter_next(thread, items);
      if (step.raised()) return Raised{};
      if (step.is_done()) break;
      AnyRef item = step.take();
      TRY(writer.field(item));
    }
  }
  Ref<Str> text = TRY(writer.finish());
  return call(thread, self->write.borrow(), {text.value()});
}

Result<void> writer_writerows(Thread& thread, Borrowed<Writer> self, Any rows) {
  AnyRef iterator = TRY(get_iter(thread, rows));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef row = step.take();
    AnyRef written = TRY(writer_writerow(thread, self, row));
  }
}

// ---- the registry and the limit -----------------------------------------------------------------

Result<void> csv_register_dialect(Thread& thread, Arguments arguments) {
  TRY(expect_one_or_two(thread, "register_dialect", arguments));
  Any name = arguments[0];
  if (!is_str(name)) return raise<TypeError>(thread, "dialect name must be a string");
  Ref<Dialect> dialect = TRY(dialect_from(thread, arguments));
  return dict_set(thread, dialects.borrow(), name, dialect);
}
Result<void> csv_unregister_dialect(Thread& thread, Any name) {
  AnyLookup found = dict_pop(thread, dialects.borrow(), name);
  if (found.raised()) return Raised{};
  if (found.is_absent()) return fail(thread, "unknown dialect");
  return {};
}
AnyResult csv_get_dialect(Thread& thread, Any name) { return registered(thread, name); }
AnyResult csv_list_dialects(Thread& thread) { return sequence_list(thread, dialects.borrow()); }

AnyResult csv_field_size_limit(Thread& thread, MaybeAny new_limit) {
  if (!new_limit) return int_from_word(thread, field_size_limit.load(std::memory_order_relaxed));
  if (!is_exact_int(*new_limit)) return raise<TypeError>(thread, "limit must be an integer");
  Word limit =
      TRY(int_word(thread, (*new_limit).value(), "Python int too large to convert to C ssize_t"));
  return int_from_word(thread, field_size_limit.exchange(limit, std::memory_order_relaxed));
}

// ---- tables -------------------------------------------------------------------------------------

const Layout dialect_layout{"Dialect", sizeof(Dialect), true,
                            trace_fields<Dialect, &Dialect::line_terminator>, nullptr};
const SlotEntry dialect_slots[] = {slot<SlotId::new_, dialect_new>()};
constexpr Method dialect_methods[] = {
    method<dialect_reduce>("__reduce__(*args)", "Dialects cannot be pickled: raises TypeError."),
    method<dialect_reduce>("__reduce_ex__(*args)", "Dialects cannot be pickled: raises TypeError."),
};
const GetSet dialect_getsets[] = {
    getter<dialect_delimiter>("delimiter"),
    getset<dialect_doublequote, refuse_write>("doublequote"),
    getter<dialect_escapechar>("escapechar"),
    getter<dialect_lineterminator>("lineterminator"),
    getter<dialect_quotechar>("quotechar"),
    getter<dialect_quoting>("quoting"),
    getset<dialect_skipinitialspace, refuse_write>("skipinitialspace"),
    getset<dialect_strict, refuse_write>("strict"),
};
const TypeSpec dialect_spec{.name = "_csv.Dialect",
                            .doc =
                                "How rows are written as text: the characters between fields, "
                                "around them and behind rows.",
                            .flags = kTypeBase | kTypeImmutable,
                            .layout = &dialect_layout,
                            .slots = dialect_slots,
                            .methods = dialect_methods,
                            .getsets = dialect_getsets};

const Layout reader_layout{"csv.reader", sizeof(Reader), true,
                           trace_fields<Reader, &Reader::lines, &Reader::dialect>, nullptr};
const SlotEntry reader_slots[] = {slot<SlotId::iter, reader_iter>(),
                                  slot<SlotId::next, reader_next>()};
const GetSet reader_getsets[] = {
    getset<dialect_field<Reader>, refuse_write>("dialect"),
    getset<reader_line_num, refuse_write>("line_num"),
};
const TypeSpec reader_spec{.name = "_csv.reader",
                           .doc = "Gives one row after the other, each a list of its fields.",
                           .flags = kTypeBase | kTypeImmutable | kTypeDisallowNew,
                           .layout = &reader_layout,
                           .slots = reader_slots,
                           .getsets = reader_getsets};

const Layout writer_layout{"csv.writer", sizeof(Writer), true,
                           trace_fields<Writer, &Writer::write, &Writer::dialect>, nullptr};
constexpr Method writer_methods[] = {
    method<writer_writerow>("writerow(row, /)",
                            "Write one row, an iterable of fields; what is no str is converted."),
    method<writer_writerows>("writerows(rows, /)", "Write every row of an iterable."),
};
const GetSet writer_getsets[] = {getset<dialect_field<Writer>, refuse_write>("dialect")};
const TypeSpec writer_spec{.name = "_csv.writer",
                           .doc = "Writes rows as text.",
                           .flags = kTypeBase | kTypeImmutable | kTypeDisallowNew,
                           .layout = &writer_layout,
                           .methods = writer_methods,
                           .getsets = writer_getsets};

constexpr Method csv_functions[] = {
    function<csv_field_size_limit>("field_size_limit(new_limit=?)",
                                   "The longest field that is read, in characters.\n\n"
                                   "With an argument: sets it and returns the one before."),
    function<csv_get_dialect>("get_dialect(name)", "The dialect registered under name."),
    function<csv_list_dialects>("list_dialects()", "The names of all registered dialects."),
    function<csv_reader>("reader(iterable, /, dialect='excel', **fmtparams)",
                         "A reader of the lines that iterable gives: an iterator over rows.\n\n"
                         "dialect is a registered name or has settings as attributes; keywords "
                         "override them."),
    function<csv_register_dialect>("register_dialect(name, /, dialect='excel', **fmtparams)",
                                   "Register a dialect under a name."),
    function<csv_unregister_dialect>("unregister_dialect(name)",
                                     "Forget the dialect registered under name."),
    function<csv_writer>("writer(fileobj, /, dialect='excel', **fmtparams)",
                         "A writer that hands rows as text to fileobj.write().\n\n"
                         "dialect is a registered name or has settings as attributes; keywords "
                         "override them."),
};
constexpr ModuleConstant csv_constants[] = {
    constant("QUOTE_MINIMAL", kQuoteMinimal),       constant("QUOTE_ALL", kQuoteAll),
    constant("QUOTE_NONNUMERIC", kQuoteNonnumeric), constant("QUOTE_NONE", kQuoteNone),
    constant("QUOTE_STRINGS", kQuoteStrings),       constant("QUOTE_NOTNULL", kQuoteNotnull),
};
const ModuleType csv_types[] = {{&dialect_spec, &csv_dialect_type}};

Result<void> csv_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(type_from_spec(thread, reader_spec, csv_reader_type));
  TRY(type_from_spec(thread, writer_spec, csv_writer_type));
  auto add_type = [&](const char* name, const TypeHandle& handle) {
    return module_set(thread, module, name, Any(Value(static_cast<Object*>(handle.type))));
  };
  TRY(add_type("Reader", csv_reader_type));
  TRY(add_type("Writer", csv_writer_type));
  TRY(exception_class(thread, module, "_csv", "Error", EXCEPTION(Exception), error_type));
  if (!dialects.raw()) {
    Ref<Dict> registry = TRY(dict_create(thread));
    slot_write(thread, &shared_root, dialects, std::move(registry));
  }
  return module_set(thread, module, "_dialects", dialects.borrow());
}

}  // namespace

extern const ModuleSpec _csv_module;
const ModuleSpec _csv_module{.name = "_csv",
                             .doc = "Reading and writing of rows as comma-separated text.",
                             .functions = csv_functions,
                             .constants = csv_constants,
                             .types = csv_types,
                             .initialize = csv_initialize};

}  // namespace dx
