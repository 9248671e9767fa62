// str as Python sees it: construction, slots, the table of methods. The methods' bodies:
// str_find.cpp (searching, splitting, stripping), str_case.cpp (case, classes, padding,
// translation), str_format.cpp and percent.cpp (formatting).

#include <atomic>
#include <cstring>

#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/buffer.h"
#include "objects/codecs.h"
#include "objects/container_support.h"
#include "objects/errors.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/slice.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"
#include "objects/unicode_data.h"

namespace dx {

// ---- construction -------------------------------------------------------------------------------
static void str_destroy(Thread& thread, Object* object) {
  Str* text = static_cast<Str*>(object);
  if (text->interned()) intern_forget(text);
  if (!text->ascii()) {
    Utf8Cache* cache = str_utf8_slot(text).load(std::memory_order_acquire);
    if (cache != nullptr) free_buffer(thread, cache);
  }
}

// An instance of a subclass with the characters of text. Requires: type is not str itself.
static AnyResult str_subclass_instance(Thread& thread, Borrowed<Type> type, Borrowed<Str> text) {
  StrView view = text->view();
  size_t unit = static_cast<size_t>(view.kind);
  size_t bytes = sizeof(Str) + (view.ascii ? 0 : sizeof(void*)) +
                 (static_cast<size_t>(view.length) + 1) * unit;
  AnyRef made = TRY(allocate_instance_sized(thread, type, bytes));
  Str* copy = static_cast<Str*>(made.borrow().object());
  copy->length_and_state = text->length_and_state & ~Str::kInterned;
  memcpy(str_data(copy), view.data,
         static_cast<size_t>(view.length) * unit);  // the NUL is there: payloads are zeroed
  return made;
}

static AnyResult str_from_arguments(Thread& thread, const Value* given) {
  if (!given[0]) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  if (!given[1] && !given[2]) return str(thread, Any(given[0]));
  for (int i = 1; i < 3; ++i) {
    if (given[i] && !is_str(given[i])) {
      return raise<TypeError>(thread, "str() argument '{}' must be str, not {}",
                              i == 1 ? "encoding" : "errors", type_name_in(Any(given[i])));
    }
  }
  return decode_object(thread, Any(given[0]), Maybe<Borrowed<Str>>(given[1]),
                       Maybe<Borrowed<Str>>(given[2]));
}

static AnyResult str_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"object", "encoding", "errors"};
  if (arguments.count == 1 && !arguments.names && type.get() == TYPE(str))
    return str(thread, arguments[0]);
  Value given[3];
  if (!bind_new(thread, {"str", names, 3, 0, 0, TooMany::expected}, arguments, given))
    return Raised{};
  AnyRef text = TRY(str_from_arguments(thread, given));
  if (type.get() == TYPE(str)) return text;
  return str_subclass_instance(thread, type, Borrowed<Str>(text.value()));
}

