// Newlines: universal newline translation (IncrementalNewlineDecoder and what text streams do by
// themselves), and finding the end of a line.
//
// A '\r' at the end of a piece is held back until the next piece shows whether a '\n' follows.

#include "modules/io/io.h"
#include "objects/bind.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"
#include "simd/text.h"

namespace dx {

TypeHandle newline_decoder_type;

namespace {
template <class C>
bool has_char(const C* data, Word size, char32_t c) {
  return simd::find(data, static_cast<size_t>(size), static_cast<C>(c)) != simd::kNotFound;
}
}  // namespace

Result<Ref<Str>> newlines_decode(Thread& thread, NewlineState& state, Ref<Str> text, bool final) {
  if (state.pending_cr && (text->length() > 0 || final)) {
    StrBuilder joined(thread);
    TRY(joined.append(U'\r'));
    TRY(joined.append(text.borrow()));
    text = TRY(joined.finish());
    state.pending_cr = false;
  }
  Word length = text->length();
  if (length == 0) return text;
  StrView view = text->view();
  if (!final && view[length - 1] == '\r') {
    text = TRY(str_substring(thread, text, 0, length - 1));
    state.pending_cr = true;
    length = text->length();
    view = text->view();
    if (length == 0) return text;
  }
  bool any_cr = visit_chars(view, [&](auto* chars) { return has_char(chars, length, '\r'); });
  if (!any_cr) {
    if (!(state.seen & kSeenLf) &&
        visit_chars(view, [&](auto* chars) { return has_char(chars, length, '\n'); }))
      state.seen |= kSeenLf;
    return text;
  }
  if (!state.translate) {
    visit_chars(view, [&](auto* chars) {
      for (Word i = 0; i < length && state.seen != (kSeenCr | kSeenLf | kSeenCrLf); ++i) {
        if (chars[i] == '\n') state.seen |= kSeenLf;
        if (chars[i] != '\r') continue;
        if (i + 1 < length && chars[i + 1] == '\n') {
          state.seen |= kSeenCrLf;
          ++i;
        } else {
          state.seen |= kSeenCr;
        }
      }
    });
    return text;
  }
  // Count first, so that the result is made once at its size.
  Word kept = visit_chars(view, [&](auto* chars) {
    Word count = 0;
    for (Word i = 0; i < length; ++i, ++count) {
      if (chars[i] == '\n') {
        state.seen |= kSeenLf;
      } else if (chars[i] == '\r') {
        if (i + 1 < length && chars[i + 1] == '\n') {
          state.seen |= kSeenCrLf;
          ++i;
        } else {
          state.seen |= kSeenCr;
        }
      }
    }
    return count;
  });
  Ref<Str> made = TRY(str_create(thread, kept, view_widest(view)));
  visit_chars(view, [&](auto* from) {
    auto* to = static_cast<std::remove_const_t<std::remove_pointer_t<decltype(from)>>*>(
        str_data(made.get()));
    for (Word i = 0; i < length; ++i) {
      auto c = from[i];
      if (c == '\r') {
        if (i + 1 < length && from[i + 1] == '\n') ++i;
        c = '\n';
      }
      *to++ = c;
    }
  });
  return made;
}

AnyResult newlines_seen(Thread& thread, uint8_t seen) {
  Value kinds[3];
  size_t count = 0;
  if (seen & kSeenCr) kinds[count++] = Value(NAME("\r"));
  if (seen & kSeenLf) kinds[count++] = Value(NAME("\n"));
  if (seen & kSeenCrLf) kinds[count++] = Value(NAME("\r\n"));
  if (count == 0) return AnyRef::adopt(kNone);
  if (count == 1) return share(thread, Any(kinds[0]));
  return tuple_from(thread, kinds, count);
}

bool line_ending_from(Any newline, LineEnding& ending) {
  ending = LineEnding{};
  ending.translate = newline.is_none();
  ending.universal = newline.is_none();
  if (newline.is_none()) return true;
  StrView view = str_view(Borrowed<Str>(newline.value()));
  if (view.length == 0) {
    ending.universal = true;
    return true;
  }
  bool good = (view.length == 1 && (view[0] == '\n' || view[0] == '\r')) ||
              (view.length == 2 && view[0] == '\r' && view[1] == '\n');
  if (!good) return false;
  ending.size = static_cast<uint8_t>(view.length);
  ending.text[0] = static_cast<char>(view[0]);
  ending.text[1] = view.length == 2 ? '\n' : '\0';
  ending.text[2] = '\0';
  return true;
}

Word find_line_end(const LineEnding& ending, StrView text, Word start, Word* consumed) {
  Word left = text.length - start;
  return visit_chars(text, [&](auto* all) -> Word {
    using C = std::remove_const_t<std::remove_pointer_t<decltype(all)>>;
    const C* chars = all + start;
    if (ending.translate || (!ending.universal && ending.size == 1)) {
      size_t at = simd::find(chars, static_cast<size_t>(left),
                             static_cast<C>(ending.translate ? '\n' : ending.text[0]));
      if (at != simd::kNotFound) return start + static_cast<Word>(at) + 1;
      *consumed = text.length;
      return -1;
    }
    if (ending.universal) {
      size_t feed = simd::find(chars, static_cast<size_t>(left), static_cast<C>('\n'));
      size_t before = feed == simd::kNotFound ? static_cast<size_t>(left) : feed;
      size_t back = simd::find(chars, before, static_cast<C>('\r'));
      if (back != simd::kNotFound) {
        // The decoder keeps '\r\n' together, so a '\r' at the end of the text stands alone.
        bool pair = static_cast<Word>(back) + 1 < left && chars[back + 1] == '\n';
        return start + static_cast<Word>(back) + (pair ? 2 : 1);
      }
      if (feed != simd::kNotFound) return start + static_cast<Word>(feed) + 1;
      *consumed = text.length;
      return -1;
    }
    for (Word at = 0; at < left;) {
      size_t found = simd::find(chars + at, static_cast<size_t>(left - at), static_cast<C>('\r'));
      if (found == simd::kNotFound) break;
      at += static_cast<Word>(found);
      if (at + 1 == left) {  // its '\n' may come with the next piece
        *consumed = start + at;
        return -1;
      }
      if (chars[at + 1] == '\n') return start + at + 2;
      ++at;
    }
    *consumed = text.length;
    return -1;
  });
}

// ---- IncrementalNewlineDecoder ------------------------------------------------------------------
namespace {

struct NewlineDecoder : Object {
  Field<Object> decoder;  // None: text comes in
  NewlineState state;
};

Raised raise_uninitialized(Thread& thread) {
  return raise<ValueError>(thread, "IncrementalNewlineDecoder.__init__() not called");
}

Result<void> newline_decoder_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"decoder", "translate", "errors"};
  Value given[3] = {};
  if (!bind_new(thread, {"IncrementalNewlineDecoder", names, 3, 0, 2, TooMany::takes}, arguments,
                given))
    return Raised{};
  bool translate = TRY(is_true(thread, Any(given[1])));
  auto* self = static_cast<NewlineDecoder*>(any.object());
  self->state = NewlineState{translate, false, 0};
  slot_write(thread, self, self->decoder, share(thread, Any(given[0])).release());
  return {};
}

