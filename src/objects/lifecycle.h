#pragma once
// What memory/ asks of objects: how a finalizer, a weak reference callback and a collection's
// callbacks are called.

namespace dx {

void lifecycle_initialize();  // fills memory_hooks; once, before the first object with a finalizer
                              // can die

}  // namespace dx