// ---- text ---------------------------------------------------------------------------------------
Result<void> append_escaped(StrBuilder& builder, char32_t c) {
  static const char digits[] = "0123456789abcdef";
  char text[10] = {'\\', c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U'};
  int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  for (int i = 0; i < width; ++i) text[2 + i] = digits[(c >> (4 * (width - 1 - i))) & 15];
  return builder.append(std::string_view(text, static_cast<size_t>(width) + 2));
}

// ASCII that repr() shows as it is, between single quotes.
static bool is_plain(StrView view) {
  if (!view.ascii) return false;
  auto* chars = static_cast<const uint8_t*>(view.data);
  uint8_t special = 0;
  for (Word i = 0; i < view.length; ++i) {
    uint8_t c = chars[i];
    special |= static_cast<uint8_t>((c < 0x20) | (c == 0x7f) | (c == '\'') | (c == '\\'));
  }
  return !special;
}

Result<void> append_repr(Thread& thread, StrBuilder& out, Any value) {
  if (value.value().is_int()) return append_int(out, small_int_value(value));
  if (is_exact(value, SHAPE(str)) && is_plain(Borrowed<Str>(value.value())->view())) {
    TRY(out.append('\''));
    TRY(out.append(Borrowed<Str>(value.value())));
    return out.append('\'');
  }
  Ref<Str> shown = TRY(repr(thread, value));
  return out.append(shown.borrow());
}

Result<Ref<Str>> str_repr(Thread& thread, Borrowed<Str> self) {
  StrView view = self->view();
  if (is_plain(view)) {
    Ref<Str> text = TRY(str_create(thread, view.length + 2, 0x7f));
    char* out = static_cast<char*>(str_data(text.get()));
    out[0] = out[view.length + 1] = '\'';
    copy_bytes(out + 1, view.data, static_cast<size_t>(view.length));
    return text;
  }
  bool single = false, twin = false;
  for (Word i = 0; i < view.length; ++i) {
    single |= view[i] == '\'';
    twin |= view[i] == '"';
  }
  char32_t quote = single && !twin ? '"' : '\'';
  StrBuilder builder(thread);
  TRY(builder.append(quote));
  Word done = 0;
  auto flush = [&](Word to) { return builder.append(view_slice(view, done, to)); };
  for (Word i = 0; i < view.length; ++i) {
    char32_t c = view[i];
    const char* escape = nullptr;
    if (c == quote)
      escape = quote == '\'' ? "\\'" : "\\\"";
    else if (c == '\\')
      escape = "\\\\";
    else if (c == '\n')
      escape = "\\n";
    else if (c == '\r')
      escape = "\\r";
    else if (c == '\t')
      escape = "\\t";
    else if (c >= 0x20 && c < 0x7f)
      continue;
    else if (c >= 0x80 && unicode_is(c, kUnicode_printable))
      continue;
    TRY(flush(i));
    done = i + 1;
    if (escape) {
      TRY(builder.append(std::string_view(escape)));
    } else {
      TRY(append_escaped(builder, c));
    }
  }
  TRY(flush(view.length));
  TRY(builder.append(quote));
  return builder.finish();
}

static Result<Ref<Str>> str_str(Thread& thread, Borrowed<Str> self) {
  return str_exact(thread, self);
}

static Result<Word> str_hash_slot(Thread&, Borrowed<Str> self) {
  return static_cast<Word>(str_hash(self));
}

// ---- comparison ---------------------------------------------------------------------------------
template <class F>
static Value compare_with(Borrowed<Str> self, Any other, F verdict) {
  if (!is_str(other)) return kNotImplemented;
  return bool_value(verdict(self.get() == other.object()
                                ? 0
                                : str_compare(self->view(), Borrowed<Str>(other.value())->view())));
}
static Value str_lt(Borrowed<Str> self, Any other) {
  return compare_with(self, other, [](int c) { return c < 0; });
}
static Value str_le(Borrowed<Str> self, Any other) {
  return compare_with(self, other, [](int c) { return c <= 0; });
}
static Value str_gt(Borrowed<Str> self, Any other) {
  return compare_with(self, other, [](int c) { return c > 0; });
}
static Value str_ge(Borrowed<Str> self, Any other) {
  return compare_with(self, other, [](int c) { return c >= 0; });
}
static Value str_eq(Borrowed<Str> self, Any other) {
  return is_str(other) ? bool_value(str_equal(self, Borrowed<Str>(other.value())))
                       : kNotImplemented;
}
static Value str_ne(Borrowed<Str> self, Any other) {
  return is_str(other) ? bool_value(!str_equal(self, Borrowed<Str>(other.value())))
                       : kNotImplemented;
}

// ---- sequence -----------------------------------------------------------------------------------
static Word str_len(Borrowed<Str> self) { return self->length(); }

static AnyResult str_getitem(Thread& thread, Borrowed<Str> self, Any key) {
  if (is_slice(key)) {
    SliceRange range =
        slice_apply(TRY(slice_bounds(thread, Borrowed<Slice>(key.value()))), self->length());
    if (range.count <= 0) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
    if (range.step == 1) return str_substring(thread, self, range.start, range.start + range.count);
    StrView view = self->view();
    char32_t widest = 0;
    for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) widest |= view[at];
    if (range.count == 1) return str_from_char(thread, view[range.start]);
    Ref<Str> text = TRY(str_create(thread, range.count, widest));
    visit_chars(text->kind(), str_data(text.get()), [&](auto* chars) {
      for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) {
        chars[i] = static_cast<std::remove_reference_t<decltype(*chars)>>(view[at]);
      }
    });
    return text;
  }
  Word index;
  if (key.value().is_int()) {
    index = small_int_value(key);
  } else {
    if (!has_index(key)) {
      return raise<TypeError>(thread, "string indices must be integers, not '{}'",
                              type_name_in(key));
    }
    index = TRY(index_word(thread, key));
  }
  Word length = self->length();
  if (index < 0) index += length;
  if (index < 0 || index >= length) return raise<IndexError>(thread, "string index out of range");
  return str_from_char(thread, self->view()[index]);
}