AnyResult newline_decoder_decode(Thread& thread, Borrowed<NewlineDecoder> self, Any input,
                                 bool final) {
  Maybe<Ref<Object>> decoder = field_load(thread, self.get(), self->decoder);
  if (!decoder) return raise_uninitialized(thread);
  AnyRef text = decoder.value().is_none()
                    ? share(thread, input)
                    : TRY(call_method(thread, decoder.borrow(), NAME("decode"),
                                      {input.value(), bool_value(final)}));
  if (!is_str(text.value()))
    return raise<TypeError>(thread, "decoder should return a string result, not '{}'",
                            type_name_in(text.borrow()));
  return newlines_decode(thread, self->state, Ref<Str>::adopt(text.release()), final);
}

AnyResult newline_decoder_getstate(Thread& thread, Borrowed<NewlineDecoder> self) {
  Maybe<Ref<Object>> decoder = field_load(thread, self.get(), self->decoder);
  if (!decoder) return raise_uninitialized(thread);
  AnyRef buffer = AnyRef::adopt(kNone), flag = AnyRef::adopt(small_int(0));
  if (decoder.value().is_none()) {
    buffer = TRY(bytes_from(thread, ""));
  } else {
    AnyRef state = TRY(call_method(thread, decoder.borrow(), NAME("getstate"), {}));
    if (!is_tuple(state.value())) return raise<TypeError>(thread, "illegal decoder state");
    Borrowed<Tuple> pair(state.value());
    if (pair->size != 2 || !is_int(pair->item(1)))
      return raise<TypeError>(thread, "illegal decoder state");
    buffer = share(thread, pair->item(0));
    flag = share(thread, pair->item(1));
  }
  flag = TRY(int_lshift(thread, flag, small_int(1)));
  if (self->state.pending_cr) flag = TRY(int_or(thread, flag, small_int(1)));
  return tuple_of(thread, {buffer.value(), flag.value()});
}

