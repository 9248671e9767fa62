// binascii: hexadecimal, base64, uuencoded and quoted-printable text to bytes and back, checksums.

#include <zlib.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "modules/exception_class.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

Type* error_type;  // binascii.Error
Type* incomplete_type;

Raised fail(Thread& thread, const char* message) {
  Result<Ref<Str>> text = str_from_ascii(thread, message);
  if (text.raised()) return Raised{};
  return raise_value(thread, error_type, text.take().borrow());
}

// The bytes of an argument for a while; text must be ASCII where it is allowed.
class Input {
 public:
  explicit Input(Thread& thread) : thread_(thread), scope_(thread) {}
  Result<void> bytes(Any data) {
    TRY(scope_.acquire(data));
    at = static_cast<const uint8_t*>(scope_.view.data);
    size = static_cast<size_t>(scope_.view.size);
    return {};
  }
  Result<void> ascii(Any data) {
    if (!is_str(data.value())) {
      if (!has_buffer(data))
        return raise<TypeError>(thread_,
                                "argument should be bytes, buffer or ASCII string, not '{}'",
                                type_name_in(data));
      return bytes(data);
    }
    StrView text = str_view(Borrowed<Str>(data.value()));
    if (!text.ascii)
      return raise<ValueError>(thread_, "string argument should contain only ASCII characters");
    at = static_cast<const uint8_t*>(text.data);
    size = static_cast<size_t>(text.length);
    return {};
  }
  const uint8_t* at = nullptr;
  size_t size = 0;

 private:
  Thread& thread_;
  BufferScope scope_;
};

AnyResult bytes_of(Thread& thread, const uint8_t* data, size_t size) {
  Ref<Bytes> out = TRY(bytes_create(thread, size));
  std::memcpy(out->data(), data, size);
  return out;
}
using Buffer = std::unique_ptr<uint8_t[], void (*)(void*)>;
Buffer buffer_of(size_t size) {
  return Buffer(static_cast<uint8_t*>(std::malloc(size + 1)), std::free);
}

// ---- hexadecimal --------------------------------------------------------------------------------

int hex_digit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

AnyResult binascii_unhexlify(Thread& thread, Any text) {
  Input in(thread);
  TRY(in.ascii(text));
  if (in.size % 2) return fail(thread, "Odd-length string");
  Ref<Bytes> out = TRY(bytes_create(thread, in.size / 2));
  auto* to = reinterpret_cast<uint8_t*>(out->data());
  for (size_t i = 0; i < in.size; i += 2) {
    int high = hex_digit(in.at[i]), low = hex_digit(in.at[i + 1]);
    if (high < 0 || low < 0) return fail(thread, "Non-hexadecimal digit found");
    to[i / 2] = static_cast<uint8_t>(high << 4 | low);
  }
  return out;
}

AnyResult binascii_hexlify(Thread& thread, Any data, MaybeAny sep, Any bytes_per_sep) {
  Input in(thread);
  TRY(in.bytes(data));
  AnyRef copy = TRY(bytes_of(thread, in.at, in.size));
  AnyRef text =
      sep ? TRY(call_method(thread, copy, NAME("hex"), {sep.value(), bytes_per_sep.value()}))
          : TRY(call_method(thread, copy, NAME("hex"), {}));
  StrView view = str_view(Borrowed<Str>(text.value()));
  return bytes_of(thread, static_cast<const uint8_t*>(view.data), static_cast<size_t>(view.length));
}

// ---- base64 (RFC 4648) --------------------------------------------------------------------------

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<uint8_t, 256> base64_values() {
  std::array<uint8_t, 256> values{};
  for (auto& value : values) value = 64;
  for (uint8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kBase64[i])] = i;
  return values;
}
constexpr std::array<uint8_t, 256> kBase64Values = base64_values();

