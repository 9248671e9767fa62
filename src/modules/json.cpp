// _json: reading and writing JSON for the library's json package, which has the same in Python for
// who asks for chunks.
//
// The scanner goes over the text's characters once. What it does not understand raises
// StopIteration(index), which json turns into "Expecting value", or JSONDecodeError with the place,
// as the library's own Python version does.

#include <cmath>
#include <cstring>

#include "modules/type_names.h"
#include "objects/bind.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/errors.h"
#include "objects/float.h"
#include "objects/float_internal.h"
#include "objects/int.h"
#include "objects/item_loop.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

static TypeHandle scanner_type, encoder_type;

struct Scanner : Object {
  Field<Object> object_hook, object_pairs_hook, parse_float, parse_int, parse_constant;
  bool strict;
};

namespace {

Raised raise_decode(Thread& thread, const char* message, Any text, Word at) {
  AnyRef module = TRY(import_module(thread, NAME("json.decoder")));
  AnyRef error_class = TRY(get_attr(thread, module, NAME("JSONDecodeError")));
  Ref<Str> shown = TRY(str_from_ascii(thread, message));
  AnyRef error = TRY(call(thread, error_class, {shown.value(), text.value(), small_int(at)}));
  return raise_object(thread, std::move(error));
}
// Where a value should stand and none does.
Raised raise_no_value(Thread& thread, Word at) {
  return raise_stop_iteration(thread, Any(small_int(at)));
}

// One pass over a text. The text is a str: its characters stay where they are for as long as the
// caller holds it.
class Reader {
 public:
  Reader(Thread& thread, Borrowed<Str> text, bool strict)
      : thread_(thread), text_(text), view_(text->view()), length_(view_.length), strict_(strict) {}

  // The string whose opening quote stands before `at`; `at` moves behind the closing one.
  Result<Ref<Str>> string(Word& at) {
    const Word begin = at - 1;
    // Without escapes it is a piece of the text.
    Word end = at;
    while (end < length_ && is_plain(view_[end])) ++end;
    if (end < length_ && view_[end] == '"') {
      Word start = at;
      at = end + 1;
      return str_substring(thread_, text_, start, end);
    }
    StrBuilder out(thread_);
    for (;;) {
      Word run = at;
      while (at < length_ && is_plain(view_[at])) ++at;
      TRY(out.append(narrow(run, at)));
      if (at >= length_)
        return raise_decode(thread_, "Unterminated string starting at", text_, begin);
      char32_t c = view_[at];
      if (c == '"') {
        ++at;
        return out.finish();
      }
      if (c != '\\') {
        if (strict_) return raise_decode(thread_, "Invalid control character at", text_, at);
        TRY(out.append(c));
        ++at;
        continue;
      }
      if (++at == length_)
        return raise_decode(thread_, "Unterminated string starting at", text_, begin);
      c = TRY(escape(at));
      TRY(out.append(c));
    }
  }

 protected:
  static bool is_plain(char32_t c) { return c != '"' && c != '\\' && c >= 0x20; }
  StrView narrow(Word start, Word stop) const { return view_slice(view_, start, stop); }

  // The four digits at `at`, or -1.
  int32_t hex_digits(Word at) const {
    int32_t code = 0;
    for (Word i = at; i < at + 4; ++i) {
      char32_t c = view_[i];
      int digit = c >= '0' && c <= '9'   ? static_cast<int>(c - '0')
                  : c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a') + 10
                  : c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A') + 10
                                         : -1;
      if (digit < 0) return -1;
      code = code * 16 + digit;
    }
    return code;
  }

