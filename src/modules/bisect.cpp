// _bisect: where an item belongs in a sorted sequence.

#include "objects/int.h"
#include "objects/list.h"
#include "objects/protocol.h"

namespace dx {
namespace {

enum class Side : uint8_t { left, right };

AnyResult item_at(Thread& thread, Any sequence, Word index) {
  if (is_exact(sequence, SHAPE(list))) {
    Maybe<Ref<Object>> item = list_item(thread, Borrowed<List>(sequence.value()), index);
    if (item) return item.take();
    return raise<IndexError>(thread, "list index out of range");
  }
  AnyRef number = TRY(int_from_word(thread, index));
  return get_item(thread, sequence, number);
}

Result<Word> search(Thread& thread, Any a, Any x, Word lo, Any hi, Any key, Side side) {
  if (lo < 0) return raise<ValueError>(thread, "lo must be non-negative");
  Word high = hi.is_none() ? TRY(length(thread, a)) : TRY(index_word(thread, hi));
  while (lo < high) {
    Word middle = lo + (high - lo) / 2;
    AnyRef item = TRY(item_at(thread, a, middle));
    if (!key.is_none()) item = TRY(call(thread, key, {item.value()}));
    bool before;
    if (item.value().is_int() && x.value().is_int()) {
      Word left = small_int_value(item.value()), right = small_int_value(x);
      before = side == Side::left ? left < right : left <= right;
    } else if (side == Side::left) {
      before = TRY(compare_true(thread, item, x, CompareOp::lt));
    } else {
      before = !TRY(compare_true(thread, x, item, CompareOp::lt));
    }
    if (before)
      lo = middle + 1;
    else
      high = middle;
  }
  return lo;
}

template <Side side>
Result<Word> bisect(Thread& thread, Any a, Any x, Word lo, Any hi, Any key) {
  return search(thread, a, x, lo, hi, key, side);
}

template <Side side>
Result<void> insort(Thread& thread, Any a, Any x, Word lo, Any hi, Any key) {
  AnyRef wanted = key.is_none() ? share(thread, x) : TRY(call(thread, key, {x.value()}));
  Word index = TRY(search(thread, a, wanted, lo, hi, key, side));
  if (is_exact(a, SHAPE(list)))
    return list_insert(thread, Borrowed<List>(a.value()), index, share(thread, x));
  AnyRef number = TRY(int_from_word(thread, index));
  {
    AnyRef nothing = TRY(call_method(thread, a, NAME("insert"), {number.value(), x.value()}));
  }
  return {};
}

constexpr Method bisect_functions[] = {
    function<bisect<Side::right>>(
        "bisect_right(a, x, lo=0, hi=None, *, key=None)",
        "Return the index where to insert item x in list a, assuming a is sorted.\n\n"
        "All e in a[:i] have e <= x, and all e in a[i:] have e > x.\n\n"
        "lo and hi bound the slice of a to be searched; key(e) is compared instead of e."),
    function<insort<Side::right>>(
        "insort_right(a, x, lo=0, hi=None, *, key=None)",
        "Insert item x in list a, and keep it sorted assuming a is sorted.\n\n"
        "If x is already in a, insert it to the right of the rightmost x."),
    function<bisect<Side::left>>(
        "bisect_left(a, x, lo=0, hi=None, *, key=None)",
        "Return the index where to insert item x in list a, assuming a is sorted.\n\n"
        "All e in a[:i] have e < x, and all e in a[i:] have e >= x.\n\n"
        "lo and hi bound the slice of a to be searched; key(e) is compared instead of e."),
    function<insort<Side::left>>(
        "insort_left(a, x, lo=0, hi=None, *, key=None)",
        "Insert item x in list a, and keep it sorted assuming a is sorted.\n\n"
        "If x is already in a, insert it to the left of the leftmost x."),
};

}  // namespace

extern const ModuleSpec _bisect_module;
const ModuleSpec _bisect_module{
    .name = "_bisect",
    .doc =
        "Bisection algorithms.\n\n"
        "Where an item belongs in a list that is sorted and shall stay so.\n",
    .functions = bisect_functions,
};

}  // namespace dx
