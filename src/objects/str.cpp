// The storage of str: making, comparing, joining, and UTF-8 in and out. What Python sees of the
// type is in str_type.cpp.

#include "objects/str.h"

#include <cstdlib>
#include <cstring>

#include "memory/heap.h"
#include "objects/codecs.h"
#include "objects/errors.h"
#include "objects/hash.h"
#include "objects/str_internal.h"

namespace dx {

// ---- storage ------------------------------------------------------------------------------------
static size_t storage_bytes(Word length, char32_t widest) {
  size_t unit = static_cast<size_t>(kind_for(widest));
  return sizeof(Str) + (widest < 0x80 ? 0 : sizeof(void*)) +
         (static_cast<size_t>(length) + 1) * unit;
}

static void set_state(Str* text, Word length, char32_t widest) {
  StrKind kind = kind_for(widest);
  text->length_and_state = static_cast<uint64_t>(length) |
                           static_cast<uint64_t>(kind) << Str::kKindShift |
                           (widest < 0x80 ? Str::kAscii : 0);
  text->hash_cache.store(0, std::memory_order_relaxed);
  if (widest >= 0x80) str_utf8_slot(text).store(nullptr, std::memory_order_relaxed);
  visit_chars(kind, str_data(text), [&](auto* chars) { chars[length] = 0; });
}

static inline Result<Ref<Str>> create_with_room(Thread& thread, Word length, char32_t widest,
                                                Word room) {
  if (length > kMaxStrLength) return raise_memory_error(thread);
  Object* object = allocate_object_uninitialized(thread, storage_bytes(length + room, widest),
                                                 SHAPE(str), PageKind::leaf);
  if (object == nullptr) return raise_memory_error(thread);
  Str* text = static_cast<Str*>(object);
  set_state(text, length, widest);
  return Ref<Str>::adopt(text);
}

Result<Ref<Str>> str_create(Thread& thread, Word length, char32_t widest) {
  return create_with_room(thread, length, widest, 0);
}

char32_t view_widest(StrView view) {
  if (view.ascii) return 0x7f;
  return visit_chars(
      view, [&](auto* chars) { return simd::or_all(chars, static_cast<size_t>(view.length)); });
}

void copy_chars(StrKind to_kind, void* to, Word at, StrView from) {
  size_t n = static_cast<size_t>(from.length);
  if (n == 0) return;
  if (to_kind == from.kind) {
    size_t unit = static_cast<size_t>(to_kind);
    return copy_bytes(static_cast<char*>(to) + static_cast<size_t>(at) * unit, from.data, n * unit);
  }
  auto* one = static_cast<const uint8_t*>(from.data);
  auto* two = static_cast<const uint16_t*>(from.data);
  auto* four = static_cast<const uint32_t*>(from.data);
  if (to_kind == StrKind::one) {
    uint8_t* out = static_cast<uint8_t*>(to) + at;
    if (from.kind == StrKind::two)
      simd::narrow(out, two, n);
    else
      simd::narrow(out, four, n);
  } else if (to_kind == StrKind::two) {
    uint16_t* out = static_cast<uint16_t*>(to) + at;
    if (from.kind == StrKind::one)
      simd::widen(out, one, n);
    else
      simd::narrow(out, four, n);
  } else {
    uint32_t* out = static_cast<uint32_t*>(to) + at;
    if (from.kind == StrKind::one)
      simd::widen(out, one, n);
    else
      simd::widen(out, two, n);
  }
}

void fill_chars(StrKind kind, void* to, Word at, char32_t c, Word count) {
  visit_chars(kind, to, [&](auto* chars) {
    using C = std::remove_pointer_t<decltype(chars)>;
    for (Word i = 0; i < count; ++i) chars[at + i] = static_cast<C>(c);
  });
}

// ---- making -------------------------------------------------------------------------------------
Result<Ref<Str>> str_from_char(Thread& thread, char32_t c) {
  if (c < 0x100) return Ref<Str>::adopt(latin1_char(static_cast<uint8_t>(c)));  // immortal
  Ref<Str> text = TRY(str_create(thread, 1, c));
  fill_chars(text->kind(), str_data(text.get()), 0, c, 1);
  return text;
}

// Requires: ASCII, at least two characters.
static inline Result<Ref<Str>> ascii_from(Thread& thread, StrView view) {
  Ref<Str> text = TRY(create_with_room(thread, view.length, 0x7f, 0));
  copy_bytes(text.get() + 1, view.data, static_cast<size_t>(view.length));
  return text;
}

Result<Ref<Str>> str_from_view(Thread& thread, StrView view) {
  if (view.length == 0) return Ref<Str>::adopt(str_empty());
  if (view.length == 1) return str_from_char(thread, view[0]);
  if (view.ascii) return ascii_from(thread, view);
  Ref<Str> text = TRY(str_create(thread, view.length, view_widest(view)));
  copy_chars(text->kind(), str_data(text.get()), 0, view);
  return text;
}

Result<Ref<Str>> str_from_ascii(Thread& thread, std::string_view text) {
  return str_from_view(thread, ascii_view(text));
}

static const uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

static Result<Ref<Str>> decode_scanned(Thread& thread, std::string_view bytes,
                                       const simd::Utf8Scan& scan) {
  if (scan.widest < 0x80) return str_from_view(thread, ascii_view(bytes));
  Ref<Str> text = TRY(str_create(thread, static_cast<Word>(scan.code_points), scan.widest));
  {
    visit_chars(text->kind(), str_data(text.get()),
                [&](auto* chars) { simd::utf8_decode(chars, as_bytes(bytes), bytes.size()); });
  }
  if (scan.code_points == 1 && text->view()[0] < 0x100)
    return str_from_char(thread, text->view()[0]);
  return text;
}

Result<Ref<Str>> str_from_utf8(Thread& thread, std::string_view bytes) {
  simd::Utf8Scan scan = simd::utf8_scan(as_bytes(bytes), bytes.size(), simd::Surrogates::forbidden);
  if (scan.valid == bytes.size()) return decode_scanned(thread, bytes, scan);
  return raise_utf8_decode_error(thread, bytes, scan.valid);
}

Result<Ref<Str>> str_from_wtf8(Thread& thread, std::string_view bytes) {
  simd::Utf8Scan scan = simd::utf8_scan(as_bytes(bytes), bytes.size(), simd::Surrogates::allowed);
  if (scan.valid == bytes.size()) return decode_scanned(thread, bytes, scan);
  return raise_utf8_decode_error(thread, bytes, scan.valid);
}

Result<Ref<Str>> str_from_filesystem(Thread& thread, std::string_view bytes) {
  simd::Utf8Scan scan = simd::utf8_scan(as_bytes(bytes), bytes.size(), simd::Surrogates::forbidden);
  if (scan.valid == bytes.size()) return decode_scanned(thread, bytes, scan);
  StrBuilder builder(thread);
  while (!bytes.empty()) {
    if (scan.valid > 0) {
      Ref<Str> part = TRY(decode_scanned(thread, bytes.substr(0, scan.valid), scan));
      TRY(builder.append(part.borrow()));
      bytes.remove_prefix(scan.valid);
    }
    if (!bytes.empty()) {
      TRY(builder.append(static_cast<char32_t>(0xdc00 + static_cast<uint8_t>(bytes[0]))));
      bytes.remove_prefix(1);
    }
    scan = simd::utf8_scan(as_bytes(bytes), bytes.size(), simd::Surrogates::forbidden);
  }
  return builder.finish();
}

Result<Ref<Str>> str_exact(Thread& thread, Borrowed<Str> text) {
  if (is_exact(text, SHAPE(str))) return Ref<Str>::share(thread, text);
  return str_from_view(thread, text->view());
}

// ---- joining and cutting ------------------------------------------------------------------------
Result<Ref<Str>> str_concat(Thread& thread, Borrowed<Str> left, Borrowed<Str> right) {
  StrView a = left->view(), b = right->view();
  if (a.length == 0) return str_exact(thread, right);
  if (b.length == 0) return str_exact(thread, left);
  if (a.ascii && b.ascii) {
    Ref<Str> text = TRY(str_create(thread, a.length + b.length, 0x7f));
    char* out = reinterpret_cast<char*>(text.get() + 1);
    copy_bytes(out, a.data, static_cast<size_t>(a.length));
    copy_bytes(out + a.length, b.data, static_cast<size_t>(b.length));
    return text;
  }
  char32_t widest = a.kind > b.kind          ? view_widest(a)
                    : a.kind < b.kind        ? view_widest(b)
                    : a.ascii && b.ascii     ? 0x7f
                    : a.kind == StrKind::one ? 0xff
                    : a.kind == StrKind::two ? 0xffff
                                             : 0x10ffff;
  Ref<Str> text = TRY(str_create(thread, a.length + b.length, widest));
  copy_chars(text->kind(), str_data(text.get()), 0, a);
  copy_chars(text->kind(), str_data(text.get()), a.length, b);
  return text;
}

Result<Ref<Str>> str_append(Thread& thread, Ref<Str> left, Borrowed<Str> right) {
  StrView a = left->view(), b = right->view();
  bool alone = is_exact(left.value(), SHAPE(str)) && is_mine(thread, left.get()) &&
               !is_immortal(left.get()) && strong_count(left.get()) == 1 && !left->interned() &&
               left.get() != right.get();
  if (!alone || a.length == 0 || b.length == 0) return str_concat(thread, left, right);
  if (b.kind <= a.kind && (b.ascii || !a.ascii)) {
    char32_t widest = a.ascii                  ? 0x7f
                      : a.kind == StrKind::one ? 0xff
                      : a.kind == StrKind::two ? 0xffff
                                               : 0x10ffff;
    if (storage_bytes(a.length + b.length, widest) <= object_block_size(left.get())) {
      unpoison_block(
          left.get(),
          storage_bytes(a.length + b.length, widest));  // the block has room that was not asked for
      copy_chars(a.kind, str_data(left.get()), a.length, b);
      if (!a.ascii) {
        if (Utf8Cache* cache = str_utf8_slot(left.get()).load(std::memory_order_relaxed))
          free_buffer(thread, cache);
      }
      set_state(left.get(), a.length + b.length, widest);
      return left;
    }
    // The next one in the same loop shall fit: leave an eighth free.
    Word length = a.length + b.length;
    Ref<Str> text = TRY(create_with_room(thread, length, widest, length < 32 ? 0 : length / 8));
    copy_chars(a.kind, str_data(text.get()), 0, a);
    copy_chars(a.kind, str_data(text.get()), a.length, b);
    return text;
  }
  return str_concat(thread, left, right);
}

Result<Ref<Str>> str_substring(Thread& thread, Borrowed<Str> text, Word start, Word stop) {
  Word length = text->length();
  if (start < 0) start = 0;
  if (stop > length) stop = length;
  if (start >= stop) return Ref<Str>::adopt(str_empty());
  if (start == 0 && stop == length) return str_exact(thread, text);
  if (text->ascii() && stop - start > 1)
    return ascii_from(thread, view_slice(text->view(), start, stop));
  return str_from_view(thread, view_slice(text->view(), start, stop));
}

Result<Ref<Str>> str_join(Thread& thread, Borrowed<Str> separator, const Value* items,
                          size_t count) {
  if (count == 0) return Ref<Str>::adopt(str_empty());
  if (count == 1) return str_exact(thread, Borrowed<Str>(items[0]));
  StrView between = separator->view();
  Word total;
  if (__builtin_mul_overflow(between.length, static_cast<Word>(count - 1), &total)) {
    return raise<OverflowError>(thread, "join() result is too long for a Python string");
  }
  // Kinds are exact per item, so the widest item decides without looking at characters.
  char32_t widest = 0;
  auto widen = [&](StrView view) {
    widest |= view.ascii                  ? 0x7f
              : view.kind == StrKind::one ? 0xff
              : view.kind == StrKind::two ? 0xffff
                                          : 0x10ffff;
  };
  for (size_t i = 0; i < count; ++i) {
    StrView view = Borrowed<Str>(items[i])->view();
    if (view.length != 0) widen(view);
    if (__builtin_add_overflow(total, view.length, &total)) {
      return raise<OverflowError>(thread, "join() result is too long for a Python string");
    }
  }
  if (total == 0) return Ref<Str>::adopt(str_empty());
  if (between.length != 0) widen(between);
  if (total == 1 && widest < 0x100) {
    for (size_t i = 0; i < count; ++i) {
      StrView view = Borrowed<Str>(items[i])->view();
      if (view.length == 1) return str_from_char(thread, view[0]);
    }
    return str_from_char(thread, between[0]);
  }
  Ref<Str> text = TRY(str_create(thread, total, widest));
  StrKind kind = text->kind();
  void* out = str_data(text.get());
  if (widest < 0x80) {
    char* to = static_cast<char*>(out);
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) {
        copy_bytes(to, between.data, static_cast<size_t>(between.length));
        to += between.length;
      }
      auto* item = static_cast<Str*>(items[i].object());
      size_t length = static_cast<size_t>(item->length());
      copy_bytes(to, item + 1, length);
      to += length;
    }
    return text;
  }
  // A short separator is brought to the result's width once.
  Word at = 0;
  alignas(8) char widened[64];
  if (between.kind != kind &&
      between.length * static_cast<Word>(kind) <= static_cast<Word>(sizeof(widened))) {
    copy_chars(kind, widened, 0, between);
    between = StrView{kind, false, widened, between.length};
  }
  size_t unit = static_cast<size_t>(kind);
  auto put = [&](StrView view) {
    if (view.kind == kind) {
      copy_bytes(static_cast<char*>(out) + static_cast<size_t>(at) * unit, view.data,
                 static_cast<size_t>(view.length) * unit);
    } else {
      copy_chars(kind, out, at, view);
    }
    at += view.length;
  };
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && between.length != 0) put(between);
    put(Borrowed<Str>(items[i])->view());
  }
  return text;
}

