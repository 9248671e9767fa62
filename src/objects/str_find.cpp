// str's searching, counting, replacing, splitting and stripping.

#include "objects/container_support.h"
#include "objects/errors.h"
#include "objects/list.h"
#include "objects/search.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"
#include "objects/unicode_data.h"

namespace dx {

using search::kNotFound;

// Calls f with the characters of both, the needle never wider than the haystack; kNotFound when it
// is (then it cannot occur, because kinds are the narrowest).
template <class F>
static size_t with_both(StrView haystack, StrView needle, F f) {
  if (needle.kind > haystack.kind) return kNotFound;
  return visit_chars(haystack, [&](auto* hay) {
    return visit_chars(needle, [&](auto* chars) -> size_t {
      if constexpr (sizeof(*chars) > sizeof(*hay))
        return kNotFound;
      else
        return f(hay, chars);
    });
  });
}

// ---- searching ----------------------------------------------------------------------------------
Word str_find(StrView haystack, StrView needle, Word start, Word stop) {
  if (start > stop || stop - start < needle.length) return -1;
  if (needle.length == 0) return start;
  size_t at = with_both(haystack, needle, [&](auto* hay, auto* chars) {
    return search::find(hay + start, static_cast<size_t>(stop - start), chars,
                        static_cast<size_t>(needle.length));
  });
  return at == kNotFound ? -1 : start + static_cast<Word>(at);
}

Word view_rfind(StrView haystack, StrView needle, Word start, Word stop) {
  if (start > stop || stop - start < needle.length) return -1;
  if (needle.length == 0) return stop;
  size_t at = with_both(haystack, needle, [&](auto* hay, auto* chars) {
    return search::rfind(hay + start, static_cast<size_t>(stop - start), chars,
                         static_cast<size_t>(needle.length));
  });
  return at == kNotFound ? -1 : start + static_cast<Word>(at);
}

Word view_count(StrView haystack, StrView needle, Word start, Word stop, Word limit) {
  if (start > stop || stop - start < needle.length) return 0;
  size_t most = limit < 0 ? ~size_t{0} : static_cast<size_t>(limit);
  size_t total = with_both(haystack, needle, [&](auto* hay, auto* chars) {
    return search::count(hay + start, static_cast<size_t>(stop - start), chars,
                         static_cast<size_t>(needle.length), most);
  });
  return total == kNotFound ? 0 : static_cast<Word>(total);
}

static Result<search::Range> range_in(Thread& thread, Borrowed<Str> self, Any start, Any end) {
  return search::range_of(thread, start, end, [&] { return self->length(); });
}
static Result<Borrowed<Str>> needle_of(Thread& thread, const char* method, Any sub) {
  if (!is_str(sub))
    return raise<TypeError>(thread, "{}() argument 1 must be str, not {}", method,
                            type_name_in(sub));
  return Borrowed<Str>(sub.value());
}

Result<Word> str_find_method(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end) {
  Borrowed<Str> needle = TRY(needle_of(thread, "find", sub));
  search::Range range = TRY(range_in(thread, self, start, end));
  return str_find(self->view(), needle->view(), range.start, range.stop);
}
Result<Word> str_rfind(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end) {
  Borrowed<Str> needle = TRY(needle_of(thread, "rfind", sub));
  search::Range range = TRY(range_in(thread, self, start, end));
  return view_rfind(self->view(), needle->view(), range.start, range.stop);
}
Result<Word> str_index(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end) {
  Borrowed<Str> needle = TRY(needle_of(thread, "index", sub));
  search::Range range = TRY(range_in(thread, self, start, end));
  Word at = str_find(self->view(), needle->view(), range.start, range.stop);
  if (at < 0) return raise<ValueError>(thread, "substring not found");
  return at;
}
Result<Word> str_rindex(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end) {
  Borrowed<Str> needle = TRY(needle_of(thread, "rindex", sub));
  search::Range range = TRY(range_in(thread, self, start, end));
  Word at = view_rfind(self->view(), needle->view(), range.start, range.stop);
  if (at < 0) return raise<ValueError>(thread, "substring not found");
  return at;
}
Result<Word> str_count(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end) {
  Borrowed<Str> needle = TRY(needle_of(thread, "count", sub));
  search::Range range = TRY(range_in(thread, self, start, end));
  return view_count(self->view(), needle->view(), range.start, range.stop, -1);
}

static bool matches_at(StrView text, StrView part, Word at) {
  if (part.kind > text.kind) return part.length == 0;
  return str_compare(view_slice(text, at, at + part.length), part) == 0;
}
static bool tail_matches(StrView text, StrView part, search::Range range, bool at_end) {
  if (range.start > range.stop || part.length > range.stop - range.start) return false;
  return matches_at(text, part, at_end ? range.stop - part.length : range.start);
}
static Result<bool> starts_or_ends(Thread& thread, Borrowed<Str> self, Any part, Any start, Any end,
                                   bool at_end) {
  // The whole text against one prefix or several, in characters of one width: what nearly every
  // call asks.
  if (start.is_none() && end.is_none()) {
    StrView text = self->view();
    auto matches = [&](Value candidate) {
      StrView wanted = Borrowed<Str>(candidate)->view();
      if (wanted.length > text.length || wanted.kind != text.kind) return wanted.length == 0;
      size_t unit = static_cast<size_t>(text.kind);
      auto* from = static_cast<const char*>(text.data) +
                   (at_end ? static_cast<size_t>(text.length - wanted.length) * unit : 0);
      return memcmp(from, wanted.data, static_cast<size_t>(wanted.length) * unit) == 0;
    };
    auto same_width = [&](Value candidate) {
      return is_str(candidate) && Borrowed<Str>(candidate)->kind() == self->kind();
    };
    if (same_width(part)) return matches(part);
    if (is_exact(part, SHAPE(tuple))) {
      Borrowed<Tuple> parts(part.value());
      Word known = 0;
      for (; known < parts->size && same_width(parts->item(known)); ++known) {
        if (matches(parts->item(known))) return true;
      }
      if (known == parts->size) return false;
    }
  }
  const char* method = at_end ? "endswith" : "startswith";
  if (!is_str(part) && !is_tuple(part)) {
    return raise<TypeError>(thread, "{} first arg must be str or a tuple of str, not {}", method,
                            type_name_in(part));
  }
  search::Range range = TRY(range_in(thread, self, start, end));
  if (is_str(part))
    return tail_matches(self->view(), Borrowed<Str>(part.value())->view(), range, at_end);
  Borrowed<Tuple> parts(part.value());
  for (Word i = 0; i < parts->size; ++i) {
    Any item = parts->item(i);
    if (!is_str(item)) {
      return raise<TypeError>(thread, "tuple for {} must only contain str, not {}", method,
                              type_name_in(item));
    }
    if (tail_matches(self->view(), Borrowed<Str>(item.value())->view(), range, at_end)) return true;
  }
  return false;
}
Result<bool> str_startswith(Thread& thread, Borrowed<Str> self, Any prefix, Any start, Any end) {
  return starts_or_ends(thread, self, prefix, start, end, false);
}
Result<bool> str_endswith(Thread& thread, Borrowed<Str> self, Any suffix, Any start, Any end) {
  return starts_or_ends(thread, self, suffix, start, end, true);
}
AnyResult str_removeprefix(Thread& thread, Borrowed<Str> self, Borrowed<Str> prefix) {
  bool found = tail_matches(self->view(), prefix->view(), {0, self->length()}, false);
  return str_substring(thread, self, found ? prefix->length() : 0, self->length());
}
AnyResult str_removesuffix(Thread& thread, Borrowed<Str> self, Borrowed<Str> suffix) {
  bool found = tail_matches(self->view(), suffix->view(), {0, self->length()}, true);
  return str_substring(thread, self, 0, self->length() - (found ? suffix->length() : 0));
}

// ---- replacing ----------------------------------------------------------------------------------
// One search for all places, where a character is a byte.
static AnyResult replace_bytes(Thread& thread, Borrowed<Str> self, StrView from, StrView to,
                               Word limit) {
  StrView text = self->view();
  auto* in = static_cast<const uint8_t*>(text.data);
  auto* needle = static_cast<const uint8_t*>(from.data);
  search::Pieces places;
  for (Word at = 0; limit < 0 || static_cast<Word>(places.size()) < limit;) {
    size_t next = search::find(in + at, static_cast<size_t>(text.length - at), needle,
                               static_cast<size_t>(from.length));
    if (next == kNotFound) break;
    at += static_cast<Word>(next);
    if (!places.add(at, at + from.length)) return raise_memory_error(thread);
    at += from.length;
  }
  if (places.size() == 0 || str_equal(from, to)) return str_exact(thread, self);
  Word growth, total;
  if (__builtin_mul_overflow(to.length - from.length, static_cast<Word>(places.size()), &growth) ||
      __builtin_add_overflow(text.length, growth, &total) || total > kMaxStrLength) {
    return raise<OverflowError>(thread, "replace string is too long");
  }
  if (total == 0) return Ref<Str>::adopt(str_empty());
  bool ascii = text.ascii && to.ascii;
  Ref<Str> result = TRY(str_create(thread, total, ascii ? 0x7f : 0xff));
  char* out = static_cast<char*>(str_data(result.get()));
  Word read = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    size_t kept = static_cast<size_t>(places[i].start - read);
    copy_bytes(out, in + read, kept);
    copy_bytes(out + kept, to.data, static_cast<size_t>(to.length));
    out += kept + static_cast<size_t>(to.length);
    read = places[i].stop;
  }
  copy_bytes(out, in + read, static_cast<size_t>(text.length - read));
  // What was replaced may have been all that was not ASCII; one character is to be the shared one.
  if (total == 1 || !ascii)
    return str_from_view(thread, StrView{StrKind::one, ascii, str_data(result.get()), total});
  return result;
}

