#include "objects/percent.h"

#include <climits>
#include <cstring>

#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/errors.h"
#include "objects/float.h"
#include "objects/float_internal.h"
#include "objects/format_spec.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"

namespace dx {

namespace {

// One conversion: %(key)-+ #0width.precision type
struct Conversion {
  bool left = false, plus = false, space = false, alternate = false, zero = false;
  Word width = -1, precision = -1;
  char32_t type = 0;
};

class PercentFormatter {
 public:
  PercentFormatter(Thread& thread, StrView format, Any arguments, PercentMode mode)
      : thread_(thread), format_(format), arguments_(arguments), mode_(mode), out_(thread) {
    tuple_ = is_tuple(arguments);
    // Anything that can be subscripted may be asked for keys.
    mapping_ = !tuple_ && !is_str(arguments) &&
               type_of(arguments)->slot<SlotId::getitem>() != nullptr &&
               !(mode == PercentMode::bytes &&
                 (is_bytes(arguments) || has_layout(arguments, kShapeByteArray)));
  }

  Result<Ref<Str>> run() {
    while (at_ < format_.length) {
      Word start = at_;
      if (format_.kind == StrKind::one) {
        auto* text = static_cast<const char*>(format_.data);
        const void* sign = memchr(text + at_, '%', static_cast<size_t>(format_.length - at_));
        at_ = sign ? static_cast<const char*>(sign) - text : format_.length;
      }
      while (at_ < format_.length && format_[at_] != '%') ++at_;
      TRY(out_.append(view_slice(format_, start, at_)));
      if (at_ == format_.length) break;
      ++at_;
      TRY(convert());
    }
    if (!mapping_ && (tuple_ ? next_ < Borrowed<Tuple>(arguments_.value())->size : !taken_)) {
      return raise<TypeError>(thread_, mode_ == PercentMode::text
                                           ? "not all arguments converted during string formatting"
                                           : "not all arguments converted during bytes formatting");
    }
    return out_.finish();
  }

 private:
  Result<char32_t> next_char() {
    if (at_ >= format_.length) return raise<ValueError>(thread_, "incomplete format");
    return format_[at_++];
  }

  // The next positional argument, borrowed from the tuple, the key's value, or the only argument.
  Result<Any> next_argument() {
    if (keyed_) {
      if (key_taken_) return raise<TypeError>(thread_, "not enough arguments for format string");
      key_taken_ = true;
      return keyed_.borrow();
    }
    if (tuple_) {
      Borrowed<Tuple> items(arguments_.value());
      if (next_ < items->size) return items->item(next_++);
    } else if (!taken_) {
      taken_ = true;
      return arguments_;
    }
    return raise<TypeError>(thread_, "not enough arguments for format string");
  }

  Result<void> read_key() {
    if (!mapping_) return raise<TypeError>(thread_, "format requires a mapping");
    Word start = ++at_, depth = 1;
    for (; at_ < format_.length && depth > 0; ++at_)
      depth += format_[at_] == '(' ? 1 : format_[at_] == ')' ? -1 : 0;
    if (depth > 0) return raise<ValueError>(thread_, "incomplete format key");
    Ref<Str> key = TRY(str_from_view(thread_, view_slice(format_, start, at_ - 1)));
    AnyRef lookup = std::move(key);
    if (mode_ == PercentMode::bytes)
      lookup = TRY(bytes_from_latin1(thread_, Borrowed<Str>(lookup.value())->view()));
    keyed_ = TRY(get_item(thread_, arguments_, lookup));
    key_taken_ = false;
    return {};
  }

  Result<Word> read_number(Conversion* conversion, const char* too_big, Word limit) {
    if (at_ < format_.length && format_[at_] == '*') {
      ++at_;
      Any given = TRY(next_argument());
      if (!is_int(given)) return raise<TypeError>(thread_, "* wants int");
      Word number;
      if (!int_to_word(given, number))
        return raise<OverflowError>(thread_, "Python int too large to convert to C ssize_t");
      if (conversion && number < 0) {
        conversion->left = true;
        number = number == INT64_MIN ? INT64_MAX : -number;
      }
      if (number < 0) number = 0;
      if (number > limit)
        return raise<OverflowError>(thread_, "Python int too large to convert to C int");
      return number;
    }
    Word number = -1;
    for (; at_ < format_.length && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      if (number < 0) number = 0;
      number = number * 10 + static_cast<Word>(format_[at_] - '0');
      if (number > limit) return raise<ValueError>(thread_, "{}", too_big);
    }
    return number;
  }