// ---- comparing and hashing ----------------------------------------------------------------------
bool str_equal(StrView left, StrView right) {
  return left.length == right.length && left.kind == right.kind &&
         memcmp(left.data, right.data,
                static_cast<size_t>(left.length) * static_cast<size_t>(left.kind)) == 0;
}

bool str_equal(Borrowed<Str> left, Borrowed<Str> right) {
  if (left.get() == right.get()) return true;
  return str_equal(left->view(), right->view());
}

int str_compare(StrView left, StrView right) {
  Word common = left.length < right.length ? left.length : right.length;
  if (left.kind == StrKind::one && right.kind == StrKind::one) {
    auto* mine = static_cast<const uint8_t*>(left.data);
    auto* theirs = static_cast<const uint8_t*>(right.data);
    if (common > 0 && mine[0] != theirs[0]) return mine[0] < theirs[0] ? -1 : 1;
    int order = memcmp(left.data, right.data, static_cast<size_t>(common));
    if (order != 0) return order < 0 ? -1 : 1;
  } else if (left.kind == right.kind &&
             memcmp(left.data, right.data,
                    static_cast<size_t>(common) * static_cast<size_t>(left.kind)) == 0) {
    // Only the lengths differ.
  } else {
    int order = visit_chars(left, [&](auto* mine) {
      return visit_chars(right, [&](auto* theirs) {
        for (Word i = 0; i < common; ++i) {
          if (mine[i] != theirs[i]) return mine[i] < theirs[i] ? -1 : 1;
        }
        return 0;
      });
    });
    if (order != 0) return order;
  }
  return left.length < right.length ? -1 : left.length > right.length ? 1 : 0;
}

