#pragma once
// BaseExceptionGroup and ExceptionGroup (PEP 654), and what `except*` needs of them.
//
// A group is immutable in what it holds: message (str) and exceptions (a tuple of exceptions, never
// empty). split and subgroup give parts of its tree; each inner node of a part is a fresh group
// made by derive(), with the traceback, context, cause and a copy of the notes of the node it was
// taken from.

#include "objects/exception.h"

namespace dx {

inline bool is_exception_group(Value value) {
  return is_exception(value) && is_subtype(type_of(value), EXCEPTION(BaseExceptionGroup));
}

// A new group of exceptions (a list or tuple) with this message.
AnyResult exception_group_create(Thread& thread, Any message, Any exceptions);
// Splits exception (None: nothing is left) by type, a class or tuple of classes: owned parts, kNone
// where there is nothing. A plain exception that matches is wrapped in a group for `found`, and
// wrapped is set. False: raised.
bool exception_group_split(Thread& thread, Any exception, Any type, Value& found, Value& rest,
                           bool& wrapped);
// What to raise after the bodies of `except*`: raised is the list of exceptions they raised (None:
// a handled part). Parts of the original that were only passed on keep their place in its tree;
// kNone: there is nothing to raise.
AnyResult exception_group_reraise(Thread& thread, Any original, Any raised);

// The tables of BaseExceptionGroup; exceptions_initialize makes the first class.
extern const Layout exception_group_layout;
std::span<const SlotEntry> exception_group_slot_table();
std::span<const Method> exception_group_method_table();
std::span<const GetSet> exception_group_getset_table();
Result<void> exception_group_initialize(
    Thread& thread);  // ExceptionGroup: after descriptors_initialize

}  // namespace dx
