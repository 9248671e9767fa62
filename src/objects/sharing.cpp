#include "objects/sharing.h"

#include <string_view>

#include "memory/collector.h"
#include "objects/dict.h"
#include "objects/function.h"
#include "objects/module.h"
#include "objects/native.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type.h"

namespace dx {

extern TypeHandle property_type, staticmethod_type, classmethod_type;  // descriptors.cpp

namespace {

// A def or class inside of a function may be made any number of times.
bool at_top_level(Value qualname) {
  if (!is_str(qualname)) return false;
  StrView text = str_view(Borrowed<Str>(qualname));
  constexpr std::string_view kLocal = "<locals>";
  for (Word at = 0; at + static_cast<Word>(kLocal.size()) <= text.length; ++at) {
    size_t same = 0;
    while (same < kLocal.size() &&
           text[at + static_cast<Word>(same)] == static_cast<char32_t>(kLocal[same]))
      ++same;
    if (same == kLocal.size()) return false;
  }
  return true;
}

void keep_code(Code* code);

// Constants of code and default values: what literals make.
void keep_constant(Value value) {
  if (!value.is_object() || is_immortal(value.object())) return;
  Object* object = value.object();
  if (is_exact(value, SHAPE(code))) return keep_code(static_cast<Code*>(object));
  if (is_exact(value, SHAPE(tuple))) {
    auto* tuple = static_cast<Tuple*>(object);
    for (Word i = 0; i < tuple->size; ++i) keep_constant(tuple->items()[i].raw_relaxed());
  } else if (!is_exact(value, SHAPE(str)) && !is_exact(value, SHAPE(int)) &&
             !is_exact(value, SHAPE(float)) && !is_exact(value, SHAPE(bytes))) {
    return;
  }
  make_immortal(object);
}

void keep_code(Code* code) {
  if (is_immortal(code)) return;
  make_immortal(code);
  if (!code->prepared.load(std::memory_order_relaxed))
    return;  // code_constant does the rest as they are made
  size_t count = code->view().constants().size();
  for (size_t i = 0; i < count; ++i) keep_constant(code->constants[i]);
}

void keep_function(Function* function) {
  if (is_immortal(function) || !at_top_level(function->qualname.raw())) return;
  make_immortal(function);
  keep_code(static_cast<Code*>(function->code.raw().object()));
  // A tuple of defaults that the program made may hold anything: only its constants are kept.
  Value defaults = function->defaults.raw();
  if (!defaults) return;
  auto* tuple = static_cast<Tuple*>(defaults.object());
  for (Word i = 0; i < tuple->size; ++i) keep_constant(tuple->items()[i].raw_relaxed());
}

bool is_class_descriptor(Value value) {
  Type* type = type_of(value);
  return type == property_type.type || type == staticmethod_type.type ||
         type == classmethod_type.type;
}

// The class and what finding a method in it counts: descriptors.
void keep_class(Thread& thread, Type* type) {
  if (!is_immortal(type)) {
    if (!at_top_level(type->qualname.raw())) return;
    make_immortal(type);
  }
  if (!type->dict.raw()) return;
  Word position = 0;
  Value value;
  while (dict_walk(thread, type->dict.borrow(), position, DictOrder::forward, nullptr, &value)) {
    decref(thread, value);  // the class holds it
    if (!value.is_object() || is_immortal(value.object())) continue;
    ShapeId shape = value.object()->shape();
    if (shape == SHAPE(method_descriptor) || shape == SHAPE(classmethod_descriptor) ||
        shape == SHAPE(getset_descriptor) || shape == SHAPE(member_descriptor) ||
        shape == SHAPE(wrapper_descriptor) || shape == SHAPE(builtin_function_or_method) ||
        is_class_descriptor(value)) {
      make_immortal(value.object());
    }
  }
}

void keep(void*, Thread& thread, Object* object) {
  Value value(object);
  if (is_exact(value, SHAPE(function))) {
    keep_function(static_cast<Function*>(object));
  } else if (is_type(value)) {
    keep_class(thread, static_cast<Type*>(object));
  } else if (has_layout(value, kShapeModule)) {
    make_immortal(object);
  } else if (is_exact(value, SHAPE(builtin_function_or_method))) {
    Value self = static_cast<NativeFunction*>(object)->self.raw();
    if (!self || has_layout(self, kShapeModule)) make_immortal(object);
  }
}

}  // namespace

void objects_before_threads(Thread& thread) {
  for (TypeHandle& handle : builtin_types) {
    if (handle.type) keep_class(thread, handle.type);
  }
  each_tracked_object(thread, -1, keep, nullptr);
}

}  // namespace dx
