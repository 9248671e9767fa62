#include "syntax/decode.h"

#include <iconv.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/unicode_identifier.h"
#include "syntax/tokenizer.h"

namespace dx::syntax {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower(std::string_view text, char underscore) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == '_' || c == '-') c = underscore == 0 ? c : underscore;
  }
  return out;
}

// A line that holds nothing but white space and a comment lets the next one declare the encoding.
bool only_comment(std::string_view line) {
  for (char c : line) {
    if (c == '#' || c == '\n' || c == '\r') return true;
    if (c != ' ' && c != '\t' && c != '\f') return false;
  }
  return true;
}

std::string normalize_newlines(std::string_view source, bool add_last) {
  std::string out;
  out.reserve(source.size() + 1);
  const char* at = source.data();
  const char* end = at + source.size();
  while (at < end) {
    const char* cr = static_cast<const char*>(std::memchr(at, '\r', end - at));
    if (cr == nullptr) {
      out.append(at, end);
      break;
    }
    out.append(at, cr);
    out += '\n';
    at = cr + 1;
    if (at < end && *at == '\n') ++at;
  }
  if (add_last && !out.empty() && out.back() != '\n') out += '\n';
  return out;
}

// Invalid sequences become U+FFFD, one for each maximal wrong piece.
std::string replace_invalid(std::string_view text) {
  std::string out;
  while (true) {
    size_t bad;
    if (unicode::is_valid_utf8(text, bad)) return out.append(text);
    out.append(text.substr(0, bad)).append("\xEF\xBF\xBD");
    size_t skip = 1;
    int length = unicode::sequence_length(text.data() + bad, 4);
    for (int n = length - 1; n > 1; --n) {
      if (bad + n > text.size()) continue;
      // A cut sequence that could have gone on counts as one piece.
      std::string whole(text.substr(bad, n));
      while (static_cast<int>(whole.size()) < length) whole += '\x80';
      size_t ignored;
      if (unicode::is_valid_utf8(whole, ignored)) {
        skip = n;
        break;
      }
    }
    text.remove_prefix(bad + skip);
  }
}

void fail(DecodedSource& result, std::string message) {
  result.good = false;
  result.error = {};
  result.error.message = std::move(message);
  result.error.line = result.error.end_line = 0;
  result.error.col = result.error.end_col = -1;
  result.error.has_text = false;
  result.error.has_end = false;
}

// Python's codec names that iconv spells differently, or whose machinery belongs to Python itself.
struct CodecName {
  const char* python;
  const char* iconv;
  const char* shown;
};
constexpr CodecName kCodecs[] = {
    {"utf8", "UTF-8", "utf-8"},
    {"u8", "UTF-8", "utf-8"},
    {"utf", "UTF-8", "utf-8"},
    {"cp65001", "UTF-8", "utf-8"},
    {"ascii", "ASCII", "ascii"},
    {"us_ascii", "ASCII", "ascii"},
    {"646", "ASCII", "ascii"},
    {"latin1", "ISO-8859-1", "iso-8859-1"},
    {"latin", "ISO-8859-1", "iso-8859-1"},
    {"l1", "ISO-8859-1", "iso-8859-1"},
    {"iso8859_1", "ISO-8859-1", "iso-8859-1"},
    {"8859", "ISO-8859-1", "iso-8859-1"},
    {"iso_8859_15", "ISO-8859-15", "charmap"},
    {"iso8859_15", "ISO-8859-15", "charmap"},
    {"latin9", "ISO-8859-15", "charmap"},
    {"sjis", "SHIFT_JIS", "shift_jis"},
    {"shift_jis", "SHIFT_JIS", "shift_jis"},
    {"euc_jp", "EUC-JP", "euc_jp"},
    {"eucjp", "EUC-JP", "euc_jp"},
    {"euc_kr", "EUC-KR", "euc_kr"},
    {"cp949", "CP949", "cp949"},
    {"big5", "BIG5", "big5"},
    {"big5hkscs", "BIG5-HKSCS", "big5hkscs"},
    {"gb2312", "GB2312", "gb2312"},
    {"gbk", "GBK", "gbk"},
    {"gb18030", "GB18030", "gb18030"},
    {"iso2022_jp", "ISO-2022-JP", "iso2022_jp"},
    {"mac_roman", "MACINTOSH", "charmap"},
};

const char* not_text_encodings[] = {
    "rot13", "rot_13", "base64", "base64_codec",     "hex", "hex_codec", "bz2",
    "zlib",  "uu",     "quopri", "quoted_printable", "zip"};

