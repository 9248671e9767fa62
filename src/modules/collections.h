#pragma once
// The types of the _collections module: deque (collections_deque.cpp), defaultdict and the rest (collections.cpp).

#include "objects/native.h"

namespace dx {

extern TypeHandle deque_type, deque_iterator_type, deque_reverse_iterator_type;
extern const TypeSpec deque_spec, deque_iterator_spec, deque_reverse_iterator_spec;

}  // namespace dx
