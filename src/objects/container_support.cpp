#include "objects/container_support.h"

#include "objects/int.h"

namespace dx {

void add_pending_note(Thread& thread, const char* format, Word number) {
  Maybe<Ref<Object>> exception = take_exception(thread);
  if (!exception) return;
  FormatArgument argument(number);
  AnyResult text = format_text(thread, format, &argument, 1);
  if (!text.raised()) {
    AnyRef note = text.take();
    AnyResult added = call_method(thread, exception.borrow(), NAME("add_note"), {note.value()});
    if (added.raised()) clear_exception(thread);
  } else {
    clear_exception(thread);
  }
  (void)raise_object(thread, exception.take());
}

Result<void> expect_positional(Thread& thread, const char* name, const Arguments& arguments, size_t count) {
  if (arguments.keywords()) return raise<TypeError>(thread, "{}() takes no keyword arguments", name);
  if (arguments.count == count) return {};
  return raise<TypeError>(thread, "{} expected {} argument{}, got {}", name, count, count == 1 ? "" : "s",
                          arguments.count);
}

AnyResult exact_index(Thread& thread, Any object) {
  AnyRef number = TRY(to_index(thread, object));
  if (is_exact_int(number.value())) return number;
  return int_add(thread, number, small_int(0));
}

Result<Word> repeat_count(Thread& thread, Any count) {
  Result<Word> number = index_word(thread, count);
  if (number.raised() && pending_is<IndexError>(thread)) {
    clear_exception(thread);
    return raise<OverflowError>(thread, "cannot fit '{}' into an index-sized integer", type_name_in(count));
  }
  return number;
}

}  // namespace dx
