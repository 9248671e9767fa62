#include "objects/audit.h"

#include <mutex>
#include <vector>

#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

std::atomic<bool> audit_hooked{false};

namespace {
std::mutex hooks_mutex;
std::vector<Value>& hooks() {
  static auto* list = new std::vector<Value>;
  return *list;
}
}  // namespace

void audit_add_hook(Value hook) {
  std::lock_guard<std::mutex> guard(hooks_mutex);
  hooks().push_back(hook);
  audit_hooked.store(true, std::memory_order_release);
}

// Hooks run in the order they were added, with nothing observed.
Result<void> audit_tuple(Thread& thread, Any event, Any arguments) {
  for (size_t i = 0;; ++i) {
    AnyRef hook = AnyRef::adopt(kNone);
    {
      std::lock_guard<std::mutex> guard(hooks_mutex);
      if (i >= hooks().size()) return {};
      hook = share(thread, Any(hooks()[i]));
    }
    ++thread.observing;
    AnyResult answer = call(thread, hook, {event.value(), arguments.value()});
    --thread.observing;
    if (answer.raised()) return Raised{};
  }
}

Result<void> audit_slow(Thread& thread, const char* event, std::initializer_list<Value> arguments) {
  Ref<Str> name = TRY(str_intern_ascii(thread, event));
  Ref<Tuple> tuple = TRY(tuple_create(thread, arguments.size()));
  size_t i = 0;
  for (Value value : arguments)
    slot_init(tuple.get(), tuple->items()[i++], share(thread, Any(value ? value : kNone)));
  return audit_tuple(thread, name, tuple);
}

Result<void> audit_get(Thread& thread, Value object, const char* name) {
  if (!auditing()) return {};
  Ref<Str> text = TRY(str_intern_ascii(thread, name));
  return audit_slow(thread, "object.__getattr__", {object, text.value()});
}
Result<void> audit_set(Thread& thread, Value object, const char* name, MaybeAny value) {
  if (!auditing()) return {};
  Ref<Str> text = TRY(str_intern_ascii(thread, name));
  if (!value) return audit_slow(thread, "object.__delattr__", {object, text.value()});
  return audit_slow(thread, "object.__setattr__", {object, text.value(), value.value()});
}

}  // namespace dx