  // What the escape stands for whose backslash is before `at`.
  Result<char32_t> escape(Word& at) {
    char32_t c = view_[at++];
    switch (c) {
      case '"':
      case '\\':
      case '/': return c;
      case 'b': return U'\b';
      case 'f': return U'\f';
      case 'n': return U'\n';
      case 'r': return U'\r';
      case 't': return U'\t';
      case 'u': break;
      default: return raise_decode(thread_, "Invalid \\escape", text_, at - 2);
    }
    if (at + 4 > length_) return raise_decode(thread_, "Invalid \\uXXXX escape", text_, at - 1);
    int32_t code = hex_digits(at);
    if (code < 0) return raise_decode(thread_, "Invalid \\uXXXX escape", text_, at - 1);
    at += 4;
    if (code >= 0xd800 && code < 0xdc00 && at + 6 < length_ && view_[at] == '\\' &&
        view_[at + 1] == 'u') {
      int32_t second = hex_digits(at + 2);
      if (second < 0) return raise_decode(thread_, "Invalid \\uXXXX escape", text_, at + 1);
      if (second >= 0xdc00 && second < 0xe000) {
        at += 6;
        return static_cast<char32_t>(0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00));
      }
    }
    return static_cast<char32_t>(code);
  }

  Thread& thread_;
  Borrowed<Str> text_;
  StrView view_;
  Word length_;
  bool strict_;
};

class ValueReader : public Reader {
 public:
  ValueReader(Thread& thread, Borrowed<Str> text, Borrowed<Scanner> scanner)
      : Reader(thread, text, scanner->strict), scanner_(scanner) {}

  AnyResult value(Word& at) {
    if (at >= length_) return raise_no_value(thread_, at);
    switch (view_[at]) {
      case '"': ++at; return string(at);
      case '{': {
        TRY_RECURSION(thread_, " while decoding a JSON object from a unicode string");
        ++at;
        return object(at);
      }
      case '[': {
        TRY_RECURSION(thread_, " while decoding a JSON array from a unicode string");
        ++at;
        return array(at);
      }
      case 'n':
        if (word(at, "null")) return AnyRef::adopt(kNone);
        break;
      case 't':
        if (word(at, "true")) return AnyRef::adopt(kTrue);
        break;
      case 'f':
        if (word(at, "false")) return AnyRef::adopt(kFalse);
        break;
      case 'N':
        if (word(at, "NaN")) return constant("NaN");
        break;
      case 'I':
        if (word(at, "Infinity")) return constant("Infinity");
        break;
      case '-':
        if (word(at, "-Infinity")) return constant("-Infinity");
        break;
      default: break;
    }
    return number(at);
  }

 private:
  char32_t at_or_zero(Word at) const { return at < length_ ? view_[at] : 0; }
  bool word(Word& at, std::string_view expected) const {
    Word size = static_cast<Word>(expected.size());
    if (length_ - at < size) return false;
    for (Word i = 0; i < size; ++i) {
      if (view_[at + i] != static_cast<unsigned char>(expected[static_cast<size_t>(i)]))
        return false;
    }
    at += size;
    return true;
  }
  void skip_space(Word& at) const {
    while (at < length_ &&
           (view_[at] == ' ' || view_[at] == '\t' || view_[at] == '\n' || view_[at] == '\r'))
      ++at;
  }
  AnyResult constant(const char* name) {
    Ref<Str> text = TRY(str_from_ascii(thread_, name));
    return call(thread_, scanner_->parse_constant.borrow(), {text.value()});
  }