uint64_t str_hash(Borrowed<Str> text) {
  uint64_t hash = text->hash_cache.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  hash = hash_bytes(text->data(),
                    static_cast<size_t>(text->length()) * static_cast<size_t>(text->kind()));
  text->hash_cache.store(hash, std::memory_order_relaxed);
  return hash;
}

bool str_equals_ascii(Borrowed<Str> text, std::string_view ascii) {
  return text->ascii() && text->view().text() == ascii;
}

bool has_surrogates(StrView view) {
  if (view.kind == StrKind::one) return false;
  return visit_chars(view, [&](auto* chars) {
    unsigned found = 0;
    for (Word i = 0; i < view.length; ++i) found |= (chars[i] & ~0x7ffu) == 0xd800;
    return found != 0;
  });
}

// ---- UTF-8 out ----------------------------------------------------------------------------------
static Result<Utf8Cache*> utf8_make(Thread& thread, Borrowed<Str> text) {
  StrView view = text->view();
  size_t n = static_cast<size_t>(view.length);
  if (has_surrogates(view)) {
    for (Word i = 0; i < view.length; ++i) {
      if (view[i] >= 0xd800 && view[i] < 0xe000) {
        Word end = i + 1;
        while (end < view.length && view[end] >= 0xd800 && view[end] < 0xe000) ++end;
        return raise_encode_error(thread, "utf-8", text, i, end, "surrogates not allowed");
      }
    }
  }
  size_t size = visit_chars(view, [&](auto* chars) { return simd::utf8_length(chars, n); });
  auto* cache = static_cast<Utf8Cache*>(allocate_buffer(thread, sizeof(Utf8Cache) + size + 1));
  if (cache == nullptr) return raise_memory_error(thread);
  cache->size = size;
  visit_chars(view, [&](auto* chars) {
    simd::utf8_encode(reinterpret_cast<uint8_t*>(cache->bytes), chars, n);
  });
  cache->bytes[size] = 0;
  return cache;
}

