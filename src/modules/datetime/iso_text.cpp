// ISO 8601 text: writing fields, and reading the forms fromisoformat() takes.
//
//   date   2001-02-03  20010203  2001-W05-6  2001-W05  2001W056  2001W05
//   time   hh[[:]mm[[:]ss[(.|,)digits]]] then nothing, Z, or (+|-) and such a time
//
// The separators are in all places or in none; digits beyond the sixth of a fraction are dropped.

#include "modules/datetime/datetime.h"

namespace dx {

// ---- writing ------------------------------------------------------------------------------------

char* put_number(char* out, unsigned number, int width) {
  if (number < 100 && width == 2) {
    out[0] = static_cast<char>('0' + number / 10);
    out[1] = static_cast<char>('0' + number % 10);
    return out + 2;
  }
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number);
  for (int i = count; i < width; ++i) *out++ = '0';
  while (count > 0) *out++ = digits[--count];
  return out;
}

char* put_date(char* out, const DateParts& date) {
  out = put_number(out, static_cast<unsigned>(date.year), 4);
  *out++ = '-';
  out = put_number(out, static_cast<unsigned>(date.month), 2);
  *out++ = '-';
  return put_number(out, static_cast<unsigned>(date.day), 2);
}

char* put_offset(char* out, const Offset& offset, char separator) {
  if (!offset.known) return out;
  bool west = offset.microseconds < 0;
  Word micros = west ? -offset.microseconds : offset.microseconds;
  Word seconds = micros / kMicrosPerSecond;
  micros %= kMicrosPerSecond;
  *out++ = west ? '-' : '+';
  out = put_number(out, static_cast<unsigned>(seconds / 3600), 2);
  if (separator) *out++ = separator;
  out = put_number(out, static_cast<unsigned>(seconds / 60 % 60), 2);
  if (seconds % 60 == 0 && micros == 0) return out;
  if (separator) *out++ = separator;
  out = put_number(out, static_cast<unsigned>(seconds % 60), 2);
  if (micros == 0) return out;
  *out++ = '.';
  return put_number(out, static_cast<unsigned>(micros), 6);
}

char* put_time(char* out, const TimeParts& time, MaybeAny timespec) {
  enum {
    hours,
    minutes,
    seconds,
    milliseconds,
    microseconds
  } until = time.microsecond ? microseconds : seconds;
  if (timespec) {
    static constexpr const char* names[] = {"hours", "minutes", "seconds", "milliseconds",
                                            "microseconds"};
    Borrowed<Str> wanted(timespec.value());
    if (!str_equals_ascii(wanted, "auto")) {
      int at = 0;
      while (at < 5 && !str_equals_ascii(wanted, names[at])) ++at;
      if (at == 5) return nullptr;
      until = static_cast<decltype(until)>(at);
    }
  }
  out = put_number(out, static_cast<unsigned>(time.hour), 2);
  if (until == hours) return out;
  *out++ = ':';
  out = put_number(out, static_cast<unsigned>(time.minute), 2);
  if (until == minutes) return out;
  *out++ = ':';
  out = put_number(out, static_cast<unsigned>(time.second), 2);
  if (until == seconds) return out;
  *out++ = '.';
  unsigned micros = static_cast<unsigned>(time.microsecond);
  return until == milliseconds ? put_number(out, micros / 1000, 3) : put_number(out, micros, 6);
}

// ---- reading ------------------------------------------------------------------------------------

IsoText::IsoText(Borrowed<Str> text) {
  StrView view = text->view();
  if (view.ascii) {
    view_ = view.text();
    return;
  }
  kept_.resize(static_cast<size_t>(view.length));
  for (Word i = 0; i < view.length; ++i)
    kept_[static_cast<size_t>(i)] = view[i] < 128 ? static_cast<char>(view[i]) : '\xbf';
  view_ = kept_;
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What is left of a text being read.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }
  size_t left() const { return text_.size(); }
  char peek() const { return text_.empty() ? '\0' : text_[0]; }
  bool skip(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits.
  bool number(size_t count, int& out) {
    if (text_.size() < count) return false;
    int number = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!is_digit(text_[i])) return false;
      number = number * 10 + (text_[i] - '0');
    }
    out = number;
    text_.remove_prefix(count);
    return true;
  }
  // A separator that stands here exactly when the first one stood.
  bool separator(char c, bool expected) { return skip(c) == expected; }

 private:
  std::string_view text_;
};