AnyResult binascii_a2b_base64(Thread& thread, Any data, bool strict_mode) {
  Input in(thread);
  TRY(in.ascii(data));
  Buffer out = buffer_of(in.size / 4 * 3 + 3);
  if (!out) return raise_memory_error(thread);
  size_t size = 0, pads = 0;
  unsigned place = 0, left = 0;
  bool padding = false;
  if (strict_mode && in.size && in.at[0] == '=') return fail(thread, "Leading padding not allowed");
  for (size_t i = 0; i < in.size; ++i) {
    uint8_t c = in.at[i];
    if (c == '=') {
      padding = true;
      if (strict_mode && place == 0) return fail(thread, "Excess padding not allowed");
      if (strict_mode && place == 1) break;  // no padding makes one character whole
      if (place >= 2 && place + ++pads >= 4 && strict_mode && i + 1 < in.size) {
        uint8_t next = in.at[i + 1];
        return fail(thread, next == '='                ? "Excess padding not allowed"
                            : kBase64Values[next] < 64 ? "Excess data after padding"
                                                       : "Only base64 data is allowed");
      }
      continue;
    }
    unsigned value = kBase64Values[c];
    if (value == 64) {
      if (strict_mode) return fail(thread, "Only base64 data is allowed");
      continue;
    }
    if (strict_mode && padding) return fail(thread, "Discontinuous padding not allowed");
    pads = 0;
    if (place) out[size++] = static_cast<uint8_t>(left << 2 * place | value >> (6 - 2 * place));
    left = value & ((1u << (6 - 2 * place)) - 1);
    place = (place + 1) % 4;
  }
  if (place == 1) {
    const FormatArgument count[] = {FormatArgument(static_cast<Word>(size / 3 * 4 + 1))};
    AnyRef text = TRY(format_text(thread,
                                  "Invalid base64-encoded string: number of data characters ({}) "
                                  "cannot be 1 more than a multiple of 4",
                                  count, 1));
    return raise_value(thread, error_type, text.borrow());
  }
  if (place && place + pads < 4) return fail(thread, "Incorrect padding");
  return bytes_of(thread, out.get(), size);
}

AnyResult binascii_b2a_base64(Thread& thread, Any data, bool newline) {
  Input in(thread);
  TRY(in.bytes(data));
  if (in.size > (size_t{1} << 61)) return fail(thread, "Too much data for base64 line");
  Ref<Bytes> out = TRY(bytes_create(thread, (in.size + 2) / 3 * 4 + newline));
  char* to = out->data();
  size_t i = 0;
  for (; i + 3 <= in.size; i += 3) {
    uint32_t word = static_cast<uint32_t>(in.at[i]) << 16 |
                    static_cast<uint32_t>(in.at[i + 1]) << 8 | in.at[i + 2];
    *to++ = kBase64[word >> 18];
    *to++ = kBase64[word >> 12 & 63];
    *to++ = kBase64[word >> 6 & 63];
    *to++ = kBase64[word & 63];
  }
  if (size_t rest = in.size - i) {
    uint32_t word = static_cast<uint32_t>(in.at[i]) << 16 |
                    (rest == 2 ? static_cast<uint32_t>(in.at[i + 1]) << 8 : 0);
    *to++ = kBase64[word >> 18];
    *to++ = kBase64[word >> 12 & 63];
    *to++ = rest == 2 ? kBase64[word >> 6 & 63] : '=';
    *to++ = '=';
  }
  if (newline) *to = '\n';
  return out;
}

// ---- uuencoding ---------------------------------------------------------------------------------

AnyResult binascii_a2b_uu(Thread& thread, Any data) {
  Input in(thread);
  TRY(in.ascii(data));
  if (in.size == 0) return fail(thread, "Missing length byte");
  size_t length = (in.at[0] - 32u) & 63, i = 1;
  Ref<Bytes> out = TRY(bytes_create(thread, length));
  auto* to = reinterpret_cast<uint8_t*>(out->data());
  unsigned left = 0, bits = 0;
  for (size_t done = 0; done < length; ++i) {
    uint8_t c = i < in.size ? in.at[i] : '\n';
    if (c == '\n' || c == '\r') c = ' ';  // a line cut short stands for zeros
    if (c < ' ' || c > ' ' + 64) return fail(thread, "Illegal char");
    left = left << 6 | ((c - 32u) & 63);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    to[done++] = static_cast<uint8_t>(left >> bits);
    left &= (1u << bits) - 1;
  }
  for (; i < in.size; ++i) {
    uint8_t c = in.at[i];
    if (c != ' ' && c != ' ' + 64 && c != '\n' && c != '\r')
      return fail(thread, "Trailing garbage");
  }
  return out;
}

