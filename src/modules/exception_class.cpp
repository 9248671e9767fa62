#include "modules/exception_class.h"

#include <cstring>

#include "objects/dict.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

AnyResult make_class(Thread& thread, const char* module, const char* name, Type* base) {
  Ref<Str> class_name = TRY(str_intern_ascii(thread, name)),
           module_name = TRY(str_intern_ascii(thread, module));
  Ref<Tuple> bases = TRY(tuple_of(thread, {Value(base)}));
  Ref<Dict> body = TRY(dict_create(thread));
  TRY(dict_set_str(thread, body, NAME("__module__"), module_name.borrow()));
  return call(thread, Any(Value(TYPE(type))), {class_name.value(), bases.value(), body.value()});
}

}  // namespace

Type* exception_class(Thread& thread, const char* module, const char* name, Type* base) {
  AnyResult made = make_class(thread, module, name, base);
  if (made.raised()) return nullptr;
  auto* type = static_cast<Type*>(made.release().object());
  make_immortal(type);
  return type;
}

Raised raise_numbered(Thread& thread, Type* type, int number) {
  Ref<Str> text = TRY(str_from_filesystem(thread, std::strerror(number)));
  AnyRef error = TRY(call(thread, Any(Value(type)), {small_int(number), text.value()}));
  return raise_object(thread, std::move(error));
}

}  // namespace dx
