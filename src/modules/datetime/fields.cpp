// What the constructors of date, time and datetime share: binding arguments, the ranges of fields,
// and the packed bytes of pickles.

#include <cstring>

#include "modules/datetime/datetime.h"
#include "objects/bytes.h"

namespace dx {

Result<int> int_argument(Thread& thread, Value value) {
  Word number;
  if (value.is_int()) {
    number = small_int_value(value);
  } else {
    AnyRef index = TRY(to_index(thread, value));
    if (!int_to_word(index.value(), number))
      return raise<OverflowError>(thread, "Python int too large to convert to C long");
  }
  if (number > INT32_MAX)
    return raise<OverflowError>(thread, "signed integer is greater than maximum");
  if (number < INT32_MIN)
    return raise<OverflowError>(thread, "signed integer is less than minimum");
  return static_cast<int>(number);
}

bool bind_fields(Thread& thread, const FieldNames& wanted, const Arguments& arguments, Value* out) {
  size_t keywords = arguments.names ? static_cast<size_t>(arguments.names->size) : 0;
  size_t positional = arguments.count - keywords;
  size_t most = wanted.count - wanted.keyword_only;
  for (size_t i = 0; i < wanted.count; ++i) out[i] = Value{};
  auto fail = [](Raised) { return false; };
  const char* function = wanted.function ? wanted.function : "function";
  const char* brackets = wanted.function ? "()" : "";
  if (arguments.count > wanted.count) {
    return fail(raise<TypeError>(thread, "{}{} takes at most {} {}argument{} ({} given)", function,
                                 brackets, wanted.count,
                                 keywords == arguments.count ? "keyword " : "",
                                 wanted.count == 1 ? "" : "s", arguments.count));
  }
  if (positional > most) {
    return fail(raise<TypeError>(thread, "{}{} takes at most {} positional arguments ({} given)",
                                 function, brackets, most, positional));
  }
  for (size_t i = 0; i < positional; ++i) out[i] = arguments.items[i];
  // Complaints come in CPython's order: a field of the wrong type, one that is missing, and only
  // then a name too many.
  size_t strange = keywords, twice = keywords, twice_at = 0;
  for (size_t k = keywords; k-- > 0;) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    size_t at = 0;
    while (at < wanted.count && !str_equals_ascii(name, wanted.names[at])) ++at;
    if (at == wanted.count) {
      strange = k;
    } else if (at < positional) {
      twice = k;
      twice_at = at;
    } else {
      out[at] = arguments.items[positional + k];
    }
  }
  for (size_t i = 0; i < wanted.required; ++i) {
    if (out[i]) continue;
    for (size_t before = 0; before < i && wanted.numbers; ++before)
      if (int_argument(thread, out[before]).raised()) return false;
    return fail(raise<TypeError>(thread, "{}{} missing required argument '{}' (pos {})", function,
                                 brackets, wanted.names[i], i + 1));
  }
  if (twice < keywords) {
    return fail(raise<TypeError>(thread, "argument for {}{} given by name ('{}') and position ({})",
                                 function, brackets,
                                 arguments.names->item(static_cast<Word>(twice)), twice_at + 1));
  }
  if (strange < keywords) {
    return fail(raise<TypeError>(thread, "{}{} got an unexpected keyword argument '{}'",
                                 wanted.function ? function : "this function", brackets,
                                 arguments.names->item(static_cast<Word>(strange))));
  }
  return true;
}

Result<Borrowed<Str>> str_argument(Thread& thread, Any given, const char* function,
                                   const char* which) {
  if (is_str(given)) return Borrowed<Str>(given.value());
  return raise<TypeError>(thread, "{}() argument{} must be str, not {}", function, which,
                          given.is_none() ? "None" : type_name_of(thread, given));
}

Result<void> check_date(Thread& thread, const DateParts& date) {
  if (date.year < kMinYear || date.year > kMaxYear) {
    return raise<ValueError>(thread, "year must be in {}..{}, not {}", kMinYear, kMaxYear,
                             date.year);
  }
  if (date.month < 1 || date.month > 12)
    return raise<ValueError>(thread, "month must be in 1..12, not {}", date.month);
  int days = days_in_month(date.year, date.month);
  if (date.day < 1 || date.day > days) {
    return raise<ValueError>(thread, "day {} must be in range 1..{} for month {} in year {}",
                             date.day, days, date.month, date.year);
  }
  return {};
}
Result<void> check_time(Thread& thread, const TimeParts& time) {
  if (time.hour < 0 || time.hour > 23)
    return raise<ValueError>(thread, "hour must be in 0..23, not {}", time.hour);
  if (time.minute < 0 || time.minute > 59)
    return raise<ValueError>(thread, "minute must be in 0..59, not {}", time.minute);
  if (time.second < 0 || time.second > 59)
    return raise<ValueError>(thread, "second must be in 0..59, not {}", time.second);
  if (time.microsecond < 0 || time.microsecond > 999999)
    return raise<ValueError>(thread, "microsecond must be in 0..999999, not {}", time.microsecond);
  if (time.fold != 0 && time.fold != 1)
    return raise<ValueError>(thread, "fold must be either 0 or 1, not {}", time.fold);
  return {};
}
Result<void> check_tzinfo(Thread& thread, Any tzinfo) {
  if (tzinfo.is_none() || is_tzinfo(tzinfo)) return {};
  return raise<TypeError>(thread,
                          "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
                          type_name_in(tzinfo));
}

Result<bool> packed_state(Thread& thread, Value given, uint8_t* out, size_t size, const char* kind,
                          bool (*sane)(const uint8_t* state)) {
  if (is_bytes(given)) {
    std::string_view bytes = static_cast<Bytes*>(given.object())->view();
    if (bytes.size() != size) return false;
    std::memcpy(out, bytes.data(), size);
    return sane(out);
  }
  if (!is_str(given)) return false;
  StrView text = static_cast<Str*>(given.object())->view();
  if (static_cast<size_t>(text.length) != size) return false;
  bool latin = true;
  for (size_t i = 0; i < size; ++i) {
    char32_t c = text[static_cast<Word>(i)];
    latin &= c < 256;
    out[i] = c < 256 ? static_cast<uint8_t>(c) : 255;
  }
  if (!sane(out)) return false;
  if (latin) return true;
  return raise<ValueError>(thread,
                           "Failed to encode latin1 string when unpickling a {} object. "
                           "pickle.load(data, encoding='latin1') is assumed.",
                           kind);
}

}  // namespace dx
