#pragma once
// traceback: one entry a frame, newest call last through `next`.

#include "objects/native.h"

namespace dx {

struct Traceback : Object {
  Field<Object> next;    // Traceback or empty
  Field<Object> frame;   // FrameObject
  uint32_t instruction;  // index of the instruction (tb_lasti / 2)
  int32_t line;          // kLineLater: not worked out yet
};
constexpr int32_t kLineLater = INT32_MIN;  // most entries die unread
int32_t traceback_line_of(Borrowed<Traceback> entry);
Result<Ref<Traceback>> traceback_create(Thread& thread, MaybeAny next, Any frame,
                                        uint32_t instruction, int32_t line);

}  // namespace dx
