#pragma once
// The object protocol: what Python's operators and builtins do to any value. All may run Python
// unless said otherwise.

#include <initializer_list>

#include "objects/errors.h"
#include "objects/type.h"

namespace dx {

// ---- attributes ---------------------------------------------------------------------------------
AnyResult get_attr(Thread& thread, Any object, Borrowed<Str> name);
AnyLookup lookup_attr(Thread& thread, Any object,
                      Borrowed<Str> name);  // AttributeError becomes absent
Result<void> set_attr(Thread& thread, Any object, Borrowed<Str> name,
                      MaybeAny value);  // no value: delete
// object.__getattribute__ and __setattr__, what types without hooks use.
AnyResult generic_getattribute(Thread& thread, Any object, Any name);
AnyLookup generic_lookup_attr(Thread& thread, Any object, Borrowed<Str> name);
Result<void> generic_setattr(Thread& thread, Any object, Any name, MaybeAny value);
// The instance's real __dict__ (made on demand); absent when instances of its type have none.
AnyLookup instance_dict(Thread& thread, Any object);
// type(object).name, bound to object as a method would be; absent when no class in the MRO has it.
// No instance lookup.
AnyLookup lookup_special(Thread& thread, Any object, Borrowed<Str> name);

// ---- calls --------------------------------------------------------------------------------------
// Calls with borrowed arguments: they are shared into the callee's frame where it takes them.
AnyResult call(Thread& thread, Any callable, const Arguments& arguments);
AnyResult call(Thread& thread, Any callable, std::initializer_list<Value> arguments);
AnyResult call_method(Thread& thread, Any object, Borrowed<Str> name,
                      std::initializer_list<Value> arguments);
// callable(*tuple, **dict)
AnyResult call_with(Thread& thread, Any callable, Borrowed<Tuple> arguments,
                    Maybe<Borrowed<Dict>> keywords);
bool is_callable(Any object);

// ---- truth, comparison, hash --------------------------------------------------------------------
enum class CompareOp : uint8_t { lt, le, eq, ne, gt, ge };
AnyResult compare(Thread& thread, Any left, Any right,
                  CompareOp op);  // the operator's result, any object
Result<bool> compare_true(Thread& thread, Any left, Any right, CompareOp op);
Result<bool> equal(Thread& thread, Any left, Any right);  // identity first, as containers do
Result<bool> is_true(Thread& thread, Any object);
Result<Word> hash(Thread& thread, Any object);
Result<bool> is_instance(Thread& thread, Any object, Any class_or_tuple);  // with __instancecheck__
Result<bool> is_subclass(Thread& thread, Any derived, Any class_or_tuple);

// ---- text ---------------------------------------------------------------------------------------
Result<Ref<Str>> repr(Thread& thread, Any object);
Result<Ref<Str>> str(Thread& thread, Any object);
Result<Ref<Str>> ascii(Thread& thread, Any object);
Result<Ref<Str>> format(Thread& thread, Any object, Borrowed<Str> spec);
// Recursion guard of container reprs: true when object is being printed already by this thread.
Result<bool> repr_enter(Thread& thread, Object* object);
void repr_leave(Thread& thread, Object* object);

// ---- numbers ------------------------------------------------------------------------------------
enum class BinaryOp : uint8_t {
  add,
  subtract,
  multiply,
  true_divide,
  floor_divide,
  remainder,
  power,
  matrix_multiply,
  lshift,
  rshift,
  and_,
  or_,
  xor_
};
AnyResult binary_op(Thread& thread, BinaryOp op, Any left, Any right);
AnyResult inplace_op(Thread& thread, BinaryOp op, Any left, Any right);
AnyResult power(Thread& thread, Any base, Any exponent, Any modulus);
AnyResult number_divmod(Thread& thread, Any left, Any right);
enum class UnaryOp : uint8_t { negative, positive, invert, absolute };
AnyResult unary_op(Thread& thread, UnaryOp op, Any operand);
AnyResult to_index(Thread& thread, Any object);  // an int object by __index__; TypeError
Result<Word> index_word(
    Thread& thread,
    Any object);  // OverflowError -> IndexError "cannot fit 'T' into an index-sized integer"
Result<Word> index_word_clamped(Thread& thread, Any object);
bool has_index(Any object);
AnyResult to_int(Thread& thread, Any object);    // int(object) for numbers
AnyResult to_float(Thread& thread, Any object);  // float(object) for numbers

// ---- containers and iteration -------------------------------------------------------------------
Result<Word> length(Thread& thread, Any object);
Result<Word> length_hint(Thread& thread, Any object, Word fallback);
AnyResult get_item(Thread& thread, Any container, Any key);
Result<void> set_item(Thread& thread, Any container, Any key, MaybeAny value);  // no value: delete
Result<bool> contains(Thread& thread, Any container, Any item);
AnyResult get_iter(Thread& thread, Any object);
Step iter_next(Thread& thread, Any iterator);  // StopIteration becomes done
bool is_iterator(Any object);
// Every item of iterable as a list / tuple (exact list and tuple copied without iteration).
AnyResult sequence_list(Thread& thread, Any iterable);
AnyResult sequence_tuple(Thread& thread, Any iterable);

// C++ recursion (repr of nested lists, comparisons): RecursionError before the native stack ends.
Result<void> enter_recursion(Thread& thread, const char* where);
void leave_recursion(Thread& thread);
class RecursionScope {
 public:
  explicit RecursionScope(Thread& thread) : thread_(thread) {}
  ~RecursionScope() { leave_recursion(thread_); }

 private:
  Thread& thread_;
};
// enter_recursion now, leave_recursion at the end of the scope.
#define TRY_RECURSION(thread, where)         \
  TRY(::dx::enter_recursion(thread, where)); \
  ::dx::RecursionScope recursion_scope_(thread)

}  // namespace dx