AnyResult str_replace(Thread& thread, Borrowed<Str> self, Borrowed<Str> old,
                      Borrowed<Str> replacement, Word limit) {
  StrView text = self->view(), from = old->view(), to = replacement->view();
  if (from.length == 1 && to.length == 1 && limit < 0 && text.ascii && from.ascii && to.ascii) {
    char before = from.text()[0], after = to.text()[0];
    if (before == after || !memchr(text.data, before, static_cast<size_t>(text.length)))
      return str_exact(thread, self);
    if (text.length == 1) return str_exact(thread, replacement);
    Ref<Str> result = TRY(str_create(thread, text.length, 0x7f));
    auto* out = static_cast<char*>(str_data(result.get()));
    auto* in = static_cast<const char*>(text.data);
    for (Word i = 0; i < text.length; ++i) out[i] = in[i] == before ? after : in[i];
    return result;
  }
  if (text.kind == StrKind::one && to.kind == StrKind::one && from.kind == StrKind::one &&
      from.length > 0 && limit != 0) {
    return replace_bytes(thread, self, from, to, limit);
  }
  Word found = limit == 0 ? 0 : view_count(text, from, 0, text.length, limit);
  if (found == 0 || str_equal(from, to)) return str_exact(thread, self);
  Word growth, total;
  if (__builtin_mul_overflow(to.length - from.length, found, &growth) ||
      __builtin_add_overflow(text.length, growth, &total) || total > kMaxStrLength) {
    return raise<OverflowError>(thread, "replace string is too long");
  }
  if (total == 0) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  // The widest of both decides where it lands; characters that are replaced may have been the only
  // wide ones.
  StrKind kind = text.kind > to.kind ? text.kind : to.kind;
  char32_t widest = text.ascii && to.ascii ? 0x7f
                    : kind == StrKind::one ? 0xff
                    : kind == StrKind::two ? 0xffff
                                           : 0x10ffff;
  Ref<Str> result = TRY(str_create(thread, total, widest));
  void* out = str_data(result.get());
  Word read = 0, write = 0;
  for (Word i = 0; i < found; ++i) {
    if (from.length == 0) {
      copy_chars(kind, out, write, to);
      write += to.length;
      if (i + 1 < found || read < text.length) {
        Word keep = i + 1 < found ? 1 : 0;
        copy_chars(kind, out, write, view_slice(text, read, read + keep));
        read += keep;
        write += keep;
      }
      continue;
    }
    Word at = str_find(text, from, read, text.length);
    if (at > read) copy_chars(kind, out, write, view_slice(text, read, at));
    write += at - read;
    copy_chars(kind, out, write, to);
    write += to.length;
    read = at + from.length;
  }
  copy_chars(kind, out, write, view_slice(text, read, text.length));
  if (widest > 0x7f && (from.kind == kind || !from.ascii) && total > 0)
    return str_from_view(thread, StrView{kind, false, out, total});
  return result;
}

