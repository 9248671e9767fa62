#pragma once
// Functions, cells and bound methods.

#include "objects/code.h"
#include "objects/dict.h"

namespace dx {

struct Function : Object {
  Field<Code> code;
  Field<Dict> globals;
  Field<Object> builtins;    // the dict found at creation
  Field<Object> defaults;    // tuple or empty
  Field<Object> kwdefaults;  // dict or empty
  Field<Object> closure;     // tuple of cells or empty
  Field<Object> name, qualname, module, doc;
  Field<Object> annotations, annotate, type_params;
  Field<Object> old_codes;  // tuple of codes that __code__ replaced: frames may still run them
};
template <>
struct TypeCheck<Function> {
  static bool check(Value value) { return is_exact(value, SHAPE(function)); }
  static constexpr const char* name = "function";
};

struct Cell : Object {
  Field<Object> content;  // empty: unbound
};
template <>
struct TypeCheck<Cell> {
  static bool check(Value value) { return is_exact(value, SHAPE(cell)); }
  static constexpr const char* name = "cell";
};

struct BoundMethod : Object {
  Field<Object> function;
  Field<Object> self;
};

Result<Ref<Function>> function_create(Thread& thread, Borrowed<Code> code, Borrowed<Dict> globals);
Result<Ref<Cell>> cell_create(Thread& thread, Value owned_content);  // may be empty
Result<Ref<BoundMethod>> bound_method_create(Thread& thread, Any function, Any self);
// What __annotate__ makes of VALUE (annotationlib.Format, PEP 749): {} when it is not callable,
// TypeError when it returns no dict.
Result<Ref<Dict>> annotations_from(Thread& thread, Any annotate);
// globals['__builtins__'] as a dict, or the interpreter's.
Result<Ref<Dict>> builtins_of(Thread& thread, Borrowed<Dict> globals);

}  // namespace dx