Result<std::string_view> str_utf8(Thread& thread, Borrowed<Str> text) {
  if (text->ascii()) return text->view().text();
  std::atomic<Utf8Cache*>& slot = str_utf8_slot(text.get());
  Utf8Cache* cache = slot.load(std::memory_order_acquire);
  if (cache == nullptr) {
    cache = TRY(utf8_make(thread, text));
    Utf8Cache* expected = nullptr;
    if (!slot.compare_exchange_strong(expected, cache, std::memory_order_acq_rel)) {
      free_buffer(thread, cache);
      cache = expected;
    }
  }
  return std::string_view(cache->bytes, cache->size);
}

// ---- StrBuilder ---------------------------------------------------------------------------------
StrBuilder::~StrBuilder() {
  if (data_ != inline_) ::free(data_);
}

// Makes room for `more` characters of up to `widest`, moving to a wider or larger buffer when
// needed.
Result<void> StrBuilder::reserve(Word more, char32_t widest) {
  Word needed;
  if (__builtin_add_overflow(length_, more, &needed) || needed > kMaxStrLength)
    return raise_memory_error(thread_);
  StrKind wanted = kind_for(widest) > kind_ ? kind_for(widest) : kind_;
  Word bytes = needed * static_cast<Word>(wanted);
  widest_ |= widest;
  if (wanted == kind_ && bytes <= capacity_) return {};
  Word room = bytes <= kInlineBytes ? kInlineBytes : bytes + bytes / 2;
  void* bigger =
      room == kInlineBytes && data_ != inline_ ? inline_ : malloc(static_cast<size_t>(room));
  if (bigger == nullptr) {
    room = bytes;
    bigger = malloc(static_cast<size_t>(room));
    if (bigger == nullptr) return raise_memory_error(thread_);
  }
  copy_chars(wanted, bigger, 0, StrView{kind_, false, data_, length_});
  if (data_ != inline_) ::free(data_);
  data_ = bigger;
  capacity_ = room;
  kind_ = wanted;
  return {};
}