// ---- splitting ----------------------------------------------------------------------------------
static AnyResult pieces_of(Thread& thread, Borrowed<Str> self, const search::Pieces& pieces) {
  return search::list_of_pieces(thread, pieces, [&](Word start, Word stop) {
    return str_substring(thread, self, start, stop);
  });
}
static Result<Borrowed<Str>> separator_of(Thread& thread, Any separator, const char* expected) {
  if (!is_str(separator))
    return raise<TypeError>(thread, "must be {}, not {}", expected, type_name_in(separator));
  if (Borrowed<Str>(separator.value())->length() == 0)
    return raise<ValueError>(thread, "empty separator");
  return Borrowed<Str>(separator.value());
}

AnyResult str_split(Thread& thread, Borrowed<Str> self, Any separator, Word limit) {
  search::Pieces pieces;
  StrView view = self->view();
  bool ok;
  if (separator.is_none()) {
    ok = visit_chars(view, [&](auto* chars) {
      return search::split_space(chars, view.length, limit, is_unicode_space, pieces);
    });
  } else {
    StrView by = TRY(separator_of(thread, separator, "str or None"))->view();
    ok = true;
    if (by.kind > view.kind) {
      ok = pieces.add(0, view.length);
    } else {
      ok = with_both(view, by, [&](auto* chars, auto* needle) {
        return static_cast<size_t>(
            search::split_by(chars, view.length, needle, by.length, limit, pieces));
      });
    }
  }
  if (!ok) return raise_memory_error(thread);
  return pieces_of(thread, self, pieces);
}