  AnyResult number(Word& at) {
    const Word start = at;
    auto digit = [&](Word i) { return i < length_ && view_[i] >= '0' && view_[i] <= '9'; };
    Word end = start + (view_[start] == '-');
    if (!digit(end)) return raise_no_value(thread_, start);
    if (view_[end] == '0')
      ++end;
    else
      while (digit(end)) ++end;
    bool real = false;
    if (at_or_zero(end) == '.' && digit(end + 1)) {
      real = true;
      end += 2;
      while (digit(end)) ++end;
    }
    if (at_or_zero(end) == 'e' || at_or_zero(end) == 'E') {
      Word behind = end + 1;
      if (at_or_zero(behind) == '+' || at_or_zero(behind) == '-') ++behind;
      if (digit(behind)) {
        real = true;
        while (digit(behind)) ++behind;
        end = behind;
      }
    }
    at = end;
    Any parse = real ? scanner_->parse_float.borrow() : scanner_->parse_int.borrow();
    if (!parse.is(Any(Value(real ? TYPE(float) : TYPE(int))))) {
      Ref<Str> digits = TRY(str_substring(thread_, text_, start, end));
      return call(thread_, parse, {digits.value()});
    }
    if (!real && end - start <= 18) {
      Word i = start + (view_[start] == '-'), magnitude = 0;
      for (; i < end; ++i) magnitude = magnitude * 10 + static_cast<Word>(view_[i] - '0');
      return AnyRef::adopt(small_int(view_[start] == '-' ? -magnitude : magnitude));
    }
    Ref<Str> digits = TRY(str_substring(thread_, text_, start, end));
    if (!real) return int_parse(thread_, digits->view().text(), 10);
    double parsed;
    if (!float_scan(digits->view().text(), parsed)) return raise_memory_error(thread_);
    return float_from_double(thread_, parsed);
  }

  // After the opening bracket.
  AnyResult array(Word& at) {
    Ref<List> items = TRY(list_create(thread_));
    skip_space(at);
    if (at_or_zero(at) == ']') {
      ++at;
      return items;
    }
    for (;;) {
      AnyRef item = TRY(value(at));
      TRY(list_append(thread_, items, std::move(item)));
      skip_space(at);
      if (at_or_zero(at) == ']') {
        ++at;
        return items;
      }
      if (at_or_zero(at) != ',') return raise_decode(thread_, "Expecting ',' delimiter", text_, at);
      Word comma = at++;
      skip_space(at);
      if (at_or_zero(at) == ']')
        return raise_decode(thread_, "Illegal trailing comma before end of array", text_, comma);
    }
  }

  // After the opening brace.
  AnyResult object(Word& at) {
    bool pairs = !scanner_->object_pairs_hook.borrow().is_none();
    AnyRef made = pairs ? AnyRef(TRY(list_create(thread_))) : AnyRef(TRY(dict_create(thread_)));
    skip_space(at);
    if (at_or_zero(at) == '}') {
      ++at;
    } else {
      for (;;) {
        if (at_or_zero(at) != '"') {
          return raise_decode(thread_, "Expecting property name enclosed in double quotes", text_,
                              at);
        }
        ++at;
        Ref<Str> name = TRY(string(at));
        AnyRef key = TRY(shared_key(std::move(name)));
        skip_space(at);
        if (at_or_zero(at) != ':')
          return raise_decode(thread_, "Expecting ':' delimiter", text_, at);
        ++at;
        skip_space(at);
        AnyRef item = TRY(value(at));
        if (pairs) {
          Value words[2] = {key.release(), item.release()};
          Ref<Tuple> pair = TRY(tuple_adopt(thread_, words, 2));
          TRY(list_append(thread_, Borrowed<List>(made.value()), std::move(pair)));
        } else {
          TRY(dict_set(thread_, Borrowed<Dict>(made.value()), key, item));
        }
        skip_space(at);
        if (at_or_zero(at) == '}') {
          ++at;
          break;
        }
        if (at_or_zero(at) != ',')
          return raise_decode(thread_, "Expecting ',' delimiter", text_, at);
        Word comma = at++;
        skip_space(at);
        if (at_or_zero(at) == '}')
          return raise_decode(thread_, "Illegal trailing comma before end of object", text_, comma);
      }
    }
    if (pairs) return call(thread_, scanner_->object_pairs_hook.borrow(), {made.value()});
    if (!scanner_->object_hook.borrow().is_none())
      return call(thread_, scanner_->object_hook.borrow(), {made.value()});
    return made;
  }

