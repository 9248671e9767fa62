// Code objects: made from images, prepared before they first run.

#include "objects/code.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "dpb/positions.h"
#include "objects/bytes.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/slice.h"

namespace dx {

namespace {

std::mutex prepare_mutex;  // code_prepare's last step; never held while Python runs

Result<Ref<Str>> make_text(Thread& thread, const dpb::Text& text) {
  return str_from_wtf8(thread, text.view());
}
Result<Ref<Str>> make_name(Thread& thread, const dpb::Text& text) {
  if (text.width == 0) return str_intern_ascii(thread, text.view());
  return str_intern(thread, TRY(make_text(thread, text)));
}

// The interned text number `index` of the image: borrowed from it, for as long as it lives. Any
// thread may ask.
Result<Str*> image_name(Thread& thread, CodeImage* image, uint32_t index) {
  std::atomic<Str*>* names = image->names.load(std::memory_order_acquire);
  if (!names) {
    names = static_cast<std::atomic<Str*>*>(
        std::calloc(image->view().text_count() + 1, sizeof(std::atomic<Str*>)));
    if (!names) return raise_memory_error(thread);
    std::atomic<Str*>* first = nullptr;
    if (!image->names.compare_exchange_strong(first, names, std::memory_order_acq_rel)) {
      std::free(names);
      names = first;
    }
  }
  if (Str* known = names[index].load(std::memory_order_acquire)) return known;
  Value made = TRY(make_name(thread, image->view().text(index))).release();
  Str* expected = nullptr;
  if (names[index].compare_exchange_strong(expected, static_cast<Str*>(made.object()),
                                           std::memory_order_acq_rel)) {
    return static_cast<Str*>(made.object());
  }
  decref(thread, made);
  return expected;
}

bool looks_like_name(std::string_view text) {
  for (char c : text) {
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
      return false;
  }
  return true;
}

AnyResult complex_create(Thread& thread, double real, double imaginary) {
  return call(thread, Any(Value(TYPE(complex))),
              {double_to_value(thread, real), double_to_value(thread, imaginary)});
}

// Constant `index` of the image, by value (not cached).
AnyResult make_constant(Thread& thread, Code* code, uint32_t index) {
  dpb::ImageView view = code->image->view();
  const dpb::ConstantRecord& record = view.constant(index);
  using Kind = dpb::Constant::Kind;
  switch (static_cast<Kind>(record.kind)) {
    case Kind::none: return AnyRef::adopt(kNone);
    case Kind::true_value: return AnyRef::adopt(kTrue);
    case Kind::false_value: return AnyRef::adopt(kFalse);
    case Kind::ellipsis: return AnyRef::adopt(kEllipsis);
    case Kind::int64: return int_from_word(thread, static_cast<Word>(record.payload));
    case Kind::big_int: {
      auto limbs = view.limbs_of(record);
      AnyRef number = TRY(int_from_bytes(thread, reinterpret_cast<const uint8_t*>(limbs.data()),
                                         limbs.size() * 8, true, false));
      if (!record.negative) return number;
      return int_negate(thread, number);
    }
    case Kind::float64: return float_from_double(thread, std::bit_cast<double>(record.payload));
    case Kind::complex: {
      auto parts = view.complex_of(record);
      return complex_create(thread, std::bit_cast<double>(parts[0]),
                            std::bit_cast<double>(parts[1]));
    }
    case Kind::str: {
      dpb::Text text = view.text(record.size);
      if (looks_like_name(text.view())) return make_name(thread, text);
      return make_text(thread, text);
    }
    case Kind::bytes: return bytes_from(thread, view.bytes_of(record));
    case Kind::tuple: {
      auto items = view.items_of(record);
      Ref<Tuple> tuple = TRY(tuple_create(thread, items.size()));
      for (size_t i = 0; i < items.size(); ++i)
        slot_init(tuple.get(), tuple->items()[i], TRY(make_constant(thread, code, items[i])));
      return tuple;
    }
    case Kind::frozenset: {
      auto items = view.items_of(record);
      Ref<Tuple> tuple = TRY(tuple_create(thread, items.size()));
      for (size_t i = 0; i < items.size(); ++i)
        slot_init(tuple.get(), tuple->items()[i], TRY(make_constant(thread, code, items[i])));
      return frozenset_from(thread, tuple);
    }
    case Kind::slice: {
      auto items = view.items_of(record);
      AnyRef start = TRY(make_constant(thread, code, items[0])),
             stop = TRY(make_constant(thread, code, items[1])),
             step = TRY(make_constant(thread, code, items[2]));
      return slice_create(thread, start, stop, step);
    }
    case Kind::code: {
      code->image->references.fetch_add(1, std::memory_order_relaxed);
      return code_create(thread, code->image, record.size, code->filename.borrow());
    }
  }
  CHECK(!"a constant of unknown kind passed the loader");
}

void code_destroy(Thread& thread, Object* object) {
  auto* self = static_cast<Code*>(object);
  if (self->constants) {
    uint32_t count = static_cast<uint32_t>(self->view().constants().size());
    for (uint32_t i = 0; i < count; ++i) decref(thread, self->constants[i]);
    std::free(self->constants);
  }
  std::free(self->caches);
  std::free(self->feedback);
  code_image_release(thread, self->image);
}

void trace_code(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<Code*>(object);
  visit(self->name);
  visit(self->qualname);
  visit(self->filename);
  visit(self->consts);
  visit(self->names);
  visit(self->varnames);
  visit(self->cellvars);
  visit(self->freevars);
  visit(self->replaced_positions);
}

}  // namespace

void code_image_release(Thread& thread, CodeImage* image) {
  if (image->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (std::atomic<Str*>* names = image->names.load(std::memory_order_relaxed)) {
    for (uint32_t i = 0, count = image->view().text_count(); i < count; ++i) {
      if (Str* name = names[i].load(std::memory_order_relaxed)) decref(thread, Value(name));
    }
    std::free(names);
  }
  delete image;
}

Result<Ref<Code>> code_create(Thread& thread, CodeImage* image, uint32_t unit,
                              Borrowed<Str> filename) {
  auto* code =
      static_cast<Code*>(allocate_object(thread, sizeof(Code), SHAPE(code), PageKind::traced));
  if (!code) {
    code_image_release(thread, image);
    return raise_memory_error(thread);
  }
  code->image = image;
  code->unit = unit;
  Ref<Code> owned = Ref<Code>::adopt(code);
  dpb::CodeView view = code->view();
  const dpb::CodeRecord& record = view.record();
  code->instructions = view.instructions().data();
  code->instruction_count = record.instruction_count;
  code->flags = record.flags;
  code->register_count = static_cast<uint16_t>(record.register_count);
  code->local_count = static_cast<uint16_t>(view.first_temporary());
  code->argument_count = static_cast<uint16_t>(record.argument_count);
  code->keyword_only = static_cast<uint16_t>(record.keyword_only);
  code->positional_only = static_cast<uint16_t>(record.positional_only);
  code->first_local = static_cast<uint16_t>(view.first_local());
  code->parameter_count = static_cast<uint16_t>(record.argument_count + record.keyword_only +
                                                !!(record.flags & dpb::kCoVarArgs) +
                                                !!(record.flags & dpb::kCoVarKeywords));
  if (code->first_local) code->parameter_count = 1;  // run_code fills the namespace register
  code->call_shape.store(kNotSimple, std::memory_order_relaxed);
  code->simple_call = !code->first_local && record.keyword_only == 0 &&
                      !(record.flags & (dpb::kCoVarArgs | dpb::kCoVarKeywords));
  code->first_line = record.first_line;
  slot_init(code, code->name,
            Ref<Str>::share(thread, Borrowed<Str>(TRY(image_name(thread, image, record.name)))));
  slot_init(
      code, code->qualname,
      Ref<Str>::share(thread, Borrowed<Str>(TRY(image_name(thread, image, record.qualname)))));
  slot_init(code, code->filename, Ref<Str>::share(thread, filename));
  return owned;
}

Result<void> code_prepare(Thread& thread, Borrowed<Code> code) {
  if (code->prepared.load(std::memory_order_acquire)) return {};
  dpb::CodeView view = code->view();
  size_t constant_count = view.constants().size(), site_count = view.sites().size();
  auto* constants = static_cast<Value*>(std::calloc(constant_count + 1, sizeof(Value)));
  auto* caches =
      static_cast<CacheCell*>(std::aligned_alloc(32, (site_count + 1) * sizeof(CacheCell)));
  auto* feedback = static_cast<uint8_t*>(std::calloc(code->instruction_count + 1, 1));
  auto discard = [&] {
    std::free(constants);
    std::free(caches);
    std::free(feedback);
  };
  if (!constants || !caches || !feedback) {
    discard();
    return raise_memory_error(thread);
  }
  std::memset(static_cast<void*>(caches), 0, (site_count + 1) * sizeof(CacheCell));
  for (size_t i = 0; i < site_count; ++i) {
    uint32_t name = view.sites()[i].name;
    if (name == dpb::CacheSite::kNoName) continue;
    Result<Str*> text = image_name(thread, code->image, view.names()[name]);
    if (text.raised()) {
      discard();
      return Raised{};
    }
    caches[i].name = text.take();
  }
  {
    std::lock_guard<std::mutex> guard(prepare_mutex);
    if (!code->prepared.load(std::memory_order_relaxed)) {
      code->constants = constants;
      code->caches = caches;
      code->feedback = feedback;
      code->prepared.store(true, std::memory_order_release);
      if (code->simple_call)
        code->call_shape.store(code->argument_count, std::memory_order_release);
      return {};
    }
  }
  discard();
  return {};
}

Result<Any> code_constant(Thread& thread, Borrowed<Code> code, uint32_t index) {
  std::atomic_ref<uint64_t> slot(code->constants[index].bits);
  Value known(slot.load(std::memory_order_acquire));
  if (known) return Any(known);
  AnyRef made = TRY(make_constant(thread, code.get(), code->view().constants()[index]));
  // Equal tuples hold equal objects: what only this code refers to may live for ever with its file.
  uint64_t expected = 0;
  Value value = made.release();
  // Code that threads share (objects/sharing.h) shares its constants.
  publish(thread, value);  // every thread that runs the code finds it here
  if (is_immortal(code.get()) && value.is_object())
    value.object()->counts.fetch_or(kImmortal, std::memory_order_relaxed);
  if (!slot.compare_exchange_strong(expected, value.bits, std::memory_order_acq_rel)) {
    decref(thread, value);
    return Any(Value(expected));
  }
  return Any(value);
}

AnyResult code_names_tuple(Thread& thread, Borrowed<Code> code, Field<Object>& field,
                           std::span<const uint32_t> texts) {
  Value known = field.raw();
  if (known) return share(thread, Any(known));
  Ref<Tuple> tuple = TRY(tuple_create(thread, texts.size()));
  for (size_t i = 0; i < texts.size(); ++i) {
    slot_init(
        tuple.get(), tuple->items()[i],
        Ref<Str>::share(thread, Borrowed<Str>(TRY(image_name(thread, code->image, texts[i])))));
  }
  uint64_t expected = 0;
  Value value = tuple.value();
  incref(thread, value);
  publish_into(thread, code.get(), value);
  if (!field.word().compare_exchange_strong(expected, value.bits, std::memory_order_acq_rel)) {
    decref(thread, value);
    return share(thread, Any(Value(expected)));
  }
  return tuple;
}
AnyResult code_varnames(Thread& thread, Borrowed<Code> code) {
  return code_names_tuple(thread, code, code->varnames, code->view().varnames());
}
AnyResult code_freevars(Thread& thread, Borrowed<Code> code) {
  return code_names_tuple(thread, code, code->freevars, code->view().freevars());
}
AnyResult code_cellvars(Thread& thread, Borrowed<Code> code) {
  return code_names_tuple(thread, code, code->cellvars, code->view().cellvars());
}

Maybe<Ref<Str>> code_register_name(Thread& thread, Borrowed<Code> code, uint32_t index) {
  dpb::CodeView view = code->view();
  dpb::ImageView image = code->image->view();
  uint32_t text = 0;
  bool found = false;
  if (index >= view.first_free() && index < view.first_temporary()) {
    text = view.freevars()[index - view.first_free()];
    found = true;
  } else if (index >= view.first_own_cell() && index < view.first_free()) {
    auto registers = view.cell_registers();
    for (size_t i = 0; i < registers.size(); ++i) {
      if (registers[i] != index) continue;
      text = view.cellvars()[i];
      found = true;
    }
  } else if (index >= view.first_local() && index < view.first_own_cell()) {
    text = view.varnames()[index - view.first_local()];
    found = true;
  }
  if (!found) return {};
  Result<Ref<Str>> name = make_name(thread, image.text(text));
  if (name.raised()) return {};
  return Maybe<Ref<Str>>(name.take());
}

int32_t code_line(Borrowed<Code> code, uint32_t instruction) {
  return code->view().position(instruction).line;
}

// ---- as Python sees it --------------------------------------------------------------------------

namespace {

AnyResult code_consts(Thread& thread, Borrowed<Code> code) {
  Value known = code->consts.raw();
  if (known) return share(thread, Any(known));
  TRY(code_prepare(thread, code));
  size_t count = code->view().constants().size();
  Ref<Tuple> tuple = TRY(tuple_create(thread, count));
  for (size_t i = 0; i < count; ++i)
    slot_init(tuple.get(), tuple->items()[i],
              share(thread, TRY(code_constant(thread, code, static_cast<uint32_t>(i)))));
  return tuple;
}
AnyResult code_names(Thread& thread, Borrowed<Code> code) {
  return code_names_tuple(thread, code, code->names, code->view().names());
}
AnyResult code_argcount(Borrowed<Code> code) {
  return AnyRef::adopt(small_int(code->first_local ? 0 : code->argument_count));
}
AnyResult code_posonly(Borrowed<Code> code) {
  return AnyRef::adopt(small_int(code->positional_only));
}
AnyResult code_kwonly(Borrowed<Code> code) { return AnyRef::adopt(small_int(code->keyword_only)); }
AnyResult code_nlocals(Borrowed<Code> code) {
  return AnyRef::adopt(small_int(static_cast<Word>(code->view().varnames().size())));
}
AnyResult code_stacksize(Borrowed<Code> code) {
  return AnyRef::adopt(small_int(code->register_count - code->local_count + 1));
}
AnyResult code_flags(Borrowed<Code> code) { return AnyRef::adopt(small_int(code->flags)); }
AnyResult code_first_line(Borrowed<Code> code) {
  return AnyRef::adopt(small_int(code->first_line));
}
AnyResult code_code(Thread& thread, Borrowed<Code> code) {
  return bytes_from(thread, {reinterpret_cast<const char*>(code->instructions),
                             code->instruction_count * sizeof(dpb::Instruction)});
}
Ref<Str> code_get_name(Thread& thread, Borrowed<Code> code) {
  return Ref<Str>::share(thread, code->name.borrow());
}
Ref<Str> code_get_qualname(Thread& thread, Borrowed<Code> code) {
  return Ref<Str>::share(thread, code->qualname.borrow());
}
Ref<Str> code_get_filename(Thread& thread, Borrowed<Code> code) {
  return Ref<Str>::share(thread, code->filename.borrow());
}

Value word_or_none(int32_t number) { return number < 0 ? kNone : small_int(number); }

// The positions of a code's instructions one after the other; the packed table can only be read
// from its start.
class PositionWalk {
 public:
  explicit PositionWalk(Borrowed<Code> code) : reader_(code->view().positions()) {}
  dpb::SourcePosition next() {
    while (left_ == 0) {
      if (!reader_.next()) return {};
      left_ = reader_.run();
    }
    --left_;
    return reader_.position();
  }

 private:
  dpb::PositionReader reader_;
  uint32_t left_ = 0;
};

AnyResult code_positions(Thread& thread, Borrowed<Code> code) {
  Ref<List> list = TRY(list_create(thread, code->instruction_count));
  PositionWalk walk(code);
  for (uint32_t i = 0; i < code->instruction_count; ++i) {
    dpb::SourcePosition at = walk.next();
    Ref<Tuple> item = TRY(tuple_of(thread, {word_or_none(at.line), word_or_none(at.end_line),
                                            word_or_none(at.column), word_or_none(at.end_column)}));
    TRY(list_append(thread, list, std::move(item)));
  }
  return get_iter(thread, list);
}
AnyResult code_lines(Thread& thread, Borrowed<Code> code) {
  Ref<List> list = TRY(list_create(thread));
  uint32_t start = 0;
  PositionWalk walk(code);
  int32_t line = code->instruction_count ? walk.next().line : -1;
  // The line of a function's def is reached (frame.f_lasti is -2 then) although no instruction
  // belongs to it.
  if (!code->first_local && line != static_cast<int32_t>(code->first_line)) {
    Ref<Tuple> begin =
        TRY(tuple_of(thread, {small_int(-2), small_int(0), small_int(code->first_line)}));
    TRY(list_append(thread, list, std::move(begin)));
  }
  for (uint32_t i = 1; i <= code->instruction_count; ++i) {
    int32_t next = i < code->instruction_count ? walk.next().line : -2;
    if (next == line) continue;
    Ref<Tuple> item = TRY(
        tuple_of(thread, {small_int(2 * Word{start}), small_int(2 * Word{i}), word_or_none(line)}));
    TRY(list_append(thread, list, std::move(item)));
    start = i;
    line = next;
  }
  return get_iter(thread, list);
}
AnyResult code_repr(Thread& thread, Borrowed<Code> code) {
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx",
                static_cast<unsigned long long>(code.value().bits));
  const FormatArgument parts[] = {FormatArgument(code->name.borrow()), FormatArgument(address),
                                  FormatArgument(code->filename.borrow()),
                                  FormatArgument(code->first_line)};
  return format_text(thread, "<code object {} at {}, file \"{}\", line {}>", parts, 4);
}
// Equal and of the same kind: 1 is not 1.0 here, nor 0.0 -0.0.
Result<bool> same_constant(Thread& thread, Any left, Any right) {
  if (left.value() == right.value()) return true;
  if (type_of(left) != type_of(right)) return false;
  if (is_tuple(left.value())) {
    Borrowed<Tuple> items(left.value()), others(right.value());
    if (items->size != others->size) return false;
    for (Word i = 0; i < items->size; ++i) {
      if (!TRY(same_constant(thread, items->item(i), others->item(i)))) return false;
    }
    return true;
  }
  if (is_exact_float(left.value()) || is_exact(left, SHAPE(complex))) {
    Ref<Str> text = TRY(repr(thread, left)), other = TRY(repr(thread, right));
    return str_equal(text.borrow(), other.borrow());
  }
  return equal(thread, left, right);
}
bool same_lines(Borrowed<Code> left, Borrowed<Code> right) {
  PositionWalk walk(left), other(right);
  for (uint32_t i = 0; i < left->instruction_count; ++i) {
    if (!(walk.next() == other.next())) return false;
  }
  return true;
}
AnyResult code_eq(Thread& thread, Borrowed<Code> self, Any other) {
  if (!is_exact(other, SHAPE(code))) return AnyRef::adopt(kNotImplemented);
  Borrowed<Code> right(other.value());
  if (self.get() == right.get()) return AnyRef::adopt(kTrue);
  if (self->instruction_count != right->instruction_count || self->flags != right->flags ||
      self->first_line != right->first_line || self->argument_count != right->argument_count ||
      self->positional_only != right->positional_only ||
      self->keyword_only != right->keyword_only ||
      std::memcmp(self->instructions, right->instructions,
                  self->instruction_count * sizeof(dpb::Instruction)) != 0 ||
      !str_equal(self->name.borrow(), right->name.borrow()) || !same_lines(self, right)) {
    return AnyRef::adopt(kFalse);
  }
  for (auto part : {code_names, code_varnames, code_freevars, code_cellvars}) {
    AnyRef left_names = TRY(part(thread, self)), right_names = TRY(part(thread, right));
    if (!TRY(equal(thread, left_names, right_names))) return AnyRef::adopt(kFalse);
  }
  AnyRef left_consts = TRY(code_consts(thread, self)),
         right_consts = TRY(code_consts(thread, right));
  return AnyRef::adopt(bool_value(TRY(same_constant(thread, left_consts, right_consts))));
}
// Of everything code_eq looks at but the constants, whose values may have no hash of their own.
Result<Word> code_hash(Borrowed<Code> self) {
  uint64_t hash = str_hash(self->name.borrow());
  auto mix = [&](uint64_t part) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  };
  for (uint32_t i = 0; i < self->instruction_count; ++i)
    mix(std::bit_cast<uint64_t>(self->instructions[i]));
  for (uint64_t part :
       {uint64_t{self->first_line}, uint64_t{self->flags}, uint64_t{self->argument_count},
        uint64_t{self->positional_only}, uint64_t{self->keyword_only}})
    mix(part);
  return static_cast<Word>(hash >> 1);
}

// co_lnotab: pairs of bytes, how far the offset and the line go on. co_lines() has replaced it.
AnyResult code_lnotab(Thread& thread, Borrowed<Code> code) {
  TRY(warn<DeprecationWarning>(thread, 1, "co_lnotab is deprecated, use co_lines instead."));
  std::string table;
  auto line = static_cast<int64_t>(code->first_line);
  int64_t done = 0;
  PositionWalk walk(code);
  for (uint32_t i = 0; i < code->instruction_count; ++i) {
    int64_t next = walk.next().line, at = 2 * int64_t{i};
    if (next < 0 || next == line) continue;
    for (; at - done > 254; done += 254) table += {'\xfe', '\0'};
    int64_t step = next - line;
    auto pair = [&](int64_t lines) {
      table += {static_cast<char>(at - done), static_cast<char>(lines)};
      done = at;
      step -= lines;
    };
    while (step > 127) pair(127);
    while (step < -128) pair(-128);
    pair(step);
    line = next;
  }
  return bytes_from(thread, table);
}

// co_branches: (offset, offset when not taken, offset when taken) of every instruction that events
// BRANCH_LEFT and BRANCH_RIGHT tell of.
AnyResult code_branches(Thread& thread, Borrowed<Code> code) {
  using dpb::Op;
  Ref<List> list = TRY(list_create(thread));
  for (uint32_t i = 0; i < code->instruction_count; ++i) {
    const dpb::Instruction& at = code->instructions[i];
    auto op = static_cast<Op>(at.op);
    if (op != Op::FOR_ITER && !(op >= Op::JUMP_IF && op <= Op::JUMP_IF_GE_INT)) continue;
    Word left = i + Word{1}, right = left + dpb::jump_distance(at);
    if (op == Op::FOR_ITER) std::swap(left, right);
    Ref<Tuple> item =
        TRY(tuple_of(thread, {small_int(2 * Word{i}), small_int(2 * left), small_int(2 * right)}));
    TRY(list_append(thread, list, std::move(item)));
  }
  return get_iter(thread, list);
}

// code.replace(): a copy over the same image with another name, file, first line or flags. Whatever
// else is given must be what it is already: the instructions belong to the image.
AnyResult code_replace(Thread& thread, Borrowed<Code> self, Arguments arguments) {
  if (arguments.positional())
    return raise<TypeError>(thread, "replace() takes exactly 0 positional arguments ({} given)",
                            arguments.positional());
  self->image->references.fetch_add(1);
  Ref<Code> copy = TRY(code_create(thread, self->image, self->unit, self->filename.borrow()));
  copy->flags = self->flags;
  copy->first_line = self->first_line;
  slot_write(thread, copy.get(), copy->name, Ref<Str>::share(thread, self->name.borrow()));
  slot_write(thread, copy.get(), copy->qualname, Ref<Str>::share(thread, self->qualname.borrow()));
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    Any value = arguments[k];
    Field<Str>* text = str_equals_ascii(name, "co_name")       ? &copy->name
                       : str_equals_ascii(name, "co_qualname") ? &copy->qualname
                       : str_equals_ascii(name, "co_filename") ? &copy->filename
                                                               : nullptr;
    if (text) {
      if (!is_str(value))
        return raise<TypeError>(thread, "replace() argument '{}' must be str, not {}", name,
                                type_name_in(value));
      slot_write(thread, copy.get(), *text, share(thread, value));
      continue;
    }
    if (str_equals_ascii(name, "co_flags")) {
      auto flags = static_cast<uint32_t>(TRY(index_word(thread, value)));
      constexpr uint32_t kShapesTheFrame =
          dpb::kCoOptimized | dpb::kCoVarArgs | dpb::kCoVarKeywords | dpb::kCoHeapFrame;
      if ((flags ^ self->flags) & kShapesTheFrame) {
        return raise<NotImplementedError>(
            thread, "dx-py: code.replace() cannot change the kind of a function or its parameters");
      }
      copy->flags = flags;
      continue;
    }
    if (str_equals_ascii(name, "co_firstlineno")) {
      copy->first_line = static_cast<uint32_t>(TRY(index_word(thread, value)));
      continue;
    }
    AnyLookup known =
        str_equals_ascii(name, "co_linetable") || str_equals_ascii(name, "co_exceptiontable")
            ? AnyLookup(share(thread, value))
            : lookup_attr(thread, self, name);
    if (known.raised()) return Raised{};
    if (known.is_absent())
      return raise<TypeError>(thread, "replace() got an unexpected keyword argument '{}'", name);
    if (!TRY(equal(thread, known.borrow(), value)))
      return raise<NotImplementedError>(thread, "dx-py: code.replace() cannot change {}", name);
  }
  return copy;
}