Result<void> newline_decoder_setstate(Thread& thread, Borrowed<NewlineDecoder> self, Any state) {
  Maybe<Ref<Object>> decoder = field_load(thread, self.get(), self->decoder);
  if (!decoder) return raise_uninitialized(thread);
  if (!is_tuple(state)) return raise<TypeError>(thread, "state argument must be a tuple");
  Borrowed<Tuple> pair(state.value());
  if (pair->size != 2 || !is_int(pair->item(1)))
    return raise<TypeError>(thread, "setstate(): illegal state argument");
  uint64_t flag = int_u64_mask(pair->item(1));
  self->state.pending_cr = flag & 1;
  if (decoder.value().is_none()) return {};
  AnyRef rest = TRY(int_from_u64(thread, flag >> 1));
  Ref<Tuple> inner = TRY(tuple_of(thread, {pair->item(0).value(), rest.value()}));
  AnyRef done = TRY(call_method(thread, decoder.borrow(), NAME("setstate"), {inner.value()}));
  return {};
}

AnyResult newline_decoder_reset(Thread& thread, Borrowed<NewlineDecoder> self) {
  Maybe<Ref<Object>> decoder = field_load(thread, self.get(), self->decoder);
  if (!decoder) return raise_uninitialized(thread);
  self->state.seen = 0;
  self->state.pending_cr = false;
  if (decoder.value().is_none()) return AnyRef::adopt(kNone);
  return call_method(thread, decoder.borrow(), NAME("reset"), {});
}
AnyResult newline_decoder_newlines(Thread& thread, Borrowed<NewlineDecoder> self) {
  if (self->decoder.raw().is_empty()) return raise_uninitialized(thread);
  return newlines_seen(thread, self->state.seen);
}

void newline_decoder_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<NewlineDecoder*>(object)->decoder);
}
const Layout newline_decoder_layout{"IncrementalNewlineDecoder", sizeof(NewlineDecoder), true,
                                    newline_decoder_trace, nullptr};
const SlotEntry newline_decoder_slots[] = {slot<SlotId::new_, io_new>(),
                                           slot<SlotId::init, newline_decoder_init>()};
constexpr Method newline_decoder_methods[] = {
    method<newline_decoder_decode>("decode(input, final=False)"),
    method<newline_decoder_getstate>("getstate()"),
    method<newline_decoder_setstate>("setstate(state, /)"),
    method<newline_decoder_reset>("reset()"),
};
const GetSet newline_decoder_getsets[] = {getter<newline_decoder_newlines>("newlines")};

}  // namespace

const TypeSpec newline_decoder_spec{
    .name = "_io.IncrementalNewlineDecoder",
    .doc = "Codec used when reading a file in universal newlines mode.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &newline_decoder_layout,
    .slots = newline_decoder_slots,
    .methods = newline_decoder_methods,
    .getsets = newline_decoder_getsets};

}  // namespace dx
