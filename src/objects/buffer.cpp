#include "objects/buffer.h"

#include "objects/errors.h"

namespace dx {

bool has_buffer(Any object) { return type_of(object)->slot<SlotId::buffer>() != nullptr; }

Result<void> buffer_get(Thread& thread, Any object, BufferView& view, int flags) {
  auto function = type_of(object)->slot<SlotId::buffer>();
  if (function == nullptr) {
    return raise<TypeError>(thread, "a bytes-like object is required, not '{}'",
                            type_name_in(object));
  }
  return function(thread, object, view, flags);
}

void buffer_release(Thread& thread, BufferView& view) {
  if (view.release != nullptr) view.release(thread, view);
  Value owner = view.owner;
  view.owner = Value{};
  view.release = nullptr;
  decref(thread, owner);
}

}  // namespace dx