static Result<bool> str_contains(Thread& thread, Borrowed<Str> self, Any item) {
  if (!is_str(item)) {
    return raise<TypeError>(thread, "'in <string>' requires string as left operand, not {}",
                            type_name_in(item));
  }
  return str_find(self->view(), Borrowed<Str>(item.value())->view(), 0, self->length()) >= 0;
}

static AnyResult str_add(Thread& thread, Borrowed<Str> self, Any other) {
  if (!is_str(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can only concatenate str (not \"{}\") to str",
                            type_name_in(other));
  }
  Borrowed<Str> right(other.value());
  if (self->length() > kMaxStrLength - right->length()) {
    return raise<OverflowError>(thread, "strings are too large to concat");
  }
  return str_concat(thread, self, right);
}

Result<Ref<Str>> str_repeat(Thread& thread, Borrowed<Str> self, Word count) {
  StrView view = self->view();
  if (count <= 0 || view.length == 0) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  if (count == 1) return str_exact(thread, self);
  Word total;
  if (__builtin_mul_overflow(view.length, count, &total)) {
    return raise<OverflowError>(thread, "repeated string is too long");
  }
  Ref<Str> text = TRY(str_create(thread, total, view_widest(view)));
  if (view.length == 1) {
    fill_chars(view.kind, str_data(text.get()), 0, view[0], total);
    return text;
  }
  // Doubling what is there already: few large copies.
  char* data = static_cast<char*>(str_data(text.get()));
  size_t size = static_cast<size_t>(total) * static_cast<size_t>(view.kind);
  size_t filled = static_cast<size_t>(view.length) * static_cast<size_t>(view.kind);
  memcpy(data, view.data, filled);
  while (filled < size) {
    size_t step = filled < size - filled ? filled : size - filled;
    memcpy(data + filled, data, step);
    filled += step;
  }
  return text;
}

static AnyResult str_rmul(Thread& thread, Borrowed<Str> self, Any other) {
  if (other.value().is_int()) return str_repeat(thread, self, small_int_value(other));
  if (!has_index(other)) {
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  return str_repeat(thread, self, TRY(repeat_count(thread, other)));
}

static AnyResult str_mul(Thread& thread, Borrowed<Str> self, Any other) {
  if (!other.value().is_int()) {
    AnyRef answer = TRY(try_reflected<SlotId::rmul>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
  }
  return str_rmul(thread, self, other);
}

// ---- iteration ----------------------------------------------------------------------------------
struct StrIterator : Object {
  Field<Str> text;  // empty once exhausted
  std::atomic<Word> index;
};
TypeHandle str_iterator_type, str_ascii_iterator_type;

AnyResult str_iter(Thread& thread, Borrowed<Str> self) {
  Type* type = self->ascii() ? str_ascii_iterator_type : str_iterator_type;
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(type)));
  auto* iterator = static_cast<StrIterator*>(made.borrow().object());
  slot_init(iterator, iterator->text, Ref<Str>::share(thread, self));
  return made;
}

static AnyResult str_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Step str_iterator_next(Thread& thread, Any self) {
  auto* iterator = static_cast<StrIterator*>(self.object());
  if (__builtin_expect(is_mine(thread, iterator), 1)) {
    Maybe<Borrowed<Str>> text = iterator->text.maybe();
    if (!text) return Step::done();
    Word index = iterator->index.load(std::memory_order_relaxed);
    if (index < text->length()) {
      iterator->index.store(index + 1, std::memory_order_relaxed);
      char32_t c = text->view()[index];
      if (c < 0x100) return AnyRef::adopt(latin1_char(static_cast<uint8_t>(c)));  // immortal
      return TRY(str_from_char(thread, c));
    }
  }
  Maybe<Ref<Str>> text = field_load(thread, iterator, iterator->text);
  if (!text) return Step::done();
  Word index = iterator->index.load(std::memory_order_relaxed);
  if (index >= text->length()) {
    slot_clear(thread, iterator, iterator->text);
    return Step::done();
  }
  iterator->index.store(index + 1, std::memory_order_relaxed);
  return TRY(str_from_char(thread, text->view()[index]));
}

static Result<Word> str_iterator_length_hint(Thread& thread, Any self) {
  auto* iterator = static_cast<StrIterator*>(self.object());
  Maybe<Ref<Str>> text = field_load(thread, iterator, iterator->text);
  if (!text) return 0;
  Word left = text->length() - iterator->index.load(std::memory_order_relaxed);
  return left < 0 ? 0 : left;
}

static AnyResult str_iterator_reduce(Thread& thread, Any self) {
  auto* iterator = static_cast<StrIterator*>(self.object());
  Maybe<Ref<Str>> text = field_load(thread, iterator, iterator->text);
  if (!text) return reduce_with_builtin(thread, NAME("iter"), {Value(str_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {text.value()},
                             MaybeAny(small_int(iterator->index.load(std::memory_order_relaxed))));
}

static Result<void> str_iterator_setstate(Thread& thread, Any self, Word index) {
  auto* iterator = static_cast<StrIterator*>(self.object());
  Maybe<Ref<Str>> text = field_load(thread, iterator, iterator->text);
  if (!text) return {};
  iterator->index.store(index < 0                ? 0
                        : index > text->length() ? text->length()
                                                 : index,
                        std::memory_order_relaxed);
  return {};
}

static void str_iterator_trace(Object* object, SlotVisitor& visit) {
  visit(static_cast<StrIterator*>(object)->text);
}
static const Layout str_iterator_layout{
    "str_iterator", sizeof(StrIterator),        true, str_iterator_trace, nullptr,
    nullptr,        drop_by<str_iterator_trace>};
static const SlotEntry str_iterator_slots[] = {slot<SlotId::iter, str_iterator_iter>(),
                                               slot<SlotId::next, str_iterator_next>()};
constexpr Method str_iterator_methods[] = {
    method<str_iterator_length_hint>("__length_hint__()",
                                     "Private method returning an estimate of len(list(it))."),
    method<str_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<str_iterator_setstate>("__setstate__(state, /)",
                                  "Set state information for unpickling."),
};
extern const TypeSpec str_iterator_spec{.name = "str_iterator",
                                        .flags = kTypeDisallowNew,
                                        .layout = &str_iterator_layout,
                                        .slots = str_iterator_slots,
                                        .methods = str_iterator_methods};
extern const TypeSpec str_ascii_iterator_spec{.name = "str_ascii_iterator",
                                              .flags = kTypeDisallowNew,
                                              .layout = &str_iterator_layout,
                                              .slots = str_iterator_slots,
                                              .methods = str_iterator_methods};

// ---- methods ------------------------------------------------------------------------------------
static AnyResult join_items(Thread& thread, Borrowed<Str> self, const Value* items, Word count) {
  for (Word i = 0; i < count; ++i) {
    if (!is_str(items[i])) {
      return raise<TypeError>(thread, "sequence item {}: expected str instance, {} found", i,
                              type_name_in(items[i]));
    }
  }
  return str_join(thread, self, items, static_cast<size_t>(count));
}
static AnyResult str_join_method(Thread& thread, Borrowed<Str> self, Any iterable) {
  // Joining runs no Python, so that the items of a list nobody else can reach stay where they are.
  if (is_exact(iterable, SHAPE(list)) && is_mine(thread, iterable.object())) {
    ListBuffer* buffer =
        static_cast<List*>(iterable.object())->buffer.load(std::memory_order_relaxed);
    return join_items(thread, self, reinterpret_cast<const Value*>(buffer->values()),
                      buffer->length.load(std::memory_order_relaxed));
  }
  AnyRef items = TRY(sequence_tuple_for_join(thread, iterable));
  Borrowed<Tuple> tuple(items.value());
  return join_items(thread, self, reinterpret_cast<const Value*>(tuple->items()), tuple->size);
}

static AnyResult str_encode(Thread& thread, Borrowed<Str> self, Borrowed<Str> encoding,
                            Borrowed<Str> errors) {
  return encode_text(thread, self, encoding, errors);
}

static AnyResult str_getnewargs(Thread& thread, Borrowed<Str> self) {
  Ref<Str> copy = TRY(str_from_view(thread, self->view()));
  return tuple_of(thread, {copy.value()});
}

static Word str_sizeof(Borrowed<Str> self) {
  Word size = static_cast<Word>(sizeof(Str)) + (self->ascii() ? 0 : 8) +
              (self->length() + 1) * static_cast<Word>(self->kind());
  if (!self->ascii()) {
    if (Utf8Cache* cache = str_utf8_slot(self.get()).load(std::memory_order_acquire)) {
      size += static_cast<Word>(sizeof(Utf8Cache) + cache->size + 1);
    }
  }
  return size;
}

// ---- the type -----------------------------------------------------------------------------------
static const SlotEntry str_slots[] = {
    slot<SlotId::new_, str_new>(),
    slot<SlotId::repr, str_repr>(),
    slot<SlotId::hash, str_hash_slot>(),
    slot<SlotId::str, str_str>(),
    slot<SlotId::lt, str_lt>(),
    slot<SlotId::le, str_le>(),
    slot<SlotId::eq, str_eq>(),
    slot<SlotId::ne, str_ne>(),
    slot<SlotId::gt, str_gt>(),
    slot<SlotId::ge, str_ge>(),
    slot<SlotId::iter, str_iter>(),
    slot<SlotId::mod, str_mod>(),
    slot<SlotId::rmod, str_rmod>(),
    slot<SlotId::len, str_len>(),
    slot<SlotId::getitem, str_getitem>(),
    slot<SlotId::add, str_add>(),
    slot<SlotId::mul, str_mul>(),
    slot<SlotId::rmul, str_rmul>(),
    slot<SlotId::contains, str_contains>(),
};

constexpr Method str_methods[] = {
    method<str_encode>("encode(encoding='utf-8', errors='strict')",
                       "Encode the string using the codec registered for encoding."),
    method<str_replace>("replace(old, new, /, count=-1)",
                        "Return a copy with all occurrences of substring old replaced by new."),
    method<str_split>(
        "split(sep=None, maxsplit=-1)",
        "Return a list of the substrings in the string, using sep as the separator string."),
    method<str_rsplit>(
        "rsplit(sep=None, maxsplit=-1)",
        "Return a list of the substrings in the string, using sep as the separator string."),
    method<str_join_method>("join(iterable, /)", "Concatenate any number of strings."),
    method<str_capitalize>("capitalize()", "Return a capitalized version of the string."),
    method<str_casefold>("casefold()",
                         "Return a version of the string suitable for caseless comparisons."),
    method<str_title>("title()", "Return a version of the string where each word is titlecased."),
    method<str_center>("center(width, fillchar=' ', /)",
                       "Return a centered string of length width."),
    method<str_count>("count(sub, start=None, end=None, /)",
                      "Return the number of non-overlapping occurrences of substring sub in string "
                      "S[start:end]."),
    method<str_expandtabs>("expandtabs(tabsize=8)",
                           "Return a copy where all tab characters are expanded using spaces."),
    method<str_find_method>("find(sub, start=None, end=None, /)",
                            "Return the lowest index in S where substring sub is found, such that "
                            "sub is contained within S[start:end]."),
    method<str_partition>("partition(sep, /)",
                          "Partition the string into three parts using the given separator."),
    method<str_index>("index(sub, start=None, end=None, /)",
                      "Return the lowest index in S where substring sub is found, such that sub is "
                      "contained within S[start:end]."),
    method<str_ljust>("ljust(width, fillchar=' ', /)",
                      "Return a left-justified string of length width."),
    method<str_lower>("lower()", "Return a copy of the string converted to lowercase."),
    method<str_lstrip>("lstrip(chars=None, /)",
                       "Return a copy of the string with leading whitespace removed."),
    method<str_rfind>("rfind(sub, start=None, end=None, /)",
                      "Return the highest index in S where substring sub is found, such that sub "
                      "is contained within S[start:end]."),
    method<str_rindex>("rindex(sub, start=None, end=None, /)",
                       "Return the highest index in S where substring sub is found, such that sub "
                       "is contained within S[start:end]."),
    method<str_rjust>("rjust(width, fillchar=' ', /)",
                      "Return a right-justified string of length width."),
    method<str_rstrip>("rstrip(chars=None, /)",
                       "Return a copy of the string with trailing whitespace removed."),
    method<str_rpartition>("rpartition(sep, /)",
                           "Partition the string into three parts using the given separator."),
    method<str_splitlines>(
        "splitlines(keepends=False)",
        "Return a list of the lines in the string, breaking at line boundaries."),
    method<str_strip>("strip(chars=None, /)",
                      "Return a copy of the string with leading and trailing whitespace removed."),
    method<str_swapcase>(
        "swapcase()",
        "Convert uppercase characters to lowercase and lowercase characters to uppercase."),
    method<str_translate>(
        "translate(table, /)",
        "Replace each character in the string using the given translation table."),
    method<str_upper>("upper()", "Return a copy of the string converted to uppercase."),
    method<str_startswith>(
        "startswith(prefix, start=None, end=None, /)",
        "Return True if the string starts with the specified prefix, False otherwise."),
    method<str_endswith>(
        "endswith(suffix, start=None, end=None, /)",
        "Return True if the string ends with the specified suffix, False otherwise."),
    method<str_removeprefix>("removeprefix(prefix, /)",
                             "Return a str with the given prefix string removed if present."),
    method<str_removesuffix>("removesuffix(suffix, /)",
                             "Return a str with the given suffix string removed if present."),
    method<str_isascii>("isascii()",
                        "Return True if all characters in the string are ASCII, False otherwise."),
    method<str_islower>("islower()",
                        "Return True if the string is a lowercase string, False otherwise."),
    method<str_isupper>("isupper()",
                        "Return True if the string is an uppercase string, False otherwise."),
    method<str_istitle>("istitle()",
                        "Return True if the string is a title-cased string, False otherwise."),
    method<str_isspace>("isspace()",
                        "Return True if the string is a whitespace string, False otherwise."),
    method<str_isdecimal>("isdecimal()",
                          "Return True if the string is a decimal string, False otherwise."),
    method<str_isdigit>("isdigit()",
                        "Return True if the string is a digit string, False otherwise."),
    method<str_isnumeric>("isnumeric()",
                          "Return True if the string is a numeric string, False otherwise."),
    method<str_isalpha>("isalpha()",
                        "Return True if the string is an alphabetic string, False otherwise."),
    method<str_isalnum>("isalnum()",
                        "Return True if the string is an alpha-numeric string, False otherwise."),
    method<str_isidentifier>(
        "isidentifier()",
        "Return True if the string is a valid Python identifier, False otherwise."),
    method<str_isprintable>(
        "isprintable()",
        "Return True if all characters in the string are printable, False otherwise."),
    method<str_zfill>(
        "zfill(width, /)",
        "Pad a numeric string with zeros on the left, to fill a field of the given width."),
    method<str_format_method>(
        "format(*args, **kwargs)",
        "Return a formatted version of the string, using substitutions from args and kwargs."),
    method<str_format_map>(
        "format_map(mapping, /)",
        "Return a formatted version of the string, using substitutions from mapping."),
    method<str_format_dunder>(
        "__format__(format_spec, /)",
        "Return a formatted version of the string as described by format_spec."),
    static_method<str_maketrans>("maketrans(x, y=?, z=?, /)",
                                 "Return a translation table usable for str.translate()."),
    method<str_sizeof>("__sizeof__()", "Return the size of the string in memory, in bytes."),
    method<str_getnewargs>("__getnewargs__()"),
};

static size_t str_payload_size(const Object* object) {
  const Str* self = static_cast<const Str*>(object);
  return sizeof(Str) + (self->ascii() ? 0 : sizeof(void*)) +
         (static_cast<size_t>(self->length()) + 1) * static_cast<size_t>(self->kind());
}
static const Layout str_layout{"str", sizeof(Str), false, nullptr, str_destroy, str_payload_size};
const TypeSpec str_spec{
    .name = "str",
    .doc =
        "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\n"
        "Create a new string object from the given object. If encoding or\n"
        "errors is specified, then the object must expose a data buffer\n"
        "that will be decoded using the given encoding and error handler.\n"
        "Otherwise, returns the result of object.__str__() (if defined)\n"
        "or repr(object).\nencoding defaults to 'utf-8'.\nerrors defaults to 'strict'.",
    .flags = kTypeBase,
    .shape_flags = kShapeStr,
    .layout = &str_layout,
    .slots = str_slots,
    .methods = str_methods,
};

}  // namespace dx
