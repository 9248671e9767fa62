#include "modules/exception_class.h"

#include <cstring>

#include "objects/dict.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

Result<void> exception_class(Thread& thread, Borrowed<Module> module, const char* module_name,
                             const char* name, Type* base, Type*& type) {
  if (!type) {
    Ref<Str> class_name = TRY(str_intern_ascii(thread, name)),
             where = TRY(str_intern_ascii(thread, module_name));
    Ref<Tuple> bases = TRY(tuple_of(thread, {Value(base)}));
    Ref<Dict> body = TRY(dict_create(thread));
    TRY(dict_set_str(thread, body, NAME("__module__"), where.borrow()));
    AnyRef made = TRY(
        call(thread, Any(Value(TYPE(type))), {class_name.value(), bases.value(), body.value()}));
    type = static_cast<Type*>(made.release().object());
    make_immortal(type);
  }
  return module_set(thread, module, name, Any(Value(type)));
}

Raised raise_numbered(Thread& thread, Type* type, int number) {
  Ref<Str> text = TRY(str_from_filesystem(thread, std::strerror(number)));
  AnyRef error = TRY(call(thread, Any(Value(type)), {small_int(number), text.value()}));
  return raise_object(thread, std::move(error));
}

}  // namespace dx