Result<void> StrBuilder::append(char32_t c) {
  if (__builtin_expect(c < 0x100 && kind_ == StrKind::one && length_ < capacity_, 1)) {
    widest_ |= c;
    static_cast<uint8_t*>(data_)[length_++] = static_cast<uint8_t>(c);
    return {};
  }
  TRY(reserve(1, c));
  visit_chars(kind_, data_, [&](auto* chars) {
    chars[length_] = static_cast<std::remove_cvref_t<decltype(*chars)>>(c);
  });
  ++length_;
  return {};
}

Result<void> StrBuilder::append(std::string_view ascii) { return append(ascii_view(ascii)); }

Result<void> StrBuilder::append(StrView view) {
  if (view.length == 0) return {};
  if (__builtin_expect(view.ascii && kind_ == StrKind::one && view.length <= capacity_ - length_,
                       1)) {
    widest_ |= 0x7f;
    copy_bytes(static_cast<char*>(data_) + length_, view.data, static_cast<size_t>(view.length));
    length_ += view.length;
    return {};
  }
  TRY(reserve(view.length, view_widest(view)));
  copy_chars(kind_, data_, length_, view);
  length_ += view.length;
  return {};
}

Result<void> StrBuilder::append_repeated(char32_t c, Word count) {
  if (count <= 0) return {};
  TRY(reserve(count, c));
  fill_chars(kind_, data_, length_, c, count);
  length_ += count;
  return {};
}

Result<Ref<Str>> StrBuilder::finish() {
  StrView view{kind_, widest_ < 0x80, data_, length_};
  if (length_ <= 1) return str_from_view(thread_, view);
  Ref<Str> text = TRY(str_create(thread_, length_, widest_));
  copy_chars(text->kind(), str_data(text.get()), 0, view);
  return text;
}

}  // namespace dx