AnyResult binascii_b2a_uu(Thread& thread, Any data, bool backtick) {
  Input in(thread);
  TRY(in.bytes(data));
  if (in.size > 45) return fail(thread, "At most 45 bytes at once");
  Ref<Bytes> out = TRY(bytes_create(thread, 2 + (in.size + 2) / 3 * 4));
  char* to = out->data();
  auto put = [&](unsigned six) {
    *to++ = static_cast<char>(backtick && six == 0 ? '`' : six + ' ');
  };
  put(static_cast<unsigned>(in.size));
  for (size_t i = 0; i < in.size; i += 3) {
    uint32_t word = 0;
    for (size_t k = 0; k < 3; ++k) word = word << 8 | (i + k < in.size ? in.at[i + k] : 0);
    put(word >> 18);
    put(word >> 12 & 63);
    put(word >> 6 & 63);
    put(word & 63);
  }
  *to = '\n';
  return out;
}

// ---- quoted-printable (RFC 2045; with `header`, the Q encoding of RFC 2047) ---------------------

AnyResult binascii_a2b_qp(Thread& thread, Any data, bool header) {
  Input in(thread);
  TRY(in.ascii(data));
  std::string out;
  out.reserve(in.size);
  for (size_t i = 0; i < in.size;) {
    uint8_t c = in.at[i++];
    if (c != '=') {
      out += header && c == '_' ? ' ' : static_cast<char>(c);
      continue;
    }
    if (i == in.size) break;  // a line break that was cut off
    uint8_t next = in.at[i];
    if (next == '\n' || next == '\r') {  // the line goes on behind the line feed
      while (i < in.size && in.at[i++] != '\n') {
      }
      continue;
    }
    int high = hex_digit(next), low = i + 1 < in.size ? hex_digit(in.at[i + 1]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += '=';
      if (next == '=') ++i;
    }
  }
  return bytes_from(thread, out);
}

// Lines of at most 76 characters, the last of which is the '=' of a line that goes on.
struct QuotedPrintable {
  static constexpr size_t kLongest = 76;
  std::string out = {};
  size_t column = 0;
  const char* line_break = "\n";

  void wrap() {
    out += '=';
    out += line_break;
    column = 0;
  }
  void put(uint8_t c) {
    out += static_cast<char>(c);
    ++column;
  }
  void put_code(uint8_t c) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    if (column + 3 >= kLongest) wrap();
    put('=');
    put(static_cast<uint8_t>(kDigits[c >> 4]));
    put(static_cast<uint8_t>(kDigits[c & 15]));
  }
  // A line must not end in white space that a mail server may take away.
  void end_line() {
    if (!out.empty() && (out.back() == ' ' || out.back() == '\t')) {
      uint8_t blank = static_cast<uint8_t>(out.back());
      out.pop_back();
      out += blank == ' ' ? "=20" : "=09";
    }
    out += line_break;
    column = 0;
  }
};

AnyResult binascii_b2a_qp(Thread& thread, Any data, bool quotetabs, bool istext, bool header) {
  Input in(thread);
  TRY(in.bytes(data));
  QuotedPrintable text;
  text.out.reserve(in.size);
  const auto* feed =
      static_cast<const uint8_t*>(in.size ? std::memchr(in.at, '\n', in.size) : nullptr);
  if (feed && feed > in.at && feed[-1] == '\r') text.line_break = "\r\n";
  for (size_t i = 0; i < in.size; ++i) {
    uint8_t c = in.at[i];
    bool last = i + 1 == in.size;
    uint8_t next = last ? 0 : in.at[i + 1];
    if (c == '\r' || c == '\n') {
      if (!istext) {
        text.put_code(c);
        continue;
      }
      if (c == '\n' || (!last && next == '\n')) {
        text.end_line();
        i += c == '\r';
        continue;
      }
    }
    bool blank = c == ' ' || c == '\t', control = c < ' ' && !blank && c != '\r';
    // A lone dot at the start of a line ends a message in SMTP.
    bool dot = c == '.' && text.column == 0 && (next == 0 || next == '\n' || next == '\r');
    if (c > '~' || c == '=' || (header && c == '_') || dot || control ||
        (blank && (last || quotetabs))) {
      text.put_code(c);
      continue;
    }
    if (!last && next != '\n' && text.column + 1 >= QuotedPrintable::kLongest) text.wrap();
    text.put(header && c == ' ' ? '_' : c);
  }
  return bytes_from(thread, text.out);
}

