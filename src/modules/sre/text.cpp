// The text side of the module: acquiring what is matched, slicing it, joining replacements.

#include <cstdlib>
#include <cstring>

#include "modules/sre/sre.h"

namespace dx::sre {

Result<void> Subject::acquire(Any text, TextKind wanted) {
  text_ = text.value();
  if (dx::is_str(text.value())) {
    if (wanted == TextKind::bytes) {
      return raise<TypeError>(thread_, "cannot use a bytes pattern on a string-like object");
    }
    is_str_ = true;
    view_ = str_view(Borrowed<Str>(text.value()));
    return {};
  }
  if (is_exact(text.value(), SHAPE(bytes))) {  // immutable: no buffer to hold
    std::string_view bytes = Borrowed<Bytes>(text.value())->view();
    view_ = StrView{StrKind::one, false, bytes.data(), static_cast<Word>(bytes.size())};
  } else {
    Result<void> held = has_buffer(text) ? scope_.acquire(text) : Result<void>(Raised{});
    if (held.raised()) {
      if (exception_pending(thread_)) clear_exception(thread_);
      return raise<TypeError>(thread_, "expected string or bytes-like object, got '{}'",
                              type_name_in(text));
    }
    view_ =
        StrView{StrKind::one, false, scope_.view.data ? scope_.view.data : "", scope_.view.size};
  }
  if (wanted == TextKind::str) {
    return raise<TypeError>(thread_, "cannot use a string pattern on a bytes-like object");
  }
  return {};
}

AnyResult Subject::slice(Word from, Word to) const {
  Word length = view_.length;
  if (to > length) to = length;
  if (from > to) from = to;
  if (is_str_) return str_substring(thread_, Borrowed<Str>(text_), from, to);
  if (from == 0 && to == length && is_exact(text_, SHAPE(bytes))) return share(thread_, Any(text_));
  return bytes_from(thread_,
                    {static_cast<const char*>(view_.data) + from, static_cast<size_t>(to - from)});
}

AnyResult Subject::group_of(const Search& search, Word group, Any otherwise) const {
  if (group == 0) return slice(search.first, search.last);
  Word from = search.mark(group * 2 - 2), to = search.mark(group * 2 - 1);
  if (from < 0 || to < 0) return share(thread_, otherwise);
  return slice(from, to);
}

Joiner::~Joiner() { free(bytes_); }

Result<void> Joiner::add_bytes(const void* data, Word size) {
  Word needed;
  if (__builtin_add_overflow(size_, size, &needed)) return raise_memory_error(thread_);
  if (needed > capacity_) {
    Word capacity = needed + needed / 2 + 64;
    char* bytes = static_cast<char*>(realloc(bytes_, static_cast<size_t>(capacity)));
    if (!bytes) return raise_memory_error(thread_);
    bytes_ = bytes;
    capacity_ = capacity;
  }
  if (size) memcpy(bytes_ + size_, data, static_cast<size_t>(size));
  size_ = needed;
  return {};
}

Result<void> Joiner::add(StrView part) {
  ++count_;
  return is_str_ ? text_.append(part) : add_bytes(part.data, part.length);
}

Result<void> Joiner::add(Any part) {
  if (is_str_ && is_str(part.value())) {
    ++count_;
    return text_.append(Borrowed<Str>(part.value()));
  }
  if (!is_str_ && has_buffer(part)) {
    ++count_;
    BufferScope scope(thread_);
    TRY(scope.acquire(part));
    return add_bytes(scope.view.data, scope.view.size);
  }
  if (wrong_ < 0) {
    wrong_ = count_;
    wrong_type_ = type_of(part);
    incref(thread_, Value(static_cast<Object*>(wrong_type_)));
  }
  ++count_;
  return {};
}

AnyResult Joiner::finish() {
  if (wrong_ >= 0) {
    AnyRef type = AnyRef::adopt(Value(static_cast<Object*>(wrong_type_)));
    if (is_str_) {
      return raise<TypeError>(thread_, "sequence item {}: expected str instance, {} found", wrong_,
                              type_name(thread_, wrong_type_));
    }
    return raise<TypeError>(thread_, "sequence item {}: expected a bytes-like object, {} found",
                            wrong_, type_name(thread_, wrong_type_));
  }
  if (is_str_) return text_.finish();
  return bytes_from(thread_, {bytes_ ? bytes_ : "", static_cast<size_t>(size_)});
}

}  // namespace dx::sre