// hh[[:]mm[[:]ss[.digits]]], the whole text.
bool parse_clock(std::string_view text, TimeParts& out) {
  Reader reader(text);
  if (!reader.number(2, out.hour)) return false;
  if (reader.at_end()) return true;
  bool separated = reader.skip(':');
  if (!reader.number(2, out.minute)) return false;
  if (reader.at_end()) return true;
  if (!reader.separator(':', separated) || !reader.number(2, out.second)) return false;
  if (reader.at_end()) return true;
  if (!reader.skip('.') && !reader.skip(',')) return false;
  int digit, digits = 0;
  while (reader.number(1, digit)) {
    if (digits++ < 6) out.microsecond = out.microsecond * 10 + digit;
  }
  for (int i = digits; i < 6; ++i) out.microsecond *= 10;
  return digits > 0 && reader.at_end();
}

}  // namespace

bool iso_date_valid(int year, int week, int weekday) {
  return year >= kMinYear && year <= kMaxYear && week >= 1 &&
         (week <= 52 || (week == 53 && has_week_53(year))) && weekday >= 1 && weekday <= 7;
}
Result<DateParts> date_of_iso(Thread& thread, int year, int week, int weekday) {
  if (year < kMinYear || year > kMaxYear)
    return raise<ValueError>(thread, "year must be in {}..{}, not {}", kMinYear, kMaxYear, year);
  if (!iso_date_valid(year, week, 1)) return raise<ValueError>(thread, "Invalid week: {}", week);
  if (weekday < 1 || weekday > 7)
    return raise<ValueError>(thread, "Invalid weekday: {} (range is [1, 7])", weekday);
  Word ordinal = iso_first_monday(year) + (week - 1) * 7 + weekday - 1;
  // Week 1 of year 1 begins with it, so only the end can be passed.
  return date_of(ordinal);
}

bool parse_iso_date(std::string_view text, DateParts& out) {
  if (text.size() != 7 && text.size() != 8 && text.size() != 10) return false;
  Reader reader(text);
  if (!reader.number(4, out.year)) return false;
  bool separated = reader.skip('-');
  if (reader.skip('W')) {
    int week, weekday = 1;
    if (!reader.number(2, week)) return false;
    if (!reader.at_end() && (!reader.separator('-', separated) || !reader.number(1, weekday)))
      return false;
    if (!reader.at_end() || !iso_date_valid(out.year, week, weekday)) return false;
    out = date_of(iso_first_monday(out.year) + (week - 1) * 7 + weekday - 1);
    return true;
  }
  return reader.number(2, out.month) && reader.separator('-', separated) &&
         reader.number(2, out.day) && reader.at_end();
}

IsoFault parse_iso_time(std::string_view text, IsoTime& out) {
  size_t zone = text.find_first_of("+-Z");
  if (!parse_clock(text.substr(0, zone), out.time)) return IsoFault::malformed;
  if (out.time.hour == 24) {
    if (out.time.minute || out.time.second || out.time.microsecond) return IsoFault::midnight;
    out.time.hour = 0;
    out.next_day = true;
  }
  if (zone == std::string_view::npos) return IsoFault::none;
  std::string_view rest = text.substr(zone + 1);
  out.offset.known = true;
  if (text[zone] == 'Z') return rest.empty() ? IsoFault::none : IsoFault::malformed;
  TimeParts offset;
  if (!parse_clock(rest, offset)) return IsoFault::malformed;
  Word seconds = offset.hour * 3600 + offset.minute * 60 + offset.second;
  out.offset.microseconds = seconds * kMicrosPerSecond + offset.microsecond;
  if (text[zone] == '-') out.offset.microseconds = -out.offset.microseconds;
  return IsoFault::none;
}

size_t iso_date_end(std::string_view text) {
  size_t size = text.size();
  if (size == 7) return 7;
  if (text[4] == '-') {
    if (text[5] != 'W') return 10;  // 2001-02-03
    if (size == 8 || text[8] != '-') return 8;
    if (size == 9) return std::string_view::npos;
    // A digit behind 2001-W05-6 belongs to a time: the dash was the separator.
    return size > 10 && is_digit(text[10]) ? 8 : 10;
  }
  if (text[4] != 'W') return 8;  // 20010203
  // 2001W05 or 2001W056, perhaps with a digit for the separator: a time has an even number of them.
  size_t end = 7;
  while (end < size && is_digit(text[end])) ++end;
  if (end < 9) return end;
  return end % 2 == 0 ? 7 : 8;
}

}  // namespace dx
