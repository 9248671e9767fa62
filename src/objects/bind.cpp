#include "objects/bind.h"

#include "objects/errors.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

static bool fail(Raised) { return false; }

bool bind_new(Thread& thread, const NewParameters& parameters, const Arguments& arguments,
              Value* out) {
  size_t keywords = arguments.names ? static_cast<size_t>(arguments.names->size) : 0;
  size_t positional = arguments.count - keywords;
  for (size_t i = 0; i < parameters.count; ++i) out[i] = Value{};
  if (keywords != 0 && parameters.names == nullptr) {
    return fail(raise<TypeError>(thread, "{}() takes no keyword arguments", parameters.function));
  }
  if (parameters.too_many == TooMany::takes ? arguments.count > parameters.count
                                            : positional > parameters.count) {
    const char* plural = parameters.count == 1 ? "" : "s";
    return parameters.too_many == TooMany::takes
               ? fail(raise<TypeError>(thread, "{}() takes at most {} argument{} ({} given)",
                                       parameters.function, parameters.count, plural,
                                       arguments.count))
               : fail(raise<TypeError>(thread, "{} expected at most {} argument{}, got {}",
                                       parameters.function, parameters.count, plural, positional));
  }
  if (keywords != 0 && arguments.count > parameters.count) {
    return fail(raise<TypeError>(thread, "{}() takes at most {} {}argument{} ({} given)",
                                 parameters.function, parameters.count,
                                 positional == 0 ? "keyword " : "",
                                 parameters.count == 1 ? "" : "s", arguments.count));
  }
  for (size_t i = 0; i < positional; ++i) out[i] = arguments.items[i];
  for (size_t k = 0; k < keywords; ++k) {
    Any given = arguments.names->item(static_cast<Word>(k));
    Borrowed<Str> name(given.value());
    size_t at = parameters.positional_only;
    while (at < parameters.count && !str_equals_ascii(name, parameters.names[at])) ++at;
    if (at == parameters.count) {
      return fail(raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'",
                                   parameters.function, given));
    }
    if (at < positional) {
      return fail(raise<TypeError>(thread,
                                   "argument for {}() given by name ('{}') and position ({})",
                                   parameters.function, given, at + 1));
    }
    out[at] = arguments.items[positional + k];
  }
  for (size_t i = 0; i < parameters.required; ++i) {
    if (out[i]) continue;
    if (parameters.names == nullptr) {
      return fail(raise<TypeError>(thread, "{} expected at least {} argument{}, got {}",
                                   parameters.function, parameters.required,
                                   parameters.required == 1 ? "" : "s", positional));
    }
    return fail(raise<TypeError>(thread, "{}() missing required argument '{}' (pos {})",
                                 parameters.function, parameters.names[i], i + 1));
  }
  return true;
}

}  // namespace dx