  // Equal keys of one text are one object.
  AnyResult shared_key(Ref<Str> name) {
    if (!memo_) memo_ = Maybe<Ref<Dict>>(TRY(dict_create(thread_)));
    return dict_setdefault(thread_, memo_.borrow(), name, name);
  }

  Borrowed<Scanner> scanner_;
  Maybe<Ref<Dict>> memo_;
};

AnyResult scanner_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"context"};
  Value given[1];
  if (!bind_new(thread, {"make_scanner", names, 1, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  Any context(given[0]);
  AnyRef strict = TRY(get_attr(thread, context, NAME("strict")));
  bool is_strict = TRY(is_true(thread, strict));
  AnyRef object_hook = TRY(get_attr(thread, context, NAME("object_hook")));
  AnyRef object_pairs_hook = TRY(get_attr(thread, context, NAME("object_pairs_hook")));
  AnyRef parse_float = TRY(get_attr(thread, context, NAME("parse_float")));
  AnyRef parse_int = TRY(get_attr(thread, context, NAME("parse_int")));
  AnyRef parse_constant = TRY(get_attr(thread, context, NAME("parse_constant")));
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<Scanner*>(made.get());
  self->strict = is_strict;
  slot_init(self, self->object_hook, std::move(object_hook));
  slot_init(self, self->object_pairs_hook, std::move(object_pairs_hook));
  slot_init(self, self->parse_float, std::move(parse_float));
  slot_init(self, self->parse_int, std::move(parse_int));
  slot_init(self, self->parse_constant, std::move(parse_constant));
  return made;
}

AnyResult scanner_call(Thread& thread, Borrowed<Scanner> self, const Arguments& arguments) {
  static const char* const names[] = {"string", "idx"};
  Value given[2];
  if (!bind_new(thread, {"scan_once", names, 2, 0, 2, TooMany::takes}, arguments, given))
    return Raised{};
  if (!is_str(given[0])) {
    return raise<TypeError>(thread, "first argument must be a string, not {}",
                            type_name_of(thread, given[0]));
  }
  AnyRef index = TRY(to_index(thread, Any(given[1])));
  Word at = TRY(int_word(thread, index.value()));
  if (at < 0) return raise<ValueError>(thread, "idx cannot be negative");
  ValueReader reader(thread, Borrowed<Str>(given[0]), self);
  AnyRef found = TRY(reader.value(at));
  return tuple_of(thread, {found.value(), small_int(at)});
}

AnyResult json_scanstring(Thread& thread, Any text, Word end, bool strict) {
  if (!is_str(text))
    return raise<TypeError>(thread, "first argument must be a string, not {}", type_name_in(text));
  Borrowed<Str> source(text.value());
  if (end < 0 || end > source->length()) return raise<ValueError>(thread, "end is out of bounds");
  Reader reader(thread, source, strict);
  Ref<Str> found = TRY(reader.string(end));
  return tuple_of(thread, {found.value(), small_int(end)});
}

// text between quotes; ascii_only: everything else by its number.
Result<void> append_quoted(StrBuilder& out, StrView view, bool ascii_only) {
  TRY(out.append('"'));
  Word done = 0;
  auto by_number = [&](char32_t unit) {
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\',
                    'u',
                    digits[unit >> 12 & 15],
                    digits[unit >> 8 & 15],
                    digits[unit >> 4 & 15],
                    digits[unit & 15]};
    return out.append(std::string_view(text, 6));
  };
  for (Word i = 0; i < view.length; ++i) {
    char32_t c = view[i];
    if (c >= 0x20 && c != '"' && c != '\\' && (!ascii_only || c < 0x7f)) continue;
    TRY(out.append(view_slice(view, done, i)));
    done = i + 1;
    switch (c) {
      case '"': TRY(out.append("\\\"")); break;
      case '\\': TRY(out.append("\\\\")); break;
      case '\b': TRY(out.append("\\b")); break;
      case '\f': TRY(out.append("\\f")); break;
      case '\n': TRY(out.append("\\n")); break;
      case '\r': TRY(out.append("\\r")); break;
      case '\t': TRY(out.append("\\t")); break;
      default:
        if (c >= 0x10000) {
          TRY(by_number(0xd800 + ((c - 0x10000) >> 10)));
          c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        TRY(by_number(c));
    }
  }
  TRY(out.append(view_slice(view, done, view.length)));
  return out.append('"');
}
AnyResult quoted(Thread& thread, Any value, bool ascii_only) {
  if (!is_str(value))
    return raise<TypeError>(thread, "first argument must be a string, not {}", type_name_in(value));
  StrBuilder out(thread);
  TRY(append_quoted(out, Borrowed<Str>(value.value())->view(), ascii_only));
  return out.finish();
}
AnyResult json_encode_basestring_ascii(Thread& thread, Any string) {
  return quoted(thread, string, true);
}
AnyResult json_encode_basestring(Thread& thread, Any string) {
  return quoted(thread, string, false);
}

const Layout scanner_layout{
    "_json.Scanner", sizeof(Scanner), true,
    trace_fields<Scanner, &Scanner::object_hook, &Scanner::object_pairs_hook, &Scanner::parse_float,
                 &Scanner::parse_int, &Scanner::parse_constant>,
    nullptr};
template <auto field>
AnyResult scanner_field(Thread& thread, Borrowed<Scanner> self) {
  return share(thread, (self.get()->*field).borrow());
}
Value scanner_strict(Thread&, Borrowed<Scanner> self) { return bool_value(self->strict); }
const GetSet scanner_getsets[] = {
    getter<scanner_strict>("strict", "strict"),
    getter<scanner_field<&Scanner::object_hook>>("object_hook", "object_hook"),
    getter<scanner_field<&Scanner::object_pairs_hook>>("object_pairs_hook"),
    getter<scanner_field<&Scanner::parse_float>>("parse_float", "parse_float"),
    getter<scanner_field<&Scanner::parse_int>>("parse_int", "parse_int"),
    getter<scanner_field<&Scanner::parse_constant>>("parse_constant", "parse_constant"),
};
const SlotEntry scanner_slots[] = {
    slot<SlotId::new_, scanner_new>(),
    slot<SlotId::call, scanner_call>(),
};
const TypeSpec scanner_spec{
    .name = "_json.Scanner",
    .doc = "JSON scanner object",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &scanner_layout,
    .slots = scanner_slots,
    .getsets = scanner_getsets,
};

constexpr Method json_functions[] = {
    function<json_scanstring>("scanstring(string, end, strict=True, /)",
                              "Read the JSON string whose opening quote stands before end.\n\n"
                              "Returns the str and the index behind the closing quote."),
    function<json_encode_basestring_ascii>(
        "encode_basestring_ascii(string, /)",
        "Return an ASCII-only JSON representation of a Python string"),
    function<json_encode_basestring>("encode_basestring(string, /)",
                                     "Return a JSON representation of a Python string"),
};

// ---- writing ------------------------------------------------------------------------------------

}  // namespace

struct Encoder : Object {
  Field<Object> markers, default_function, encoder, indent, key_separator, item_separator;
  bool sort_keys, skip_keys, allow_nan;
};

namespace {

class Writer {
 public:
  Writer(Thread& thread, Borrowed<Encoder> encoder)
      : thread_(thread), encoder_(encoder), out_(thread) {
    Value function = encoder->encoder.raw();
    if (is_exact(function, SHAPE(builtin_function_or_method))) {
      const Method* method = static_cast<NativeFunction*>(function.object())->info->method;
      if (method == &json_functions[1]) quoting_ = Quoting::ascii;
      if (method == &json_functions[2]) quoting_ = Quoting::plain;
    }
  }
  Result<Ref<Str>> finish() { return out_.finish(); }

  Result<void> write(Any value, Word level) {
    Value word = value;
    if (word.is_int()) return append_int(out_, small_int_value(word));
    if (is_str(word)) return write_str(value);
    if (word.is_none()) return out_.append("null");
    if (word.is_bool()) return out_.append(word.is_true() ? "true" : "false");
    if (is_int(word)) {
      Ref<Str> digits = TRY(int_to_str(thread_, word, 10));
      return out_.append(digits.borrow());
    }
    if (is_float(word)) {
      Ref<Str> text = TRY(float_text_of(word));
      return out_.append(text.borrow());
    }
    TRY_RECURSION(thread_, " while encoding a JSON object");
    if (is_list(word) || is_tuple(word)) return write_list(value, level);
    if (is_dict(word)) return write_dict(value, level);
    AnyRef marker = TRY(mark(value));
    AnyRef other = TRY(call(thread_, encoder_->default_function.borrow(), {word}));
    if (write(other, level).raised()) {
      Ref<Str> type = full_type_name(thread_, value);
      add_pending_note(thread_, "when serializing {} object", {FormatArgument(type)});
      return Raised{};
    }
    return unmark(marker);
  }

 private:
  Result<void> write_str(Any text) {
    if (quoting_ != Quoting::by_call)
      return append_quoted(out_, Borrowed<Str>(text.value())->view(), quoting_ == Quoting::ascii);
    AnyRef encoded = TRY(call(thread_, encoder_->encoder.borrow(), {text.value()}));
    if (!is_str(encoded.value())) {
      return raise<TypeError>(thread_, "encoder() must return a string, not {}",
                              type_name_in(encoded.borrow()));
    }
    return out_.append(Borrowed<Str>(encoded.value()));
  }
  Result<Ref<Str>> float_text_of(Value value) {
    double number = float_value(value);
    if (std::isfinite(number)) return float_repr(thread_, number);
    if (!encoder_->allow_nan) {
      return raise<ValueError>(thread_, "Out of range float values are not JSON compliant: {}",
                               repr_of(Any(value)));
    }
    return str_from_ascii(thread_, std::isnan(number) ? "NaN"
                                   : number > 0       ? "Infinity"
                                                      : "-Infinity");
  }

  // Containers being written are in `markers`, by identity; None: nobody wants to know. Gives the
  // key to unmark().
  AnyResult mark(Any container) {
    Any markers = encoder_->markers.borrow();
    if (markers.is_none()) return AnyRef::adopt(kNone);
    AnyRef key = AnyRef::adopt(small_int(static_cast<Word>(container.value().bits >> 1)));
    if (TRY(dict_contains(thread_, Borrowed<Dict>(markers.value()), key))) {
      return raise<ValueError>(thread_, "Circular reference detected");
    }
    TRY(dict_set(thread_, Borrowed<Dict>(markers.value()), key, container));
    return key;
  }
  Result<void> unmark(Any key) {
    if (key.is_none()) return {};
    (void)TRY(dict_delete(thread_, Borrowed<Dict>(encoder_->markers.borrow().value()), key));
    return {};
  }

  Result<void> new_line(Word level) {
    Any indent = encoder_->indent.borrow();
    if (indent.is_none()) return {};
    TRY(out_.append('\n'));
    for (Word i = 0; i < level; ++i) TRY(out_.append(Borrowed<Str>(indent.value())));
    return {};
  }

  Result<void> write_list(Any list, Word level) {
    if (TRY(length(thread_, list)) == 0) return out_.append("[]");
    AnyRef marker = TRY(mark(list));
    TRY(out_.append('['));
    TRY(new_line(level + 1));
    ItemLoop loop(thread_);
    TRY(loop.begin(list));
    for (Word i = 0;; ++i) {
      Step step = loop.next();
      if (step.raised()) return Raised{};
      if (step.is_done()) break;
      AnyRef item = step.take();
      if (i > 0) {
        TRY(out_.append(Borrowed<Str>(encoder_->item_separator.borrow().value())));
        TRY(new_line(level + 1));
      }
      if (write(item, level + 1).raised()) {
        Ref<Str> type = full_type_name(thread_, list);
        add_pending_note(thread_, "when serializing {} item {}",
                         {FormatArgument(type), FormatArgument(i)});
        return Raised{};
      }
    }
    TRY(unmark(marker));
    TRY(new_line(level));
    return out_.append(']');
  }

  // The text of a key; None when it is to be left out.
  AnyResult key_text(Any key) {
    Value word = key;
    if (is_str(word)) return share(thread_, key);
    if (is_float(word)) return float_text_of(word);
    if (word.is_bool()) return str_from_ascii(thread_, word.is_true() ? "true" : "false");
    if (word.is_none()) return str_from_ascii(thread_, "null");
    if (is_int(word)) return int_to_str(thread_, word, 10);
    if (encoder_->skip_keys) return AnyRef::adopt(kNone);
    return raise<TypeError>(thread_, "keys must be str, int, float, bool or None, not {}",
                            type_name_in(key));
  }
  Result<void> write_item(Any dict, Any key, Any value, bool& first, Word level) {
    AnyRef text = TRY(key_text(key));
    if (text.value().is_none()) return {};
    if (!first) TRY(out_.append(Borrowed<Str>(encoder_->item_separator.borrow().value())));
    first = false;
    TRY(new_line(level + 1));
    TRY(write_str(text));
    TRY(out_.append(Borrowed<Str>(encoder_->key_separator.borrow().value())));
    if (!write(value, level + 1).raised()) return {};
    Ref<Str> type = full_type_name(thread_, dict);
    add_pending_note(thread_, "when serializing {} item {}",
                     {FormatArgument(type), FormatArgument(repr_of(key))});
    return Raised{};
  }

  Result<void> write_dict(Any dict, Word level) {
    Borrowed<Dict> source(dict.value());
    if (dict_size(source) == 0) return out_.append("{}");
    AnyRef marker = TRY(mark(dict));
    TRY(out_.append('{'));
    bool first = true;
    if (encoder_->sort_keys || !is_exact(dict, SHAPE(dict))) {
      AnyRef view = TRY(call_method(thread_, dict, NAME("items"), {}));
      AnyRef items = TRY(sequence_list(thread_, view));
      if (encoder_->sort_keys) TRY(list_sort(thread_, Borrowed<List>(items.value()), kNone, false));
      ItemLoop loop(thread_);
      TRY(loop.begin(items));
      for (;;) {
        Step step = loop.next();
        if (step.raised()) return Raised{};
        if (step.is_done()) break;
        AnyRef item = step.take();
        if (!is_tuple(item.value()) || static_cast<Tuple*>(item.get())->size != 2) {
          return raise<ValueError>(thread_, "items must return 2-tuples");
        }
        TRY(write_item(dict, static_cast<Tuple*>(item.get())->item(0),
                       static_cast<Tuple*>(item.get())->item(1), first, level));
      }
    } else {
      Word position = 0;
      Value key, value;
      while (dict_walk(thread_, source, position, DictOrder::forward, &key, &value)) {
        AnyRef owned_key = AnyRef::adopt(key), owned_value = AnyRef::adopt(value);
        TRY(write_item(dict, owned_key, owned_value, first, level));
      }
    }
    TRY(unmark(marker));
    if (!first) TRY(new_line(level));
    return out_.append('}');
  }

  enum class Quoting : uint8_t { by_call, ascii, plain };
  Thread& thread_;
  Borrowed<Encoder> encoder_;
  StrBuilder out_;
  Quoting quoting_ = Quoting::by_call;
};

AnyResult encoder_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"markers",   "default",       "encoder",
                                      "indent",    "key_separator", "item_separator",
                                      "sort_keys", "skipkeys",      "allow_nan"};
  Value given[9];
  if (!bind_new(thread, {"make_encoder", names, 9, 0, 9, TooMany::takes}, arguments, given))
    return Raised{};
  if (!given[0].is_none() && !is_dict(given[0])) {
    return raise<TypeError>(thread, "make_encoder() argument 1 must be dict or None, not {}",
                            type_name_of(thread, given[0]));
  }
  if (!given[3].is_none() && !is_str(given[3])) {
    return raise<TypeError>(thread, "make_encoder() argument 4 must be str or None, not {}",
                            type_name_of(thread, given[3]));
  }
  for (size_t i = 4; i < 6; ++i) {
    if (!is_str(given[i])) {
      return raise<TypeError>(thread, "make_encoder() argument {} must be str, not {}", i + 1,
                              type_name_of(thread, given[i]));
    }
  }
  bool sort_keys = TRY(is_true(thread, Any(given[6]))),
       skip_keys = TRY(is_true(thread, Any(given[7])));
  bool allow_nan = TRY(is_true(thread, Any(given[8])));
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<Encoder*>(made.get());
  self->sort_keys = sort_keys;
  self->skip_keys = skip_keys;
  self->allow_nan = allow_nan;
  Field<Object>* fields[] = {&self->markers, &self->default_function, &self->encoder,
                             &self->indent,  &self->key_separator,    &self->item_separator};
  for (size_t i = 0; i < 6; ++i) slot_init(self, *fields[i], share(thread, Any(given[i])));
  return made;
}