  Result<void> convert() {
    if (at_ < format_.length && format_[at_] == '%') {
      ++at_;
      return out_.append('%');
    }
    // Without flags, width and key, as most are.
    if (mode_ == PercentMode::text && at_ < format_.length) {
      char32_t c = format_[at_];
      if (c == 's' || c == 'r' || c == 'd') {
        ++at_;
        Any value = TRY(next_argument());
        if (value.value().is_int()) return append_int(out_, small_int_value(value));
        if (c == 's' && is_exact(value, SHAPE(str)))
          return out_.append(Borrowed<Str>(value.value()));
        AnyRef held = share(thread_, value);  // Python code may change the mapping meanwhile
        if (c == 'r') return append_repr(thread_, out_, held);
        Conversion conversion;
        conversion.type = c;
        return apply(conversion, held);
      }
    }
    Conversion conversion;
    if (at_ < format_.length && format_[at_] == '(') TRY(read_key());
    for (bool flag = true; flag;) {
      char32_t c = at_ < format_.length ? format_[at_] : 0;
      switch (c) {
        case '-': conversion.left = true; break;
        case '+': conversion.plus = true; break;
        case ' ': conversion.space = true; break;
        case '#': conversion.alternate = true; break;
        case '0': conversion.zero = true; break;
        default: flag = false; continue;
      }
      ++at_;
    }
    conversion.width = TRY(read_number(&conversion, "width too big", INT64_MAX / 16));
    if (at_ < format_.length && format_[at_] == '.') {
      ++at_;
      conversion.precision = TRY(read_number(nullptr, "precision too big", INT_MAX));
      if (conversion.precision < 0) conversion.precision = 0;
    }
    char32_t c = TRY(next_char());
    if (c == 'h' || c == 'l' || c == 'L') c = TRY(next_char());
    conversion.type = c;
    Any value = TRY(next_argument());
    AnyRef held = share(thread_, value);  // Python code may change the mapping meanwhile
    TRY(apply(conversion, held));
    keyed_ = Maybe<Ref<Object>>();
    return {};
  }

  Result<void> apply(const Conversion& conversion, Any value) {
    switch (conversion.type) {
      case 's':
        return mode_ == PercentMode::bytes ? apply_bytes(conversion, value)
                                           : apply_text(conversion, TRY(str(thread_, value)));
      case 'b':
        if (mode_ == PercentMode::bytes) return apply_bytes(conversion, value);
        break;
      case 'r':
        if (mode_ == PercentMode::text) return apply_text(conversion, TRY(repr(thread_, value)));
        [[fallthrough]];
      case 'a': return apply_text(conversion, TRY(ascii(thread_, value)));
      case 'c': return apply_char(conversion, value);
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X': return apply_int(conversion, value);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G': return apply_float(conversion, value);
      default: break;
    }
    char32_t c = conversion.type;
    char code[16];
    snprintf(code, sizeof(code), "0x%x", static_cast<unsigned>(c));
    Ref<Str> shown = TRY(str_from_char(thread_, c));
    return raise<ValueError>(thread_, "unsupported format character '{}' ({}) at index {}", shown,
                             static_cast<const char*>(code), at_ - 1);
  }

  FormatSpec padding(const Conversion& conversion) {
    FormatSpec spec;
    spec.width = conversion.width;
    spec.align = conversion.left ? '<' : '>';
    return spec;
  }

  Result<void> apply_text(const Conversion& conversion, Ref<Str> text) {
    FormatSpec spec = padding(conversion);
    spec.precision = conversion.precision;
    return append_formatted_str(out_, text->view(), spec);
  }

