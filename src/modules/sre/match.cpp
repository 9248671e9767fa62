// re.Match: what was found, and where.

#include "modules/sre/sre.h"
#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/int.h"

namespace dx::sre {

TypeHandle match_type;

AnyResult match_create(Thread& thread, Borrowed<Pattern> pattern, Any text, const Search& search,
                       Word position) {
  Word groups = pattern->program->groups + 1;
  AnyRef made = TRY(allocate_instance_sized(
      thread, match_type.type, sizeof(Match) + static_cast<size_t>(groups) * 2 * sizeof(Word)));
  Match* self = static_cast<Match*>(made.get());
  self->groups = groups;
  self->position = position;
  self->end_position = search.end;
  self->last_index = search.last_index;
  Word* marks = self->marks();
  marks[0] = search.first;
  marks[1] = search.last;
  for (Word i = 2; i < groups * 2; i += 2) {
    Word from = search.mark(i - 2), to = search.mark(i - 1);
    bool matched = from >= 0 && to >= 0;
    marks[i] = matched ? from : -1;
    marks[i + 1] = matched ? to : -1;
    if (from > to && matched) {
      return raise<SystemError>(
          thread, "The span of capturing group is wrong, please report a bug for the re module.");
    }
  }
  slot_init(self, self->pattern, Ref<Pattern>::share(thread, pattern));
  slot_init(self, self->text, share(thread, text));
  return made;
}

AnyResult match_group(Thread& thread, Borrowed<Match> self, Word group, Any otherwise) {
  if (group < 0 || group >= self->groups) return raise<IndexError>(thread, "no such group");
  const Word* marks = self->marks() + group * 2;
  if (marks[0] < 0) return share(thread, otherwise);
  Subject subject(thread);
  TRY(subject.acquire(self->text.borrow(), TextKind::any));
  return subject.slice(marks[0], marks[1]);
}

// The number of a group given by number or name; IndexError.
static Result<Word> match_index(Thread& thread, Borrowed<Match> self, Any group) {
  Word index = -1;
  if (group.value().is_int()) {
    index = small_int_value(group.value());
  } else if (has_index(group)) {
    index = TRY(index_word_clamped(thread, group));
  } else {
    AnyLookup found = dict_get(thread, self->pattern.borrow()->group_index.borrow(), group);
    if (found.raised())
      clear_exception(thread);  // unhashable: CPython has one message for all
    else if (found.found() && is_int(found.value()))
      (void)int_to_word(found.value(), index);
  }
  if (index < 0 || index >= self->groups) return raise<IndexError>(thread, "no such group");
  return index;
}

static AnyResult match_getitem(Thread& thread, Borrowed<Match> self, Any group) {
  return match_group(thread, self, TRY(match_index(thread, self, group)), Any(kNone));
}

static AnyResult match_group_method(Thread& thread, Borrowed<Match> self, Rest groups) {
  if (groups.count == 0) return match_group(thread, self, 0, Any(kNone));
  if (groups.count == 1) return match_getitem(thread, self, groups[0]);
  Ref<Tuple> items = TRY(tuple_create(thread, groups.count));
  for (size_t i = 0; i < groups.count; ++i) {
    slot_init(items.get(), items->items()[i], TRY(match_getitem(thread, self, groups[i])));
  }
  return items;
}

static AnyResult match_groups(Thread& thread, Borrowed<Match> self, Any otherwise) {
  Ref<Tuple> items = TRY(tuple_create(thread, static_cast<size_t>(self->groups - 1)));
  for (Word i = 1; i < self->groups; ++i) {
    slot_init(items.get(), items->items()[i - 1], TRY(match_group(thread, self, i, otherwise)));
  }
  return items;
}

static AnyResult match_groupdict(Thread& thread, Borrowed<Match> self, Any otherwise) {
  Ref<Dict> result = TRY(dict_create(thread));
  Borrowed<Dict> names = self->pattern.borrow()->group_index.borrow();
  size_t position = 0;
  Maybe<Ref<Object>> name, number;
  while (dict_next(thread, names, position, name, number)) {
    Word index;
    if (!is_int(number.value()) || !int_to_word(number.value(), index)) {
      return raise<IndexError>(thread, "no such group");
    }
    AnyRef value = TRY(match_group(thread, self, index, otherwise));
    TRY(dict_set(thread, result, name.borrow(), value));
  }
  return result;
}

static Result<Word> match_start(Thread& thread, Borrowed<Match> self, Any group) {
  return self->marks()[TRY(match_index(thread, self, group)) * 2];
}
static Result<Word> match_end(Thread& thread, Borrowed<Match> self, Any group) {
  return self->marks()[TRY(match_index(thread, self, group)) * 2 + 1];
}
static AnyResult pair(Thread& thread, const Word* marks) {
  return tuple_of(thread, {small_int(marks[0]), small_int(marks[1])});
}
static AnyResult match_span(Thread& thread, Borrowed<Match> self, Any group) {
  return pair(thread, self->marks() + TRY(match_index(thread, self, group)) * 2);
}

static AnyResult match_regs(Thread& thread, Borrowed<Match> self) {
  Ref<Tuple> items = TRY(tuple_create(thread, static_cast<size_t>(self->groups)));
  for (Word i = 0; i < self->groups; ++i) {
    slot_init(items.get(), items->items()[i], TRY(pair(thread, self->marks() + i * 2)));
  }
  return items;
}

static AnyResult match_expand(Thread& thread, Borrowed<Match> self, Any text) {
  Ref<Template> compiled = TRY(template_compile(thread, self->pattern.borrow(), text));
  return template_expand(thread, compiled, self);
}

static AnyResult match_repr(Thread& thread, Borrowed<Match> self) {
  AnyRef matched = TRY(match_group(thread, self, 0, Any(kNone)));
  const FormatArgument arguments[] = {
      FormatArgument(type_name_in(self)), FormatArgument(self->marks()[0]),
      FormatArgument(self->marks()[1]), FormatArgument(repr_of(matched.borrow()))};
  return format_text(thread, "<{} object; span=({}, {}), match={}>", arguments, 4);
}

static AnyResult match_copy(Thread& thread, Borrowed<Match> self) { return share(thread, self); }
static AnyResult match_deepcopy(Thread& thread, Borrowed<Match> self, Any) {
  return share(thread, self);
}

static AnyResult match_string(Thread& thread, Borrowed<Match> self) {
  return share(thread, self->text.borrow());
}
static AnyResult match_re(Thread& thread, Borrowed<Match> self) {
  return share(thread, Any(self->pattern.borrow()));
}
static AnyResult match_pos(Thread& thread, Borrowed<Match> self) {
  return int_from_word(thread, self->position);
}
static AnyResult match_endpos(Thread& thread, Borrowed<Match> self) {
  return int_from_word(thread, self->end_position);
}
static AnyResult match_lastindex(Thread& thread, Borrowed<Match> self) {
  if (self->last_index < 0) return AnyRef::adopt(kNone);
  return int_from_word(thread, self->last_index);
}
static AnyResult match_lastgroup(Thread& thread, Borrowed<Match> self) {
  Borrowed<Tuple> names = self->pattern.borrow()->index_group.borrow();
  if (self->last_index < 0 || self->last_index >= names->size) return AnyRef::adopt(kNone);
  return share(thread, names->item(self->last_index));
}

static size_t match_payload_size(const Object* object) {
  return sizeof(Match) +
         static_cast<size_t>(static_cast<const Match*>(object)->groups) * 2 * sizeof(Word);
}
static const Layout match_layout{"re.Match", sizeof(Match),
                                 true,       trace_fields<Match, &Match::pattern, &Match::text>,
                                 nullptr,    match_payload_size};

static const SlotEntry match_slots[] = {
    slot<SlotId::repr, match_repr>(),
    slot<SlotId::getitem, match_getitem>(),
};
static constexpr Method match_methods[] = {
    method<match_group_method>("group(*groups)",
                               "group([group1, ...]) -> str or tuple.\n"
                               "    Return subgroup(s) of the match by indices or names.\n"
                               "    For 0 returns the entire match."),
    method<match_start>("start(group=0, /)",
                        "Return index of the start of the substring matched by group."),
    method<match_end>("end(group=0, /)",
                      "Return index of the end of the substring matched by group."),
    method<match_span>("span(group=0, /)",
                       "For match object m, return the 2-tuple (m.start(group), m.end(group))."),
    method<match_groups>(
        "groups(default=None)",
        "Return a tuple containing all the subgroups of the match, from 1.\n\n"
        "  default\n    Is used for groups that did not participate in the match."),
    method<match_groupdict>(
        "groupdict(default=None)",
        "Return a dictionary containing all the named subgroups of the match, keyed by the "
        "subgroup name.\n\n"
        "  default\n    Is used for groups that did not participate in the match."),
    method<match_expand>("expand(template)",
                         "Return the string obtained by doing backslash substitution on the string "
                         "template, as done "
                         "by the sub() method."),
    method<match_copy>("__copy__()"),
    method<match_deepcopy>("__deepcopy__(memo, /)"),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
static const GetSet match_getsets[] = {
    getter<match_string>("string", "The string passed to match() or search()."),
    getter<match_re>("re", "The regular expression object."),
    getter<match_pos>(
        "pos", "The index into the string at which the RE engine started looking for a match."),
    getter<match_endpos>("endpos",
                         "The index into the string beyond which the RE engine will not go."),
    getter<match_lastindex>("lastindex", "The integer index of the last matched capturing group."),
    getter<match_lastgroup>("lastgroup", "The name of the last matched capturing group."),
    getter<match_regs>("regs"),
};
const TypeSpec match_spec{
    .name = "re.Match",
    .doc =
        "The result of re.match() and re.search().\nMatch objects always have a boolean value of "
        "True.",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &match_layout,
    .slots = match_slots,
    .methods = match_methods,
    .getsets = match_getsets,
};

}  // namespace dx::sre