// ---- checksums ----------------------------------------------------------------------------------

AnyResult binascii_crc32(Thread& thread, Any data, Any start) {
  AnyRef index = TRY(to_index(thread, start)),
         masked = TRY(int_and(thread, index, Any(small_int(0xFFFFFFFF))));
  auto crc = static_cast<uLong>(TRY(int_word(thread, masked.value())));
  Input in(thread);
  TRY(in.bytes(data));
  // A null pointer would be a question about the start value.
  if (in.size != 0) crc = crc32_z(crc, in.at, in.size);
  return int_from_u64(thread, crc);
}

// CRC-CCITT (polynomial 0x1021), as BinHex 4 uses it.
AnyResult binascii_crc_hqx(Thread& thread, Any data, Any start) {
  AnyRef index = TRY(to_index(thread, start)),
         masked = TRY(int_and(thread, index, Any(small_int(0xFFFF))));
  auto crc = static_cast<uint32_t>(TRY(int_word(thread, masked.value())));
  Input in(thread);
  TRY(in.bytes(data));
  for (size_t i = 0; i < in.size; ++i) {
    crc ^= static_cast<uint32_t>(in.at[i]) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xFFFF;
  }
  return int_from_u64(thread, crc);
}

constexpr Method binascii_functions[] = {
    function<binascii_a2b_base64>("a2b_base64(data, /, *, strict_mode=False)",
                                  "Decode a line of base64 data."),
    function<binascii_unhexlify>("a2b_hex(hexstr, /)",
                                 "Binary data of hexadecimal representation."),
    function<binascii_a2b_qp>("a2b_qp(data, header=False)", "Decode a string of qp-encoded data."),
    function<binascii_a2b_uu>("a2b_uu(data, /)", "Decode a line of uuencoded data."),
    function<binascii_b2a_base64>("b2a_base64(data, /, *, newline=True)",
                                  "Base64-code line of data."),
    function<binascii_hexlify>("b2a_hex(data, sep=?, bytes_per_sep=1)",
                               "Hexadecimal representation of binary data."),
    function<binascii_b2a_qp>(
        "b2a_qp(data, quotetabs=False, istext=True, header=False)",
        "Encode a string using quoted-printable encoding.\n\n"
        "istext leaves line breaks as they are and encodes white space at their left; without it,\n"
        "CR and LF are encoded too. quotetabs encodes all spaces and tabs."),
    function<binascii_b2a_uu>("b2a_uu(data, /, *, backtick=False)", "Uuencode line of data."),
    function<binascii_crc32>("crc32(data, crc=0, /)", "Compute CRC-32 incrementally."),
    function<binascii_crc_hqx>("crc_hqx(data, crc, /)", "Compute CRC-CCITT incrementally."),
    function<binascii_hexlify>("hexlify(data, sep=?, bytes_per_sep=1)",
                               "Hexadecimal representation of binary data."),
    function<binascii_unhexlify>("unhexlify(hexstr, /)",
                                 "Binary data of hexadecimal representation."),
};

Result<void> binascii_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(exception_class(thread, module, "binascii", "Error", EXCEPTION(ValueError), error_type));
  return exception_class(thread, module, "binascii", "Incomplete", EXCEPTION(Exception),
                         incomplete_type);
}

}  // namespace

extern const ModuleSpec binascii_module;
const ModuleSpec binascii_module{.name = "binascii",
                                 .doc = "Conversion between binary data and ASCII",
                                 .functions = binascii_functions,
                                 .initialize = binascii_initialize};

}  // namespace dx
