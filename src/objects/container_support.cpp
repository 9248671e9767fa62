#include "objects/container_support.h"

#include <cstring>

#include "objects/dict.h"
#include "objects/int.h"
#include "objects/set.h"
#include "objects/tuple.h"

namespace dx {

Result<bool> snapshot_items(Thread& thread, Any container, ValueRun& run) {
  if (is_exact(container, SHAPE(set)) || is_exact(container, SHAPE(frozenset))) {
    Borrowed<Set> set(container.value());
    for (size_t room = static_cast<size_t>(set_size(set));;) {
      if (!run.reserve(room)) return raise_memory_error(thread);
      size_t count = set_snapshot(thread, set, run.items, room);
      if (count <= room) {
        run.count = count;
        return true;
      }
      room = count;
    }
  }
  DictPart part;
  Maybe<Ref<Dict>> dict = dict_behind(thread, container, part);
  if (!dict) return false;
  for (size_t room =
           static_cast<size_t>(dict_size(dict.borrow())) * (part == DictPart::items ? 2 : 1);
       ;) {
    if (!run.reserve(room)) return raise_memory_error(thread);
    size_t words = dict_snapshot(thread, dict.borrow(), part, run.items, room);
    if (words <= room) {
      run.count = words;
      break;
    }
    room = words;
  }
  if (part != DictPart::items) return true;
  size_t pairs = run.count / 2;
  for (size_t i = 0; i < pairs; ++i) {
    Result<Ref<Tuple>> pair = tuple_adopt(thread, run.items + 2 * i, 2);
    if (pair.raised()) {
      // Pairs made stand in front, words not looked at yet behind; tuple_adopt dropped the two it
      // failed on.
      size_t rest = 2 * (pairs - i - 1);
      std::memmove(static_cast<void*>(run.items + i), run.items + 2 * (i + 1),
                   rest * sizeof(Value));
      run.count = i + rest;
      return Raised{};
    }
    run.items[i] = pair.take().release();
  }
  run.count = pairs;
  return true;
}

void add_pending_note(Thread& thread, const char* format, Word number) {
  add_pending_note(thread, format, {FormatArgument(number)});
}
void add_pending_note(Thread& thread, const char* format,
                      std::initializer_list<FormatArgument> arguments) {
  Maybe<Ref<Object>> exception = take_exception(thread);
  if (!exception) return;
  AnyResult text = format_text(thread, format, arguments.begin(), arguments.size());
  if (!text.raised()) {
    AnyRef note = text.take();
    AnyResult added = call_method(thread, exception.borrow(), NAME("add_note"), {note.value()});
    if (added.raised()) clear_exception(thread);
  } else {
    clear_exception(thread);
  }
  (void)raise_object(thread, exception.take());
}

bool must_refuse_keywords(Borrowed<Type> type) {
  auto init = type->slot<SlotId::init>();
  return !init || init == TYPE(object)->slot<SlotId::init>();
}

Result<void> expect_positional_new(Thread& thread, const char* name, const Arguments& arguments,
                                   size_t count, Borrowed<Type> type) {
  if (arguments.keywords() && must_refuse_keywords(type))
    return raise<TypeError>(thread, "{}() takes no keyword arguments", name);
  size_t positional = arguments.positional();
  if (positional == count) return {};
  return raise<TypeError>(thread, "{} expected {} argument{}, got {}", name, count,
                          count == 1 ? "" : "s", positional);
}

Result<void> expect_positional(Thread& thread, const char* name, const Arguments& arguments,
                               size_t count) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "{}() takes no keyword arguments", name);
  if (arguments.count == count) return {};
  return raise<TypeError>(thread, "{} expected {} argument{}, got {}", name, count,
                          count == 1 ? "" : "s", arguments.count);
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
    return raise<OverflowError>(thread, "cannot fit '{}' into an index-sized integer",
                                type_name_in(count));
  }
  return number;
}

}  // namespace dx