// Decodes `bytes` from `encoding`; positions in messages count from the start of `bytes`.
bool recode(const std::string& bytes, const std::string& encoding, std::string& out,
            DecodedSource& result) {
  std::string key = lower(encoding, '_');
  for (char& c : key) {
    if (c == '.' || c == ' ') c = '_';
  }
  for (const char* name : not_text_encodings) {
    if (key == name) {
      fail(result, "'" + encoding +
                       "' is not a text encoding; use codecs.decode() to handle arbitrary codecs");
      return false;
    }
  }
  std::string_view body = bytes;
  std::string iconv_name = encoding, shown = "charmap";
  if (key == "utf_8_sig") {
    if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
    iconv_name = "UTF-8";
    shown = "utf-8";
  }
  for (const CodecName& codec : kCodecs) {
    if (key != codec.python) continue;
    iconv_name = codec.iconv;
    shown = codec.shown;
  }
  iconv_t codec = iconv_open("UTF-8", iconv_name.c_str());
  if (codec == reinterpret_cast<iconv_t>(-1)) {
    for (char& c : iconv_name) {
      if (c == '_') c = '-';
    }
    codec = iconv_open("UTF-8", iconv_name.c_str());
  }
  if (codec == reinterpret_cast<iconv_t>(-1)) {
    fail(result, "unknown encoding: " + encoding);
    return false;
  }
  char* in = const_cast<char*>(body.data());
  size_t left = body.size();
  char buffer[4096];
  bool good = true;
  while (left > 0) {
    char* to = buffer;
    size_t room = sizeof buffer;
    size_t converted = iconv(codec, &in, &left, &to, &room);
    int error = errno;
    out.append(buffer, to);
    if (converted != static_cast<size_t>(-1) || error == E2BIG) continue;
    unsigned char byte = static_cast<unsigned char>(*in);
    size_t position = in - bytes.data();
    const char* reason = "illegal multibyte sequence";
    if (shown == "charmap") reason = "character maps to <undefined>";
    if (shown == "ascii") reason = "ordinal not in range(128)";
    if (shown == "utf-8") {
      bool lead = byte >= 0xC2 && byte <= 0xF4;
      reason = !lead             ? "invalid start byte"
               : error == EINVAL ? "unexpected end of data"
                                 : "invalid continuation byte";
    }
    char message[200];
    std::snprintf(message, sizeof message,
                  "'%s' codec can't decode byte 0x%02x in position %zu: %s", shown.c_str(), byte,
                  position, reason);
    fail(result, message);
    good = false;
    break;
  }
  iconv_close(codec);
  return good;
}

// No encoding is declared, yet the text is not UTF-8.
void fail_not_utf8(DecodedSource& result, std::string_view text, size_t bad) {
  int line = 1;
  size_t start = 0;
  for (size_t i = 0; i < bad; ++i) {
    if (text[i] == '\n') {
      ++line;
      start = i + 1;
    }
  }
  size_t end = text.find('\n', bad);
  if (end == std::string_view::npos) end = text.size();
  char message[200];
  std::snprintf(message, sizeof message,
                "Non-UTF-8 code starting with '\\x%02x' on line %d, but no encoding declared; see "
                "https://peps.python.org/pep-0263/ for details",
                static_cast<unsigned char>(text[bad]), line);
  fail(result, message);
  result.error.has_text = result.error.has_end = true;
  result.error.line = result.error.end_line = line;
  result.error.text = replace_invalid(text.substr(start, end - start));
  result.error.col = result.error.end_col = count_code_points(text.substr(start, bad - start)) + 1;
}

}  // namespace

std::string coding_comment(std::string_view line) {
  size_t i = 0;
  for (; i < line.size(); ++i) {
    if (line[i] == '#') break;
    if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f') return {};
  }
  for (; i < line.size(); ++i) {
    if (line.substr(i, 6) != "coding") continue;
    size_t at = i + 6;
    if (at >= line.size() || (line[at] != ':' && line[at] != '=')) continue;
    do {
      ++at;
    } while (at < line.size() && (line[at] == ' ' || line[at] == '\t'));
    size_t begin = at;
    while (at < line.size() &&
           (is_alnum(line[at]) || line[at] == '-' || line[at] == '_' || line[at] == '.'))
      ++at;
    if (begin == at) continue;
    std::string name(line.substr(begin, at - begin));
    std::string plain = lower(std::string_view(name).substr(0, 12), '-');
    if (plain == "utf-8" || plain.starts_with("utf-8-")) return "utf-8";
    for (const char* latin : {"latin-1", "iso-8859-1", "iso-latin-1"}) {
      std::string prefix(latin);
      if (plain == prefix || plain.starts_with(prefix + "-")) return "iso-8859-1";
    }
    return name;
  }
  return {};
}

DecodedSource decode_source(std::string_view source, ParseMode mode, const ParseFlags& flags) {
  DecodedSource result;
  if (source.find('\0') != std::string_view::npos) {
    result.error.message = "source code string cannot contain null bytes";
    result.error.has_position = false;
    return result;
  }
  bool add_last = mode == ParseMode::exec;
  result.encoding = "utf-8";
  if (flags.is_utf8_str) {
    result.text = normalize_newlines(source, add_last);
    result.good = true;
    return result;
  }
  bool mark = source.substr(0, 3) == "\xEF\xBB\xBF";
  if (mark) source.remove_prefix(3);
  std::string text = normalize_newlines(source, add_last);
  std::string_view rest = text;
  std::string declared;
  std::string_view declaring;
  int declaring_line = 0;
  for (int line = 0; line < 2 && !rest.empty() && declared.empty(); ++line) {
    size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // only whole lines count
    std::string_view current = rest.substr(0, end);
    declared = coding_comment(current);
    declaring = current;
    declaring_line = line + 1;
    if (declared.empty() && !only_comment(current)) break;
    rest.remove_prefix(end + 1);
  }
  if (mark && !declared.empty() && declared != "utf-8") {
    fail(result, "encoding problem: " + declared + " with BOM");
    result.error.has_text = result.error.has_end = true;
    result.error.line = result.error.end_line = declaring_line;
    result.error.col = 0;
    result.error.end_col = static_cast<int>(declaring.size()) + (declaring_line - 1);
    result.error.text = std::string(declaring);
    return result;
  }
  size_t bad;
  if (declared.empty() || declared == "utf-8") {
    if (!unicode::is_valid_utf8(text, bad)) {
      fail_not_utf8(result, text, bad);
      return result;
    }
    result.text = std::move(text);
    result.good = true;
    return result;
  }
  result.encoding = declared;
  std::string recoded;
  if (!recode(text, declared, recoded, result)) return result;
  if (!unicode::is_valid_utf8(recoded, bad)) {
    fail(result, "unknown encoding: " + declared);
    return result;
  }
  result.text = std::move(recoded);
  result.good = true;
  return result;
}

}  // namespace dx::syntax
