// _heapq: a list kept as a binary heap. Comparisons run Python, so every step looks at the list
// anew.

#include "objects/list.h"
#include "objects/protocol.h"

namespace dx {
namespace {

enum class Heap : uint8_t { min, max };

// Whether a belongs above b.
Result<bool> above(Thread& thread, Any a, Any b, Heap kind) {
  if (kind == Heap::max) std::swap(a, b);
  if (a.value().is_int() && b.value().is_int()) return small_int_value(a) < small_int_value(b);
  return compare_true(thread, a, b, CompareOp::lt);
}

Raised changed(Thread& thread) {
  return raise<RuntimeError>(thread, "list changed size during iteration");
}

// Whether the item at i belongs above the one at k.
Result<bool> above_at(Thread& thread, Borrowed<List> heap, Word i, Word k, Word length, Heap kind) {
  Maybe<Ref<Object>> a = list_item(thread, heap, i), b = list_item(thread, heap, k);
  if (!a || !b) return changed(thread);
  bool answer = TRY(above(thread, a.borrow(), b.borrow(), kind));
  if (list_length(heap) != length) return changed(thread);
  return answer;
}

// Moves the item at `at` towards the root until its parent belongs above it.
Result<void> rise(Thread& thread, Borrowed<List> heap, Word root, Word at, Heap kind) {
  Word length = list_length(heap);
  while (at > root) {
    Word parent = (at - 1) / 2;
    if (!TRY(above_at(thread, heap, at, parent, length, kind))) break;
    if (!list_swap(thread, heap, at, parent)) return changed(thread);
    at = parent;
  }
  return {};
}

// Moves the item at `root` down to a leaf, the better child going up each time, and lets it rise
// from there: an item that comes from the end mostly belongs near the end, and this asks one
// question a level instead of two.
Result<void> sink(Thread& thread, Borrowed<List> heap, Word root, Heap kind) {
  Word length = list_length(heap), at = root;
  for (Word child = 2 * at + 1; child < length; child = 2 * at + 1) {
    Word right = child + 1;
    if (right < length && !TRY(above_at(thread, heap, child, right, length, kind))) child = right;
    if (!list_swap(thread, heap, at, child)) return changed(thread);
    at = child;
  }
  return rise(thread, heap, root, at, kind);
}

template <Heap kind>
Result<void> heappush(Thread& thread, Borrowed<List> heap, Any item) {
  TRY(list_append(thread, heap, share(thread, item)));
  return rise(thread, heap, 0, list_length(heap) - 1, kind);
}

template <Heap kind>
AnyResult heappop(Thread& thread, Borrowed<List> heap) {
  Word length = list_length(heap);
  Maybe<Ref<Object>> last = list_pop_at(thread, heap, length - 1);
  if (!last) return raise<IndexError>(thread, "index out of range");
  if (length == 1) return last.take();
  Maybe<Ref<Object>> top = list_item(thread, heap, 0);
  if (!top) return last.take();
  TRY(list_set(thread, heap, 0, last.take()));
  TRY(sink(thread, heap, 0, kind));
  return top.take();
}

template <Heap kind>
AnyResult heapreplace(Thread& thread, Borrowed<List> heap, Any item) {
  Maybe<Ref<Object>> top = list_item(thread, heap, 0);
  if (!top) return raise<IndexError>(thread, "index out of range");
  TRY(list_set(thread, heap, 0, share(thread, item)));
  TRY(sink(thread, heap, 0, kind));
  return top.take();
}

template <Heap kind>
AnyResult heappushpop(Thread& thread, Borrowed<List> heap, Any item) {
  Maybe<Ref<Object>> top = list_item(thread, heap, 0);
  if (!top) return share(thread, item);
  if (!TRY(above(thread, top.borrow(), item, kind))) return share(thread, item);
  if (list_length(heap) == 0) return raise<IndexError>(thread, "index out of range");
  return heapreplace<kind>(thread, heap, item);
}

template <Heap kind>
Result<void> heapify(Thread& thread, Borrowed<List> heap) {
  for (Word at = list_length(heap) / 2; at-- > 0;) TRY(sink(thread, heap, at, kind));
  return {};
}

constexpr Method heapq_functions[] = {
    function<heappush<Heap::min>>("heappush(heap, item, /)",
                                  "Push item onto heap, maintaining the heap invariant."),
    function<heappushpop<Heap::min>>(
        "heappushpop(heap, item, /)",
        "Push item on the heap, then pop and return the smallest item from the heap.\n\n"
        "The combined action runs more efficiently than heappush() followed by\n"
        "a separate call to heappop()."),
    function<heappop<Heap::min>>(
        "heappop(heap, /)", "Pop the smallest item off the heap, maintaining the heap invariant."),
    function<heapreplace<Heap::min>>(
        "heapreplace(heap, item, /)",
        "Pop and return the current smallest value, and add the new item.\n\n"
        "More efficient than heappop() followed by heappush(). Note that the value\n"
        "returned may be larger than item."),
    function<heapify<Heap::min>>("heapify(heap, /)",
                                 "Transform list into a heap, in-place, in O(len(heap)) time."),
    function<heappush<Heap::max>>("heappush_max(heap, item, /)",
                                  "Push item onto max heap, maintaining the heap invariant."),
    function<heappushpop<Heap::max>>(
        "heappushpop_max(heap, item, /)",
        "Maxheap variant of heappushpop.\n\n"
        "The combined action runs more efficiently than heappush_max()\n"
        "followed by a separate call to heappop_max()."),
    function<heappop<Heap::max>>("heappop_max(heap, /)", "Maxheap variant of heappop."),
    function<heapreplace<Heap::max>>("heapreplace_max(heap, item, /)",
                                     "Maxheap variant of heapreplace."),
    function<heapify<Heap::max>>("heapify_max(heap, /)", "Maxheap variant of heapify."),
};

}  // namespace

extern const ModuleSpec _heapq_module;
const ModuleSpec _heapq_module{
    .name = "_heapq",
    .doc =
        "Heap queue algorithm (a.k.a. priority queue).\n\n"
        "A heap is a list in which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k, counting from "
        "0:\n"
        "its smallest item is always a[0].\n",
    .functions = heapq_functions,
};

}  // namespace dx
