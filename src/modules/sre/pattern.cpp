// re.Pattern: matching, and what is built from repeated matching: findall, split, sub.

#include "modules/sre/opcodes.h"
#include "modules/sre/sre.h"
#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/mappingproxy.h"
#include "simd/text.h"

namespace dx::sre {

TypeHandle pattern_type;

// ---- one match ----------------------------------------------------------------------------------

template <Search::Where where>
static AnyResult pattern_find(Thread& thread, Borrowed<Pattern> self, Any string, Word pos,
                              Word endpos) {
  Subject subject(thread);
  TRY(subject.acquire(string, self->kind));
  Search search(thread, *self->program, subject.view(), pos, endpos);
  if (!TRY(search.find(where))) return AnyRef::adopt(kNone);
  return match_create(thread, self, string, search, search.start);
}

static AnyResult pattern_scanner(Thread& thread, Borrowed<Pattern> self, Any string, Word pos,
                                 Word endpos) {
  return scanner_create(thread, self, string, pos, endpos);
}

static AnyResult pattern_finditer(Thread& thread, Borrowed<Pattern> self, Any string, Word pos,
                                  Word endpos) {
  AnyRef scanner = TRY(scanner_create(thread, self, string, pos, endpos));
  AnyRef search = TRY(get_attr(thread, scanner, NAME("search")));
  return callable_iterator(thread, search, Any(kNone));
}

// ---- all matches --------------------------------------------------------------------------------

static AnyResult pattern_findall(Thread& thread, Borrowed<Pattern> self, Any string, Word pos,
                                 Word endpos) {
  Subject subject(thread);
  TRY(subject.acquire(string, self->kind));
  Ref<List> found = TRY(list_create(thread));
  AnyRef empty = TRY(subject.slice(0, 0));
  Search search(thread, *self->program, subject.view(), pos, endpos);
  Word groups = self->program->groups;
  while (!search.over() && TRY(search.find())) {
    if (groups <= 1) {
      TRY(list_append(thread, found, TRY(subject.group_of(search, groups, empty))));
    } else {
      Ref<Tuple> items = TRY(tuple_create(thread, static_cast<size_t>(groups)));
      for (Word i = 0; i < groups; ++i) {
        slot_init(items.get(), items->items()[i], TRY(subject.group_of(search, i + 1, empty)));
      }
      TRY(list_append(thread, found, std::move(items)));
    }
    search.advance();
  }
  return found;
}

static AnyResult pattern_split(Thread& thread, Borrowed<Pattern> self, Any string, Word maxsplit) {
  Subject subject(thread);
  TRY(subject.acquire(string, self->kind));
  Ref<List> parts = TRY(list_create(thread));
  Search search(thread, *self->program, subject.view(), 0, subject.view().length);
  Word last = 0;
  for (Word count = 0; maxsplit == 0 || count < maxsplit; ++count) {
    if (!TRY(search.find())) break;
    TRY(list_append(thread, parts, TRY(subject.slice(last, search.first))));
    for (Word i = 1; i <= self->program->groups; ++i) {
      TRY(list_append(thread, parts, TRY(subject.group_of(search, i, Any(kNone)))));
    }
    last = search.last;
    search.advance();
  }
  TRY(list_append(thread, parts, TRY(subject.slice(last, subject.view().length))));
  return parts;
}

// ---- substitution -------------------------------------------------------------------------------

// Whether the replacement stands for itself: text without a backslash.
static Result<bool> is_literal(Thread& thread, Any replacement) {
  if (is_str(replacement.value())) {
    StrView view = str_view(Borrowed<Str>(replacement.value()));
    size_t length = static_cast<size_t>(view.length);
    switch (view.kind) {
      case StrKind::one:
        return simd::find(static_cast<const uint8_t*>(view.data), length, uint8_t{'\\'}) ==
               simd::kNotFound;
      case StrKind::two:
        return simd::find(static_cast<const uint16_t*>(view.data), length, uint16_t{'\\'}) ==
               simd::kNotFound;
      case StrKind::four:
        return simd::find(static_cast<const uint32_t*>(view.data), length, uint32_t{'\\'}) ==
               simd::kNotFound;
    }
  }
  if (!has_buffer(replacement)) return false;
  BufferScope scope(thread);
  TRY(scope.acquire(replacement));
  return scope.text().find('\\') == std::string_view::npos;
}

static StrView part_of(StrView view, Word from, Word to) {
  return StrView{view.kind, view.ascii,
                 static_cast<const char*>(view.data) + from * static_cast<Word>(view.kind),
                 to - from};
}

struct Substituted {
  Value text;  // owned
  Word count;
};

static Result<Substituted> substitute(Thread& thread, Borrowed<Pattern> self, Any replacement,
                                      Any string, Word limit) {
  enum class How : uint8_t { literal, function, expansion } how;
  Maybe<Ref<Template>> expansion;
  Value literal = replacement.value();
  if (is_callable(replacement)) {
    how = How::function;
  } else if (TRY(is_literal(thread, replacement))) {
    how = How::literal;
  } else {
    how = How::expansion;
    expansion = TRY(template_compile(thread, self, replacement));
    if (expansion->pieces.borrow()->size == 0) {
      how = How::literal;
      literal = expansion->literal.raw();
    }
  }
  Subject subject(thread);
  TRY(subject.acquire(string, self->kind));
  Joiner joiner(thread, subject.is_str());
  Search search(thread, *self->program, subject.view(), 0, subject.view().length);
  Word count = 0, last = 0;
  while ((limit == 0 || count < limit) && TRY(search.find())) {
    if (last < search.first) TRY(joiner.add(part_of(subject.view(), last, search.first)));
    if (how == How::literal) {
      TRY(joiner.add(Any(literal)));
    } else {
      AnyRef match = TRY(match_create(thread, self, string, search, search.start));
      AnyRef item =
          how == How::function
              ? TRY(call(thread, replacement, {match.value()}))
              : TRY(template_expand(thread, expansion.borrow(), Borrowed<Match>(match.value())));
      if (!item.borrow().is_none()) TRY(joiner.add(item.borrow()));
    }
    ++count;
    last = search.last;
    search.advance();
  }
  if (count == 0) return Substituted{TRY(subject.slice(0, subject.view().length)).release(), 0};
  if (last < subject.view().length)
    TRY(joiner.add(part_of(subject.view(), last, subject.view().length)));
  return Substituted{TRY(joiner.finish()).release(), count};
}

static AnyResult pattern_sub(Thread& thread, Borrowed<Pattern> self, Any repl, Any string,
                             Word count) {
  return AnyRef::adopt(TRY(substitute(thread, self, repl, string, count)).text);
}
static AnyResult pattern_subn(Thread& thread, Borrowed<Pattern> self, Any repl, Any string,
                              Word count) {
  Substituted done = TRY(substitute(thread, self, repl, string, count));
  AnyRef text = AnyRef::adopt(done.text);
  return tuple_of(thread, {text.value(), small_int(done.count)});
}

// ---- slots and attributes -----------------------------------------------------------------------

static AnyResult pattern_repr(Thread& thread, Borrowed<Pattern> self) {
  static constexpr struct {
    uint32_t flag;
    const char* name;
  } kNames[] = {{kIgnoreCase, "re.IGNORECASE"}, {kLocale, "re.LOCALE"},
                {kMultiline, "re.MULTILINE"},   {kDotAll, "re.DOTALL"},
                {kUnicode, "re.UNICODE"},       {kVerbose, "re.VERBOSE"},
                {kDebug, "re.DEBUG"},           {kAscii, "re.ASCII"}};
  uint32_t flags = self->flags;
  if (self->kind == TextKind::str && (flags & (kLocale | kUnicode | kAscii)) == kUnicode)
    flags &= ~uint32_t{kUnicode};
  Ref<Str> pattern = TRY(repr(thread, self->pattern.borrow()));
  StrBuilder text(thread);
  TRY(text.append("re.compile("));
  StrView view = pattern->view();
  TRY(text.append(part_of(view, 0, view.length < 200 ? view.length : 200)));
  const char* before = ", ";
  for (auto& [flag, name] : kNames) {
    if (!(flags & flag)) continue;
    TRY(text.append(before));
    TRY(text.append(name));
    before = "|";
    flags &= ~flag;
  }
  if (flags) {
    TRY(text.append(before));
    Ref<Str> rest = TRY(int_to_str(thread, small_int(flags), 16));
    TRY(text.append("0x"));
    TRY(text.append(rest));
  }
  TRY(text.append(")"));
  return text.finish();
}

template <CompareOp op>
static AnyResult pattern_compare(Thread& thread, Borrowed<Pattern> self, Any other_value) {
  if (type_of(other_value) != pattern_type.type) return not_implemented();
  Borrowed<Pattern> other(other_value.value());
  bool same = self.get() == other.get();
  // The code too: it depends on the locale that was in force when it was compiled.
  if (!same && self->flags == other->flags && self->kind == other->kind &&
      self->program->code == other->program->code) {
    same = TRY(equal(thread, self->pattern.borrow(), other->pattern.borrow()));
  }
  return truth(same == (op == CompareOp::eq));
}

static Result<Word> pattern_hash(Thread& thread, Borrowed<Pattern> self) {
  uint64_t mixed = static_cast<uint64_t>(TRY(hash(thread, self->pattern.borrow())));
  for (uint32_t word : self->program->code) mixed = (mixed ^ word) * 0x9e3779b97f4a7c15u;
  mixed ^= self->flags ^ static_cast<uint64_t>(self->kind) << 32 ^ mixed >> 29;
  Word result = static_cast<Word>(mixed);
  return result == -1 ? Word{-2} : result;
}

static AnyResult pattern_copy(Thread& thread, Borrowed<Pattern> self) {
  return share(thread, self);
}
static AnyResult pattern_deepcopy(Thread& thread, Borrowed<Pattern> self, Any) {
  return share(thread, self);
}
static AnyResult pattern_pattern(Thread& thread, Borrowed<Pattern> self) {
  return share(thread, self->pattern.borrow());
}
static AnyResult pattern_flags(Thread& thread, Borrowed<Pattern> self) {
  return int_from_word(thread, self->flags);
}
static AnyResult pattern_groups(Thread& thread, Borrowed<Pattern> self) {
  return int_from_word(thread, self->program->groups);
}
static AnyResult pattern_groupindex(Thread& thread, Borrowed<Pattern> self) {
  if (dict_size(self->group_index.borrow()) == 0) return dict_create(thread);
  return mappingproxy_create(thread, self->group_index.borrow());
}

static void pattern_destroy(Thread&, Object* object) {
  delete static_cast<Pattern*>(object)->program;
}
static const Layout pattern_layout{
    "re.Pattern", sizeof(Pattern), true,
    trace_fields<Pattern, &Pattern::pattern, &Pattern::group_index, &Pattern::index_group>,
    pattern_destroy};

static const SlotEntry pattern_slots[] = {
    slot<SlotId::repr, pattern_repr>(),
    slot<SlotId::hash, pattern_hash>(),
    slot<SlotId::eq, pattern_compare<CompareOp::eq>>(),
    slot<SlotId::ne, pattern_compare<CompareOp::ne>>(),
};
static constexpr Method pattern_methods[] = {
    method<pattern_find<Search::Where::match>>(
        "match(string, pos=0, endpos=maxsize)",
        "Matches zero or more characters at the beginning of the string."),
    method<pattern_find<Search::Where::fullmatch>>("fullmatch(string, pos=0, endpos=maxsize)",
                                                   "Matches against all of the string."),
    method<pattern_find<Search::Where::search>>(
        "search(string, pos=0, endpos=maxsize)",
        "Scan through string looking for a match, and return a corresponding match object "
        "instance.\n\n"
        "Return None if no position in the string matches."),
    method<pattern_sub>("sub(repl, string, count=0)",
                        "Return the string obtained by replacing the leftmost non-overlapping "
                        "occurrences of pattern "
                        "in string by the replacement repl."),
    method<pattern_subn>(
        "subn(repl, string, count=0)",
        "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost "
        "non-overlapping occurrences of pattern with the replacement repl."),
    method<pattern_findall>("findall(string, pos=0, endpos=maxsize)",
                            "Return a list of all non-overlapping matches of pattern in string."),
    method<pattern_split>("split(string, maxsplit=0)",
                          "Split string by the occurrences of pattern."),
    method<pattern_finditer>(
        "finditer(string, pos=0, endpos=maxsize)",
        "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\n"
        "For each match, the iterator returns a match object."),
    method<pattern_scanner>("scanner(string, pos=0, endpos=maxsize)"),
    method<pattern_copy>("__copy__()"),
    method<pattern_deepcopy>("__deepcopy__(memo, /)"),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
static const GetSet pattern_getsets[] = {
    getter<pattern_pattern>("pattern", "The pattern string from which the RE object was compiled."),
    getter<pattern_flags>("flags", "The regex matching flags."),
    getter<pattern_groups>("groups", "The number of capturing groups in the pattern."),
    getter<pattern_groupindex>("groupindex", "A dictionary mapping group names to group numbers."),
};
const TypeSpec pattern_spec{
    .name = "re.Pattern",
    .doc = "Compiled regular expression object.",
    .flags = kTypeImmutable | kTypeDisallowNew | kTypeWeakrefable,
    .layout = &pattern_layout,
    .slots = pattern_slots,
    .methods = pattern_methods,
    .getsets = pattern_getsets,
};

}  // namespace dx::sre
