// Struct sequences: see structseq.h.

#include "objects/structseq.h"

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/list.h"
#include "objects/type_internal.h"

namespace dx {
namespace {

constexpr size_t kMaxFields = 40;

// The description behind a type: its spec is a member of it.
const StructSequence& kind_of(Type* type) {
  return *reinterpret_cast<const StructSequence*>(reinterpret_cast<const char*>(type->spec) -
                                                  offsetof(StructSequence, spec));
}
const StructSequence& kind_of(Borrowed<Tuple> self) { return kind_of(type_of(self)); }

// Field i: hidden ones stand behind the word with their number.
Slot& field_slot(Tuple* self, size_t i) {
  return self->items()[i < static_cast<size_t>(self->size) ? i : i + 1];
}

template <size_t i>
AnyResult get_field(Thread& thread, Any self) {
  return AnyRef::adopt(
      slot_load(thread, self.object(), field_slot(static_cast<Tuple*>(self.object()), i)));
}
using Getter = AnyResult (*)(Thread&, Any);
template <size_t... i>
constexpr std::array<Getter, sizeof...(i)> make_getters(std::index_sequence<i...>) {
  return {&get_field<i>...};
}
constexpr auto getters = make_getters(std::make_index_sequence<kMaxFields>());

Result<void> set_field(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}

Result<Ref<Tuple>> allocate(Thread& thread, Type* type) {
  const StructSequence& kind = kind_of(type);
  size_t bytes = sizeof(Tuple) + (kind.fields.size() + 1) * sizeof(Slot);
  AnyRef made = TRY(allocate_instance_sized(thread, type, bytes));
  Tuple* self = static_cast<Tuple*>(made.get());
  self->size = static_cast<Word>(kind.visible);
  slot_init(self, self->items()[kind.visible],
            small_int(static_cast<Word>(kind.fields.size() - kind.visible)));
  return Ref<Tuple>::adopt(made.release());
}

// The constructor: a sequence of visible items and perhaps hidden ones, and a dict for the other
// hidden ones.
AnyResult structseq_from(Thread& thread, Type* type, Any sequence, MaybeAny hidden) {
  const StructSequence& kind = kind_of(type);
  const char* name = kind.name;
  if (!has_iter(sequence)) return raise<TypeError>(thread, "constructor requires a sequence");
  AnyRef owned = TRY(sequence_tuple(thread, sequence));
  if (hidden && hidden.value().is_none()) hidden = MaybeAny();
  if (hidden && !is_dict(hidden.value())) {
    return raise<TypeError>(thread, "{}() takes a dict as second arg, if any", name);
  }
  Borrowed<Tuple> items(owned.value());
  size_t given = static_cast<size_t>(items->size);
  size_t all = kind.fields.size();
  if (kind.visible != all) {
    if (given < kind.visible) {
      return raise<TypeError>(thread, "{}() takes an at least {}-sequence ({}-sequence given)",
                              name, kind.visible, given);
    }
    if (given > all) {
      return raise<TypeError>(thread, "{}() takes an at most {}-sequence ({}-sequence given)", name,
                              all, given);
    }
  } else if (given != all) {
    return raise<TypeError>(thread, "{}() takes a {}-sequence ({}-sequence given)", name, all,
                            given);
  }
  Ref<Tuple> made = TRY(allocate(thread, type));
  for (size_t i = 0; i < given; ++i) {
    slot_init(made.get(), field_slot(made.get(), i),
              share(thread, items->item(static_cast<Word>(i))));
  }
  Word taken = 0;
  for (size_t i = given; i < all; ++i) {
    Value value = kNone;
    if (hidden && kind.fields[i].name) {
      Ref<Str> key = TRY(str_intern_ascii(thread, kind.fields[i].name));
      AnyLookup found = dict_get(thread, Borrowed<Dict>(hidden.value()), key);
      if (found.raised()) return Raised{};
      if (found.found()) {
        value = found.take().release();
        ++taken;
      }
    }
    slot_init(made.get(), field_slot(made.get(), i), value);
  }
  if (hidden && dict_size(Borrowed<Dict>(hidden.value())) > taken) {
    return raise<TypeError>(thread, "{}() got duplicate or unexpected field name(s)", name);
  }
  return made;
}

AnyResult structseq_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value sequence, hidden;
  size_t positional = arguments.positional();
  if (arguments.count > 2) {
    return raise<TypeError>(thread, "structseq() takes at most 2 arguments ({} given)",
                            arguments.count);
  }
  if (positional > 0) sequence = arguments[0];
  if (positional > 1) hidden = arguments[1];
  for (size_t i = positional; i < arguments.count; ++i) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(i - positional)).value());
    if (str_equals_ascii(name, "sequence") && !sequence)
      sequence = arguments[i];
    else if (str_equals_ascii(name, "dict") && !hidden)
      hidden = arguments[i];
    else
      return raise<TypeError>(thread, "structseq() got an unexpected keyword argument '{}'", name);
  }
  if (!sequence)
    return raise<TypeError>(thread, "structseq() missing required argument 'sequence' (pos 1)");
  return structseq_from(thread, type.get(), sequence, MaybeAny(hidden));
}