const SlotEntry code_slots[] = {slot<SlotId::repr, code_repr>(), slot<SlotId::eq, code_eq>(),
                                slot<SlotId::hash, code_hash>()};
constexpr Method code_methods[] = {
    method<code_positions>("co_positions()"), method<code_lines>("co_lines()"),
    method<code_branches>("co_branches()"),
    method<code_replace>(
        "replace(**kwargs)",
        "Return a copy of the code object with new values for the specified fields."),
    method<code_replace>("__replace__(**kwargs)", "The same as replace().")};
const GetSet code_getsets[] = {getter<code_consts>("co_consts"),
                               getter<code_names>("co_names"),
                               getter<code_varnames>("co_varnames"),
                               getter<code_freevars>("co_freevars"),
                               getter<code_cellvars>("co_cellvars"),
                               getter<code_argcount>("co_argcount"),
                               getter<code_posonly>("co_posonlyargcount"),
                               getter<code_kwonly>("co_kwonlyargcount"),
                               getter<code_nlocals>("co_nlocals"),
                               getter<code_stacksize>("co_stacksize"),
                               getter<code_flags>("co_flags"),
                               getter<code_first_line>("co_firstlineno"),
                               getter<code_code>("co_code"),
                               getter<code_lnotab>("co_lnotab"),
                               getter<code_get_name>("co_name"),
                               getter<code_get_qualname>("co_qualname"),
                               getter<code_get_filename>("co_filename")};
const Layout code_layout{"code", sizeof(Code), true, trace_code, code_destroy};
}  // namespace

const TypeSpec code_spec{.name = "code",
                         .doc = "Create a code object.  Not for mere mortals.",
                         .flags = kTypeWeakrefable | kTypeDisallowNew,
                         .layout = &code_layout,
                         .slots = code_slots,
                         .methods = code_methods,
                         .getsets = code_getsets};

}  // namespace dx
