// _sre: what the library's re package is built on (docs/internals/regex.md). Compiling, replacement
// templates, and the questions about characters that its compiler asks.

#include "modules/sre/sre.h"

#include "modules/sre/opcodes.h"
#include "objects/container_support.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/module.h"

namespace dx::sre {

TypeHandle template_type;

// ---- replacement templates ----------------------------------------------------------------------

static Raised raise_invalid_template(Thread& thread) {
  return raise<TypeError>(thread, "invalid template");
}

static bool is_empty_text(Value value) {
  return (is_str(value) && Borrowed<Str>(value)->length() == 0) ||
         (is_bytes(value) && Borrowed<Bytes>(value)->size == 0);
}

// list: literal, group, literal, group, ..., literal.
AnyResult template_create(Thread& thread, Any pattern, Any list) {
  (void)pattern;
  Ref<Tuple> items = TRY(list_to_tuple(thread, Borrowed<List>(list.value())));
  Word count = items->size;
  // CPython takes a missing last literal, and a lone missing first one, for empty.
  if (count % 2 == 0 && count != 0) return raise_invalid_template(thread);
  AnyRef made = TRY(allocate_instance(thread, template_type.type));
  Template* self = static_cast<Template*>(made.get());
  if (count == 0) {
    slot_init(self, self->literal, share(thread, Any(Value(str_empty()))));
    slot_init(self, self->pieces, share(thread, Any(Value(tuple_empty()))));
    return made;
  }
  slot_init(self, self->literal, share(thread, items->item(0)));
  Ref<Tuple> pieces = TRY(tuple_create(thread, static_cast<size_t>(count - 1)));
  for (Word i = 1; i < count; i += 2) {
    Any group = items->item(i);
    if (!is_int(group.value())) return raise<TypeError>(thread, "an integer is required");
    Word index;
    if (!int_to_word(group.value(), index) || index < 0) return raise_invalid_template(thread);
    slot_init(pieces.get(), pieces->items()[i - 1], small_int(index));
    Any literal = items->item(i + 1);
    slot_init(pieces.get(), pieces->items()[i],
              is_empty_text(literal.value()) ? AnyRef::adopt(kNone) : share(thread, literal));
  }
  slot_init(self, self->pieces, std::move(pieces));
  return made;
}

Result<Ref<Template>> template_compile(Thread& thread, Borrowed<Pattern> pattern, Any text) {
  // The library's function keeps a cache of its own.
  static std::atomic<Object*> known{nullptr};
  Object* function = known.load(std::memory_order_acquire);
  if (!function) {
    AnyRef module = TRY(import_module(thread, NAME("re")));
    AnyRef found = TRY(get_attr(thread, module, NAME("_compile_template")));
    if (!found.value().is_object())
      return raise<TypeError>(thread, "re._compile_template is not callable");
    Object* fresh = found.release().object();
    publish(thread, Value(fresh));
    if (known.compare_exchange_strong(function, fresh, std::memory_order_acq_rel))
      function = fresh;
    else
      decref(thread, Value(fresh));
  }
  AnyRef made = TRY(call(thread, Value(function), {pattern.value(), text.value()}));
  if (type_of(made.value()) != template_type.type) return raise_invalid_template(thread);
  return Ref<Template>::adopt(made.release());
}

AnyResult template_expand(Thread& thread, Borrowed<Template> self, Borrowed<Match> match) {
  Any literal = self->literal.borrow();
  Borrowed<Tuple> pieces = self->pieces.borrow();
  if (pieces->size == 0) return share(thread, literal);
  Joiner joiner(thread, is_str(literal.value()));
  TRY(joiner.add(literal));
  for (Word i = 0; i < pieces->size; i += 2) {
    AnyRef group =
        TRY(match_group(thread, match, small_int_value(pieces->item(i).value()), Any(kNone)));
    if (!group.borrow().is_none()) TRY(joiner.add(group.borrow()));
    if (!pieces->item(i + 1).is_none()) TRY(joiner.add(pieces->item(i + 1)));
  }
  return joiner.finish();
}

static const Layout template_layout{"_sre.SRE_Template", sizeof(Template), true,
                                    trace_fields<Template, &Template::literal, &Template::pieces>,
                                    nullptr};
const TypeSpec template_spec{
    .name = "_sre.SRE_Template",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &template_layout,
};

// ---- the module's functions ---------------------------------------------------------------------

static Result<void> read_code(Thread& thread, Borrowed<List> list, std::vector<uint32_t>& code) {
  Word length = list_length(list);
  code.reserve(static_cast<size_t>(length));
  for (Word i = 0; i < length; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, list, i);
    if (!item) break;
    if (!is_int(item.value())) return raise<TypeError>(thread, "an integer is required");
    if (int_sign(item.value()) < 0) {
      return raise<OverflowError>(thread, "can't convert negative value to unsigned int");
    }
    Word word;
    if (!int_to_word(item.value(), word)) {
      return raise<OverflowError>(thread, "Python int too large to convert to C unsigned long");
    }
    if (word > static_cast<Word>(UINT32_MAX)) {
      return raise<OverflowError>(thread, "regular expression code size limit exceeded");
    }
    code.push_back(static_cast<uint32_t>(word));
  }
  return {};
}