AnyResult structseq_repr(Thread& thread, Borrowed<Tuple> self) {
  const StructSequence& kind = kind_of(self);
  StrBuilder text(thread);
  TRY(text.append(std::string_view(kind.name)));
  TRY(text.append('('));
  size_t named = 0;  // items take the names in order, unnamed fields skipped, as CPython shows
                     // them: st_atime for item 7
  for (size_t i = 0; i < kind.visible; ++i, ++named) {
    if (i) TRY(text.append(std::string_view(", ")));
    while (!kind.fields[named].name) ++named;
    TRY(text.append(std::string_view(kind.fields[named].name)));
    TRY(text.append('='));
    Ref<Str> item = TRY(repr(thread, self->item(static_cast<Word>(i))));
    TRY(text.append(item.borrow()));
  }
  TRY(text.append(')'));
  return text.finish();
}

Result<Ref<Dict>> hidden_fields(Thread& thread, Borrowed<Tuple> self) {
  const StructSequence& kind = kind_of(self);
  Ref<Dict> hidden = TRY(dict_create(thread));
  for (size_t i = kind.visible; i < kind.fields.size(); ++i) {
    Ref<Str> name = TRY(str_intern_ascii(thread, kind.fields[i].name));
    TRY(dict_set_str(thread, hidden, name, field_slot(self.get(), i).raw_relaxed()));
  }
  return hidden;
}

AnyResult structseq_reduce(Thread& thread, Borrowed<Tuple> self) {
  Ref<Tuple> visible = TRY(tuple_from(thread, reinterpret_cast<const Value*>(self->items()),
                                      static_cast<size_t>(self->size)));
  Ref<Dict> hidden = TRY(hidden_fields(thread, self));
  Ref<Tuple> arguments = TRY(tuple_of(thread, {visible.value(), hidden.value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value()});
}

AnyResult structseq_replace(Thread& thread, Borrowed<Tuple> self, Arguments arguments) {
  const StructSequence& kind = kind_of(self);
  size_t positional = arguments.positional();
  if (positional) return raise<TypeError>(thread, "__replace__() takes no positional arguments");
  for (const StructField& field : kind.fields) {
    if (!field.name) {
      return raise<TypeError>(
          thread, "__replace__() is not supported for {} because it has unnamed field(s)",
          kind.name);
    }
  }
  Ref<Tuple> made = TRY(allocate(thread, type_of(self)));
  for (size_t i = 0; i < kind.fields.size(); ++i) {
    slot_init(made.get(), field_slot(made.get(), i),
              share(thread, field_slot(self.get(), i).raw_relaxed()));
  }
  Ref<List> unexpected = TRY(list_create(thread));
  for (size_t at = 0; at < arguments.count; ++at) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(at)).value());
    size_t i = 0;
    while (i < kind.fields.size() && !str_equals_ascii(name, kind.fields[i].name)) ++i;
    if (i == kind.fields.size())
      TRY(list_append(thread, unexpected, share(thread, name)));
    else
      slot_write(thread, made.get(), field_slot(made.get(), i), share(thread, arguments[at]));
  }
  if (list_length(unexpected)) {
    return raise<TypeError>(thread, "Got unexpected field name(s): {}",
                            repr_of(unexpected.borrow()));
  }
  return made;
}

void structseq_trace(Object* object, SlotVisitor& visitor) {
  Tuple* self = static_cast<Tuple*>(object);
  size_t visible = static_cast<size_t>(self->size);
  for (size_t i = 0; i < visible; ++i) visitor(self->items()[i]);
  Value hidden = self->items()[visible].raw_relaxed();
  if (!hidden.is_int()) return;
  for (Word i = 1; i <= small_int_value(hidden); ++i)
    visitor(self->items()[visible + static_cast<size_t>(i)]);
}