AnyResult encoder_call(Thread& thread, Borrowed<Encoder> self, const Arguments& arguments) {
  static const char* const names[] = {"obj", "_current_indent_level"};
  Value given[2];
  if (!bind_new(thread, {"_iterencode", names, 2, 0, 2, TooMany::takes}, arguments, given))
    return Raised{};
  AnyRef index = TRY(to_index(thread, Any(given[1])));
  Word level = TRY(int_word(thread, index.value()));
  Writer writer(thread, self);
  TRY(writer.write(Any(given[0]), level < 0 ? 0 : level));
  Ref<Str> text = TRY(writer.finish());
  return tuple_of(thread, {text.value()});
}

const Layout encoder_layout{
    "_json.Encoder", sizeof(Encoder), true,
    trace_fields<Encoder, &Encoder::markers, &Encoder::default_function, &Encoder::encoder,
                 &Encoder::indent, &Encoder::key_separator, &Encoder::item_separator>,
    nullptr};
template <auto field>
AnyResult encoder_field(Thread& thread, Borrowed<Encoder> self) {
  return share(thread, (self.get()->*field).borrow());
}
const GetSet encoder_getsets[] = {
    getter<encoder_field<&Encoder::markers>>("markers", "markers"),
    getter<encoder_field<&Encoder::default_function>>("default", "default"),
    getter<encoder_field<&Encoder::encoder>>("encoder", "encoder"),
    getter<encoder_field<&Encoder::indent>>("indent", "indent"),
    getter<encoder_field<&Encoder::key_separator>>("key_separator", "key_separator"),
    getter<encoder_field<&Encoder::item_separator>>("item_separator", "item_separator"),
};
const SlotEntry encoder_slots[] = {
    slot<SlotId::new_, encoder_new>(),
    slot<SlotId::call, encoder_call>(),
};
const TypeSpec encoder_spec{
    .name = "_json.Encoder",
    .doc =
        "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, "
        "skipkeys, allow_nan)",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &encoder_layout,
    .slots = encoder_slots,
    .getsets = encoder_getsets,
};

Result<void> json_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(module_set(thread, module, "make_scanner", Value(scanner_type.type)));
  return module_set(thread, module, "make_encoder", Value(encoder_type.type));
}

const ModuleType json_types[] = {{&scanner_spec, &scanner_type}, {&encoder_spec, &encoder_type}};

}  // namespace

extern const ModuleSpec _json_module;
const ModuleSpec _json_module{
    .name = "_json",
    .doc = "json speedups\n",
    .functions = json_functions,
    .types = json_types,
    .initialize = json_initialize,
};

}  // namespace dx