static AnyResult compile(Thread& thread, Any pattern, int flags, Borrowed<List> code, Word groups,
                         Borrowed<Dict> group_index, Borrowed<Tuple> index_group) {
  TextKind kind = TextKind::any;
  if (!pattern.is_none()) {
    Subject subject(thread);
    TRY(subject.acquire(pattern, TextKind::any));
    kind = subject.is_str() ? TextKind::str : TextKind::bytes;
  }
  std::vector<uint32_t> words;
  TRY(read_code(thread, code, words));
  auto program = std::make_unique<Program>();
  // A group takes four words of code: more groups than words cannot be.
  if (groups < 0 || groups > static_cast<Word>(words.size()) ||
      !translate(std::move(words), static_cast<uint32_t>(groups), *program)) {
    return raise<RuntimeError>(thread, "invalid SRE code");
  }
  AnyRef made = TRY(allocate_instance(thread, pattern_type.type));
  Pattern* self = static_cast<Pattern*>(made.get());
  slot_init(self, self->pattern, share(thread, pattern));
  slot_init(self, self->group_index, Ref<Dict>::share(thread, group_index));
  slot_init(self, self->index_group, Ref<Tuple>::share(thread, index_group));
  self->program = program.release();
  self->flags = static_cast<uint32_t>(flags);
  self->kind = kind;
  return made;
}

static AnyResult make_template(Thread& thread, Any pattern, Borrowed<List> list) {
  return template_create(thread, pattern, list);
}

static Word getcodesize(Thread&) { return sizeof(uint32_t); }

static bool ascii_iscased(Thread&, int character) {
  uint32_t c = static_cast<uint32_t>(character);
  return (c | 32) - 'a' < 26;
}
static Word ascii_tolower(Thread&, int character) {
  return static_cast<int32_t>(lower_ascii(static_cast<uint32_t>(character)));
}
static bool unicode_iscased(Thread&, int character) {
  uint32_t c = static_cast<uint32_t>(character);
  return lower_unicode(c) != c || upper_unicode(c) != c;
}
static Word unicode_tolower(Thread&, int character) {
  return static_cast<int32_t>(lower_unicode(static_cast<uint32_t>(character)));
}

static constexpr Method functions[] = {
    function<compile>("compile(pattern, flags, code, groups, groupindex, indexgroup)"),
    function<make_template>(
        "template(pattern, template, /)",
        "\n\n  template\n"
        "    A list containing interleaved literal strings (str or bytes) and group\n"
        "    indices (int), as returned by re._parser.parse_template():\n"
        "        [literal1, group1, ..., literalN, groupN]"),
    function<getcodesize>("getcodesize()"),
    function<ascii_iscased>("ascii_iscased(character, /)"),
    function<ascii_tolower>("ascii_tolower(character, /)"),
    function<unicode_iscased>("unicode_iscased(character, /)"),
    function<unicode_tolower>("unicode_tolower(character, /)"),
};
static constexpr ModuleConstant constants[] = {
    constant("MAGIC", kMagic),
    constant("CODESIZE", sizeof(uint32_t)),
    constant("MAXREPEAT", kUnlimited),
    constant("MAXGROUPS", (Word{1} << 30) - 1),
};

static Result<void> initialize(Thread& thread, Borrowed<Module>) {
  TRY(type_from_spec(thread, pattern_spec, pattern_type));
  TRY(type_from_spec(thread, match_spec, match_type));
  TRY(type_from_spec(thread, scanner_spec, scanner_type));
  return type_from_spec(thread, template_spec, template_type);
}

}  // namespace dx::sre

namespace dx {

extern const ModuleSpec _sre_module;
const ModuleSpec _sre_module{
    .name = "_sre",
    .functions = sre::functions,
    .constants = sre::constants,
    .initialize = sre::initialize,
};

}  // namespace dx