size_t structseq_payload_size(const Object* object) {
  const Tuple* self = static_cast<const Tuple*>(object);
  Value hidden = self->items()[self->size].raw_relaxed();
  size_t count = static_cast<size_t>(self->size) + 1 +
                 static_cast<size_t>(hidden.is_int() ? small_int_value(hidden) : 0);
  return sizeof(Tuple) + count * sizeof(Slot);
}

const Layout structseq_layout{"structseq",     sizeof(Tuple), true,
                              structseq_trace, nullptr,       structseq_payload_size};

const SlotEntry structseq_slots[] = {
    slot<SlotId::new_, structseq_new>(),
    slot<SlotId::repr, structseq_repr>(),
};
const SlotEntry structseq_unmade_slots[] = {
    slot<SlotId::repr, structseq_repr>(),
};
constexpr Method structseq_methods[] = {
    method<structseq_reduce>("__reduce__()"),
    method<structseq_replace>(
        "__replace__(*args, **changes)",
        "Return a copy of the structure with new values for the specified fields."),
};

Result<void> set_class_attribute(Thread& thread, Type* type, const char* name, Any value) {
  Ref<Str> key = TRY(str_intern_ascii(thread, name));
  return dict_set_str(thread, type->dict.borrow(), key, value);
}

}  // namespace

Result<void> structseq_ready(Thread& thread, StructSequence& kind) {
  if (kind.type.type) return {};
  CHECK(kind.fields.size() <= kMaxFields && kind.visible <= kind.fields.size());
  GetSet* getsets =
      new (std::nothrow) GetSet[kind.fields.size()];  // lives as long as the type: for ever
  if (!getsets) return raise_memory_error(thread);
  size_t named = 0, unnamed = 0;
  for (size_t i = 0; i < kind.fields.size(); ++i) {
    if (!kind.fields[i].name) {
      ++unnamed;
      continue;
    }
    getsets[named++] = GetSet{kind.fields[i].name, getters[i], &set_field, kind.fields[i].doc};
  }
  kind.spec.name = kind.name;
  kind.spec.doc = kind.doc;
  kind.spec.flags = kTypeImmutable | kTypeSequence |
                    (kind.constructible ? 0u : static_cast<uint32_t>(kTypeDisallowNew));
  kind.spec.shape_flags = kShapeTuple;
  kind.spec.layout = &structseq_layout;
  kind.spec.base = TYPE_HANDLE(tuple);
  if (kind.constructible)
    kind.spec.slots = structseq_slots;
  else
    kind.spec.slots = structseq_unmade_slots;
  kind.spec.methods = structseq_methods;
  kind.spec.getsets = std::span<const GetSet>(getsets, named);
  TRY(type_from_spec(thread, kind.spec, kind.type));

  Type* type = kind.type;
  TRY(set_class_attribute(thread, type, "n_sequence_fields",
                          small_int(static_cast<Word>(kind.visible))));
  TRY(set_class_attribute(thread, type, "n_fields",
                          small_int(static_cast<Word>(kind.fields.size()))));
  TRY(set_class_attribute(thread, type, "n_unnamed_fields", small_int(static_cast<Word>(unnamed))));
  Ref<List> names = TRY(list_create(thread));
  for (size_t i = 0; i < kind.visible; ++i) {
    if (!kind.fields[i].name) continue;
    Ref<Str> name = TRY(str_intern_ascii(thread, kind.fields[i].name));
    TRY(list_append(thread, names, std::move(name)));
  }
  Ref<Tuple> match = TRY(list_to_tuple(thread, names));
  TRY(set_class_attribute(thread, type, "__match_args__", match));
  type_modified(type);
  return {};
}

Result<Ref<Tuple>> structseq_create(Thread& thread, StructSequence& kind, Value* fields) {
  Result<Ref<Tuple>> allocated = allocate(thread, kind.type);
  if (allocated.raised()) {
    for (size_t i = 0; i < kind.fields.size(); ++i) decref(thread, fields[i]);
    return Raised{};
  }
  Ref<Tuple> made = allocated.take();
  for (size_t i = 0; i < kind.fields.size(); ++i)
    slot_init(made.get(), field_slot(made.get(), i), fields[i]);
  return made;
}

}  // namespace dx
