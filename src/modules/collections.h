#pragma once
// The types of the _collections module: deque (collections_deque.cpp), OrderedDict
// (collections_ordered.cpp), defaultdict and the rest (collections.cpp).

#include "objects/native.h"

namespace dx {

extern TypeHandle deque_type, deque_iterator_type, deque_reverse_iterator_type;
extern const TypeSpec deque_spec, deque_iterator_spec, deque_reverse_iterator_spec;
extern TypeHandle ordered_dict_type;
extern const TypeSpec ordered_dict_spec;
Result<void> ordered_dict_initialize(
    Thread& thread);  // its views and iterator, which no module shows

}  // namespace dx
