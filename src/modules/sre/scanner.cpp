// _sre.SRE_Scanner: a pattern walking over a text, one match at a call. Pattern.finditer is an
// iterator over one.

#include "modules/sre/sre.h"
#include "objects/container_support.h"
#include "objects/memoryview.h"

namespace dx::sre {

TypeHandle scanner_type;

AnyResult scanner_create(Thread& thread, Borrowed<Pattern> pattern, Any text, Word position,
                         Word end) {
  Subject subject(thread);
  TRY(subject.acquire(text, pattern->kind));
  AnyRef made = TRY(allocate_instance(thread, scanner_type.type));
  Scanner* self = static_cast<Scanner*>(made.get());
  slot_init(self, self->pattern, Ref<Pattern>::share(thread, pattern));
  slot_init(self, self->text, share(thread, text));
  if (!subject.is_str() && !is_exact(text.value(), SHAPE(bytes))) {
    slot_init(self, self->hold, TRY(memoryview_from(thread, text)));
  }
  Word length = subject.view().length;
  self->start = position < 0 ? 0 : position > length ? length : position;
  self->end = end < 0 ? 0 : end > length ? length : end;
  self->must_advance = false;
  return made;
}

static AnyResult scanner_step(Thread& thread, Borrowed<Scanner> self, Search::Where where) {
  // Its place is moved by every step: two threads (or a signal handler) cannot take steps at the
  // same time.
  if (self->executing.exchange(true, std::memory_order_acquire)) {
    return raise<ValueError>(thread, "regular expression scanner already executing");
  }
  struct Done {
    Scanner* scanner;
    ~Done() { scanner->executing.store(false, std::memory_order_release); }
  } done{self.get()};
  if (self->start < 0) return AnyRef::adopt(kNone);
  Borrowed<Pattern> pattern = self->pattern.borrow();
  Subject subject(thread);
  TRY(subject.acquire(self->text.borrow(), pattern->kind));
  Search search(thread, *pattern->program, subject.view(), self->start, self->end);
  search.set_must_advance(self->must_advance);
  Word position = search.start;
  if (!TRY(search.find(where))) {
    self->start = -1;
    return AnyRef::adopt(kNone);
  }
  AnyRef match = TRY(match_create(thread, pattern, self->text.borrow(), search, position));
  self->must_advance = search.last == search.first;
  self->start = search.last;
  return match;
}
static AnyResult scanner_match(Thread& thread, Borrowed<Scanner> self) {
  return scanner_step(thread, self, Search::Where::match);
}
static AnyResult scanner_search(Thread& thread, Borrowed<Scanner> self) {
  return scanner_step(thread, self, Search::Where::search);
}
static AnyResult scanner_pattern(Thread& thread, Borrowed<Scanner> self) {
  return share(thread, Any(self->pattern.borrow()));
}

static const Layout scanner_layout{
    "_sre.SRE_Scanner", sizeof(Scanner), true,
    trace_fields<Scanner, &Scanner::pattern, &Scanner::text, &Scanner::hold>, nullptr};
static constexpr Method scanner_methods[] = {
    method<scanner_match>("match()"),
    method<scanner_search>("search()"),
};
static const GetSet scanner_getsets[] = {getter<scanner_pattern>("pattern")};
const TypeSpec scanner_spec{
    .name = "_sre.SRE_Scanner",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &scanner_layout,
    .methods = scanner_methods,
    .getsets = scanner_getsets,
};

}  // namespace dx::sre