  Result<void> apply_bytes(const Conversion& conversion, Any value) {
    FormatSpec spec = padding(conversion);
    spec.precision = conversion.precision;
    auto append = [&](std::string_view bytes) {
      return append_formatted_str(
          out_, StrView{StrKind::one, false, bytes.data(), static_cast<Word>(bytes.size())}, spec);
    };
    if (is_bytes(value)) return append(Borrowed<Bytes>(value.value())->view());
    AnyLookup method = lookup_special(thread_, value, Borrowed<Str>(NAME("__bytes__")));
    if (method.raised()) return Raised{};
    if (method.found()) {
      AnyRef function = method.take();
      AnyRef bytes = TRY(call(thread_, function, {}));
      if (!is_bytes(bytes.value())) {
        return raise<TypeError>(thread_, "__bytes__ returned non-bytes (type {})",
                                type_name_in(bytes.borrow()));
      }
      return append(Borrowed<Bytes>(bytes.value())->view());
    }
    if (has_buffer(value)) {
      BufferScope buffer(thread_);
      TRY(buffer.acquire(value));
      return append(buffer.text());
    }
    return raise<TypeError>(
        thread_,
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'",
        type_name_in(value));
  }

  Result<void> apply_char(const Conversion& conversion, Any value) {
    FormatSpec spec = padding(conversion);
    char32_t c;
    Word code;
    if (mode_ == PercentMode::bytes) {
      if (is_bytes(value) || has_layout(value, kShapeByteArray)) {
        BufferScope buffer(thread_);
        TRY(buffer.acquire(value));
        if (buffer.view.size != 1) {
          return raise<TypeError>(
              thread_,
              "%c requires an integer in range(256) or a single byte, not a {} object of length {}",
              type_name_in(value), buffer.view.size);
        }
        c = static_cast<uint8_t>(buffer.text()[0]);
      } else if (is_int(value) || has_index(value)) {
        AnyRef index = TRY(to_index(thread_, value));
        if (!int_to_word(index.value(), code) || code < 0 || code > 255) {
          return raise<OverflowError>(thread_, "%c arg not in range(256)");
        }
        c = static_cast<char32_t>(code);
      } else {
        return raise<TypeError>(thread_,
                                "%c requires an integer in range(256) or a single byte, not {}",
                                type_name_in(value));
      }
    } else if (is_str(value)) {
      StrView text = Borrowed<Str>(value.value())->view();
      if (text.length != 1) {
        return raise<TypeError>(
            thread_, "%c requires an int or a unicode character, not a string of length {}",
            text.length);
      }
      c = text[0];
    } else {
      if (!has_index(value))
        return raise<TypeError>(thread_, "%c requires an int or a unicode character, not {}",
                                type_name_in(value));
      AnyRef index = TRY(to_index(thread_, value));
      if (!int_to_word(index.value(), code) || code < 0 || code > 0x10ffff) {
        return raise<OverflowError>(thread_, "%c arg not in range(0x110000)");
      }
      c = static_cast<char32_t>(code);
    }
    return append_formatted_str(out_, StrView{StrKind::four, false, &c, 1}, spec);
  }

  // sign, prefix, zeros, digits into the width.
  Result<void> append_padded(const Conversion& conversion, bool negative, std::string_view prefix,
                             Word zeros, std::string_view digits) {
    char sign = negative ? '-' : conversion.plus ? '+' : conversion.space ? ' ' : 0;
    Word size = (sign != 0) + static_cast<Word>(prefix.size() + digits.size()) + zeros;
    Word pad = conversion.width > size ? conversion.width - size : 0;
    if (conversion.zero && !conversion.left) zeros += pad, pad = 0;
    if (!conversion.left) TRY(out_.append_repeated(' ', pad));
    if (sign) TRY(out_.append(static_cast<char32_t>(sign)));
    TRY(out_.append(prefix));
    TRY(out_.append_repeated('0', zeros));
    TRY(out_.append(digits));
    if (conversion.left) TRY(out_.append_repeated(' ', pad));
    return {};
  }