AnyResult str_rsplit(Thread& thread, Borrowed<Str> self, Any separator, Word limit) {
  search::Pieces pieces;
  StrView view = self->view();
  bool ok;
  if (separator.is_none()) {
    ok = visit_chars(view, [&](auto* chars) {
      return search::rsplit_space(chars, view.length, limit, is_unicode_space, pieces);
    });
  } else {
    StrView by = TRY(separator_of(thread, separator, "str or None"))->view();
    ok = true;
    if (by.kind > view.kind) {
      ok = pieces.add(0, view.length);
    } else {
      ok = with_both(view, by, [&](auto* chars, auto* needle) {
        return static_cast<size_t>(
            search::rsplit_by(chars, view.length, needle, by.length, limit, pieces));
      });
    }
  }
  if (!ok) return raise_memory_error(thread);
  return pieces_of(thread, self, pieces);
}

AnyResult str_splitlines(Thread& thread, Borrowed<Str> self, bool keep_ends) {
  search::Pieces pieces;
  StrView view = self->view();
  auto is_break = [](char32_t c) {
    return c < 0x80 ? (c >= 10 && c <= 13) || (c >= 28 && c <= 30)
                    : unicode_is(c, kUnicode_line_break);
  };
  if (!visit_chars(view, [&](auto* chars) {
        return search::split_lines(chars, view.length, keep_ends, is_break, pieces);
      })) {
    return raise_memory_error(thread);
  }
  return pieces_of(thread, self, pieces);
}

static AnyResult partition_at(Thread& thread, Borrowed<Str> self, Borrowed<Str> separator, Word at,
                              bool from_end) {
  if (at < 0) {
    Ref<Str> whole = TRY(str_exact(thread, self));
    Value empty = str_empty();
    if (from_end) return tuple_of(thread, {empty, empty, whole.value()});
    return tuple_of(thread, {whole.value(), empty, empty});
  }
  Ref<Str> before = TRY(str_substring(thread, self, 0, at));
  Ref<Str> after = TRY(str_substring(thread, self, at + separator->length(), self->length()));
  return tuple_of(thread, {before.value(), separator.value(), after.value()});
}
AnyResult str_partition(Thread& thread, Borrowed<Str> self, Any separator) {
  Borrowed<Str> by = TRY(separator_of(thread, separator, "str"));
  return partition_at(thread, self, by, str_find(self->view(), by->view(), 0, self->length()),
                      false);
}
AnyResult str_rpartition(Thread& thread, Borrowed<Str> self, Any separator) {
  Borrowed<Str> by = TRY(separator_of(thread, separator, "str"));
  return partition_at(thread, self, by, view_rfind(self->view(), by->view(), 0, self->length()),
                      true);
}

// ---- stripping ----------------------------------------------------------------------------------
static AnyResult strip(Thread& thread, Borrowed<Str> self, Any chars, const char* method, bool left,
                       bool right) {
  if (!chars.is_none() && !is_str(chars)) {
    return raise<TypeError>(thread, "{} arg must be None or str", method);
  }
  StrView view = self->view();
  auto drops = [&](char32_t c) {
    if (chars.is_none()) return is_unicode_space(c);
    StrView set = Borrowed<Str>(chars.value())->view();
    return visit_chars(set, [&](auto* wanted) {
      using C = std::remove_cvref_t<decltype(*wanted)>;
      if (c > static_cast<C>(-1)) return false;
      return simd::find(wanted, static_cast<size_t>(set.length), static_cast<C>(c)) != kNotFound;
    });
  };
  Word start = 0, stop = view.length;
  while (left && start < stop && drops(view[start])) ++start;
  while (right && stop > start && drops(view[stop - 1])) --stop;
  return str_substring(thread, self, start, stop);
}
AnyResult str_strip(Thread& thread, Borrowed<Str> self, Any chars) {
  return strip(thread, self, chars, "strip", true, true);
}
AnyResult str_lstrip(Thread& thread, Borrowed<Str> self, Any chars) {
  return strip(thread, self, chars, "lstrip", true, false);
}
AnyResult str_rstrip(Thread& thread, Borrowed<Str> self, Any chars) {
  return strip(thread, self, chars, "rstrip", false, true);
}

}  // namespace dx
