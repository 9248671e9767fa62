// Text by format: strftime through the C library (with the directives it does not know put in
// first), strptime through the library's Python module, and ctime.

#include <cstdio>

#include "modules/datetime/datetime.h"
#include "objects/module.h"

namespace dx {

AnyResult ctime_text(Thread& thread, const DateParts& date, const TimeParts& time) {
  static constexpr const char* days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[kIsoRoom];
  int size = std::snprintf(text, sizeof(text), "%s %s %2d %02d:%02d:%02d %04d",
                           days[weekday_of(ordinal_of(date))], months[date.month - 1], date.day,
                           time.hour, time.minute, time.second, date.year);
  return str_from_ascii(thread, std::string_view(text, static_cast<size_t>(size)));
}

static AnyResult time_strftime(Thread& thread, Borrowed<Str> format, Any fields) {
  AnyRef module = TRY(import_module(thread, NAME("time")));
  return call_method(thread, module, NAME("strftime"), {format.value(), fields.value()});
}

namespace {

// Copies a format, replacing %f %z %:z %Z and, for years before 1000, what the C library does not
// pad: %Y %G %C %F. Zones are asked only when named.
class FormatFiller {
 public:
  FormatFiller(Thread& thread, Any fields, Any zone_argument, int microsecond, Any tzinfo)
      : thread_(thread),
        out_(thread),
        fields_(fields),
        zone_argument_(zone_argument),
        microsecond_(microsecond),
        tzinfo_(tzinfo) {}

  Result<Ref<Str>> fill(StrView format) {
    for (Word i = 0; i < format.length; ++i) {
      char32_t c = format[i];
      if (c != '%' || i + 1 == format.length) {
        TRY(out_.append(c));
        continue;
      }
      c = format[++i];
      if (c == ':' && i + 1 < format.length && format[i + 1] == 'z') {
        ++i;
        TRY(append_offset(':'));
      } else if (!TRY(replace(c))) {
        TRY(out_.append(U'%'));
        TRY(out_.append(c));
      }
    }
    return out_.finish();
  }

 private:
  Result<bool> replace(char32_t directive) {
    switch (directive) {
      case 'f': TRY(append_number(static_cast<unsigned>(microsecond_), 6)); return true;
      case 'z': TRY(append_offset('\0')); return true;
      case 'Z': TRY(append_zone_name()); return true;
      case 'Y':
      case 'G':
      case 'C':
      case 'F': return append_early_year(directive);
      default: return false;
    }
  }

  Result<void> append_number(unsigned number, int width) {
    char text[kIsoRoom];
    char* end = put_number(text, number, width);
    return out_.append(std::string_view(text, static_cast<size_t>(end - text)));
  }
  Result<void> append_offset(char separator) {
    char text[kIsoRoom];
    Offset offset = TRY(zone_offset(thread_, tzinfo_, zone_argument_));
    char* end = put_offset(text, offset, separator);
    return out_.append(std::string_view(text, static_cast<size_t>(end - text)));
  }
  Result<void> append_zone_name() {
    AnyRef name = TRY(zone_name(thread_, tzinfo_, zone_argument_));
    if (name.value().is_none()) return {};
    if (!is_exact(name.value(), SHAPE(str))) {
      name =
          TRY(call_method(thread_, name, NAME("replace"), {Value(NAME("%")), Value(NAME("%%"))}));
      TRY(check_replaced(name));
      return out_.append(Borrowed<Str>(name.value()));
    }
    StrView view = static_cast<Str*>(name.get())->view();
    for (Word i = 0; i < view.length; ++i) {
      if (view[i] == '%') TRY(out_.append(U'%'));  // the C library still has to see it
      TRY(out_.append(view[i]));
    }
    return {};
  }
  Result<void> check_replaced(Any text) {
    if (is_str(text)) return {};
    return raise<TypeError>(thread_, "tzname.replace() did not return a string");
  }
  Result<bool> append_early_year(char32_t directive) {
    AnyRef given = TRY(get_item(thread_, fields_, small_int(0)));
    Word year;
    if (!is_int(given.value()) || !int_to_word(given.value(), year) || year >= 1000 || year < 0)
      return false;
    if (directive == 'G') {  // the year of the ISO week
      Ref<Str> alone = TRY(str_from_ascii(thread_, "%G"));
      AnyRef text = TRY(time_strftime(thread_, alone, fields_));
      AnyRef number = TRY(int_from_object(thread_, text));
      year = TRY(int_word(thread_, number.value()));
      if (year < 0) return false;
    }
    if (directive == 'C') {
      TRY(append_number(static_cast<unsigned>(year / 100), 2));
    } else {
      TRY(append_number(static_cast<unsigned>(year), 4));
      if (directive == 'F') TRY(out_.append(std::string_view("-%m-%d")));
    }
    return true;
  }

  Thread& thread_;
  StrBuilder out_;
  Any fields_, zone_argument_;
  int microsecond_;
  Any tzinfo_;
};

}  // namespace

AnyResult wrapped_strftime(Thread& thread, Borrowed<Str> format, Any time_tuple, Any zone_argument,
                           int microsecond, Any tzinfo) {
  FormatFiller filler(thread, time_tuple, zone_argument, microsecond, tzinfo);
  Ref<Str> filled = TRY(filler.fill(format->view()));
  return time_strftime(thread, filled, time_tuple);
}

AnyResult strptime_by(Thread& thread, Borrowed<Str> function, Borrowed<Type> type,
                      Borrowed<Str> text, Borrowed<Str> format) {
  AnyRef module = TRY(import_module(thread, NAME("_strptime")));
  return call_method(thread, module, function, {Value(type), text.value(), format.value()});
}

AnyResult format_by_strftime(Thread& thread, Any self, Any spec) {
  Borrowed<Str> text = TRY(str_argument(thread, spec, "__format__", " 1"));
  if (text->length() == 0) return str(thread, self);
  return call_method(thread, self, NAME("strftime"), {spec.value()});
}

}  // namespace dx