  Result<void> apply_int(const Conversion& conversion, Any value) {
    char name[2] = {static_cast<char>(conversion.type), 0};
    bool base_ten = conversion.type == 'd' || conversion.type == 'i' || conversion.type == 'u';
    AnyRef number = AnyRef::adopt(kNone);
    bool wrong = false;
    if (is_int(value)) {
      number = share(thread_, value);
    } else {
      bool numeric = has_index(value) || type_of(value)->slot<SlotId::int_>() ||
                     type_of(value)->slot<SlotId::float_>();
      AnyResult converted = !numeric || is_str(value) ? AnyResult(AnyRef::adopt(kNone))
                            : base_ten                ? to_int(thread_, value)
                            : has_index(value)        ? to_index(thread_, value)
                                                      : AnyResult(AnyRef::adopt(kNone));
      if (converted.raised()) {
        if (!pending_is<TypeError>(thread_)) return Raised{};
        clear_exception(thread_);
        wrong = true;
      } else {
        number = converted.take();
        wrong = number.value().is_none();
      }
    }
    if (wrong) {
      return raise<TypeError>(thread_,
                              base_ten ? "%{} format: a real number is required, not {}"
                                       : "%{} format: an integer is required, not {}",
                              static_cast<const char*>(name), type_name_in(value));
    }
    int base = base_ten ? 10 : conversion.type == 'o' ? 8 : 16;
    Ref<Str> text = TRY(int_to_str(thread_, number.value(), base));
    std::string_view digits = text->view().text();
    bool negative = digits[0] == '-';
    if (negative) digits.remove_prefix(1);
    CharBuffer upper;
    if (conversion.type == 'X') {
      if (!upper.append(digits)) return raise_memory_error(thread_);
      simd::upper_ascii(reinterpret_cast<uint8_t*>(upper.data()),
                        reinterpret_cast<const uint8_t*>(upper.data()), upper.size());
      digits = upper.text();
    }
    std::string_view prefix;
    if (conversion.alternate)
      prefix = base == 8 ? "0o" : base == 16 ? (conversion.type == 'X' ? "0X" : "0x") : "";
    Word zeros = conversion.precision > static_cast<Word>(digits.size())
                     ? conversion.precision - static_cast<Word>(digits.size())
                     : 0;
    return append_padded(conversion, negative, prefix, zeros, digits);
  }

  Result<void> apply_float(const Conversion& conversion, Any value) {
    double number;
    if (mode_ == PercentMode::bytes) {
      Result<double> converted = float_convert(thread_, value);
      if (converted.raised()) {
        if (!pending_is<TypeError>(thread_)) return Raised{};
        clear_exception(thread_);
        return raise<TypeError>(thread_, "float argument required, not {}", type_name_in(value));
      }
      number = converted.take();
    } else {
      number = TRY(float_convert(thread_, value));
    }
    char32_t type = conversion.type;
    bool upper = type == 'E' || type == 'F' || type == 'G';
    char kind = static_cast<char>(upper ? type + 32 : type);
    CharBuffer text;
    unsigned flags = (conversion.alternate ? unsigned{kFloatAlternate} : 0) |
                     (upper ? unsigned{kFloatUpper} : 0);
    if (!float_text(number, kind,
                    conversion.precision < 0 ? 6 : static_cast<int>(conversion.precision), flags,
                    text)) {
      return raise_memory_error(thread_);
    }
    bool negative = text.text()[0] == '-';
    return append_padded(conversion, negative, "", 0, text.text().substr(negative));
  }

  Thread& thread_;
  StrView format_;
  Any arguments_;
  PercentMode mode_;
  StrBuilder out_;
  Word at_ = 0;
  bool tuple_ = false, mapping_ = false, taken_ = false;
  Word next_ = 0;
  Maybe<Ref<Object>> keyed_;
  bool key_taken_ = false;
};

}  // namespace

Result<Ref<Str>> percent_format(Thread& thread, StrView format, Any arguments, PercentMode mode) {
  return PercentFormatter(thread, format, arguments, mode).run();
}

AnyResult str_mod(Thread& thread, Borrowed<Str> self, Any arguments) {
  return percent_format(thread, self->view(), arguments, PercentMode::text);
}
AnyResult str_rmod(Thread& thread, Borrowed<Str> self, Any format) {
  if (!is_str(format)) return AnyRef::adopt(kNotImplemented);
  return str_mod(thread, Borrowed<Str>(format.value()), self);
}

}  // namespace dx
