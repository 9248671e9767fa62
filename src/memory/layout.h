#pragma once
// Layout: what memory must know about the C++ struct behind a shape: where its references are, and
// what else it owns. A layout lists its references once, in trace; traversal, clearing and
// deallocation all come from that list. Shape: an entry of the shape table. Objects of one shape
// have the same type, layout and attribute names in slots.

#include "memory/slots.h"

namespace dx {

struct Type;
struct PropertyTable;

// visit is called for every Slot of an object that holds a counted reference (empty and immediate
// slots included). visit_range is the same for `count` groups of neighbouring slots, `stride` slots
// from one group to the next (negative: backwards); who leaves it null gets the slots one by one.
struct SlotVisitor {
  void (*visit)(SlotVisitor& self, Slot& slot);
  void (*visit_range)(SlotVisitor& self, Slot* first, ptrdiff_t stride, size_t group,
                      size_t count) = nullptr;
  void operator()(Slot& slot) { visit(*this, slot); }
  void range(Slot* first, ptrdiff_t stride, size_t group, size_t count) {
    if (visit_range) return visit_range(*this, first, stride, group, count);
    for (; count > 0; --count, first += stride) {
      for (size_t index = 0; index < group; ++index) visit(*this, first[index]);
    }
  }
};

struct Layout {
  const char* name;
  size_t size;  // sizeof the struct, without variable parts
  bool traced;  // holds references: lives in traced pages, may be part of a cycle
  // Null when it holds none. Visits in CPython's order of destruction (lists and tuples from the
  // last item to the first): death drops the references in this order.
  void (*trace)(Object* object, SlotVisitor& visitor);
  // Frees what is not a reference (buffers, descriptors). Runs after the references were dropped.
  // No Python code. May be null.
  void (*destroy)(Thread& thread, Object* object);
  // Bytes of this object before its __dict__ word and slots, when they differ from object to object
  // (tuple, str, bytes, int); null: `size`. Must give what the block was allocated with.
  size_t (*payload_size)(const Object* object) = nullptr;
  // Drops what trace lists, in its order, without a call for every slot; null: death goes through
  // trace. For the layouts that die most. Leaves the slots empty.
  void (*drop)(Thread& thread, Object* object) = nullptr;
};

// For Layout::drop: what a slot of a dying object held.
inline void slot_drop(Thread& thread, Slot& slot) {
  Value value = slot.raw_relaxed();
  if (!is_counted(value)) return;
  slot.word().store(0, std::memory_order_relaxed);
  decref(thread, value.object());
}

enum ShapeFlags : uint32_t {
  // Which builtin layout an instance's payload has (own instances and Python subclasses): one bit
  // test.
  kShapeInt = 1,
  kShapeStr = 2,
  kShapeBytes = 4,
  kShapeTuple = 8,
  kShapeList = 16,
  kShapeDict = 32,
  kShapeSet = 64,
  kShapeFloat = 128,
  kShapeType = 256,
  kShapeException = 512,
  kShapeFunction = 1024,
  kShapeGenerator = 2048,
  kShapeByteArray = 4096,
  kShapeComplex = 8192,
  kShapeFrozenSet = 16384,
  kShapeModule = 32768,
  kShapeExact = 1u << 20,         // the type is the builtin itself, not a subclass
  kShapeHasDict = 1u << 21,       // instances have a __dict__ word (at dict_offset)
  kShapeDictMode = 1u << 22,      // attributes live in the dict object, not in slots
  kShapeHasFinalizer = 1u << 23,  // the type has __del__
  kShapeInlineSlots =
      1u
      << 24,  // reference slots follow the payload: inline_capacity of them from inline_offset on
  kShapeHeapType =
      1u << 25,  // the type was made by Python code: every instance holds one count on it
  kShapeBarePayload =
      1u << 26,  // of a kShapeHeapType: the layout has no trace, drop, destroy or payload_size
};

struct alignas(64) Shape {
  Type* type;  // borrowed (see kShapeHeapType); cast to Object* in memory/, which cannot see Type
  const Layout* layout;
  PropertyTable* properties;  // attribute name -> slot; null when there are none
  std::atomic<void*> transitions;
  uint32_t id;
  uint32_t flags;
  uint16_t inline_offset;    // bytes from the object to the slots behind the payload
  uint16_t inline_capacity;  // how many there are (members of __slots__, then attributes)
  uint16_t inline_used;      // how many have names so far
  uint16_t dict_offset;      // bytes to the __dict__ word; 0 = none
  uint32_t parent;
  std::atomic<uint32_t> instance_bytes;  // of a fresh instance of a class made by Python; 0: not
                                         // known yet, or not fixed
};
static_assert(sizeof(Shape) == 64);

// Reserved address space; entries appear and never move.
extern Shape* shape_table;
inline Shape& shape_of(ShapeId id) { return shape_table[id]; }
inline Shape& shape_of(const Object* object) { return shape_table[object->shape()]; }
// A fresh id with a zeroed entry; 0 when ids have run out. Thread-safe.
ShapeId shape_allocate();

// Where a shape's inline_offset and dict_offset count from: the object, or, behind a payload of
// variable size, as far after it as the payload is longer than the layout.
inline char* object_tail(const Object* object, const Shape& shape) {
  char* start = reinterpret_cast<char*>(const_cast<Object*>(object));
  const Layout* layout = shape.layout;
  if (__builtin_expect(layout->payload_size == nullptr, 1)) return start;
  return start + (layout->payload_size(object) + 7) / 8 * 8 - layout->size;
}

struct SlotDropper : SlotVisitor {
  Thread& thread;
  explicit SlotDropper(Thread& dropping) : SlotVisitor{&drop_one, &drop_range}, thread(dropping) {}
  static void drop_one(SlotVisitor& self, Slot& slot) {
    slot_drop(static_cast<SlotDropper&>(self).thread, slot);
  }
  static void drop_range(SlotVisitor& self, Slot* first, ptrdiff_t stride, size_t group,
                         size_t count) {
    Thread& thread = static_cast<SlotDropper&>(self).thread;
    for (; count > 0; --count, first += stride) {
      for (size_t index = 0; index < group; ++index) slot_drop(thread, first[index]);
    }
  }
};

// Layout::drop made from Layout::trace, for trace functions small enough that the compiler puts
// them here.
template <void (*trace)(Object*, SlotVisitor&)>
void drop_by(Thread& thread, Object* object) {
  SlotDropper dropper(thread);
  trace(object, dropper);
}

// Every reference an object holds, except the count of an instance of a Python class on its type:
// the slots behind the payload, __dict__, then the payload's own, as CPython drops them.
inline void trace_object(Object* object, SlotVisitor& visitor) {
  const Shape& shape = shape_of(object);
  if (shape.flags & (kShapeInlineSlots | kShapeHasDict)) {
    char* tail = object_tail(object, shape);
    Slot* slots = reinterpret_cast<Slot*>(tail + shape.inline_offset);
    visitor.range(slots, 1, 1, shape.inline_capacity);
    if (shape.dict_offset) visitor(*reinterpret_cast<Slot*>(tail + shape.dict_offset));
  }
  if (shape.layout->trace) shape.layout->trace(object, visitor);
}

}  // namespace dx
