#pragma once
// What the builtins module needs from the runtime.

#include "objects/dict.h"
#include "objects/module.h"
#include "runtime/compile_source.h"

namespace dx {

// class statement: __build_class__(function, name, *bases, metaclass=..., **keywords)
AnyResult builtins_build_class(Thread& thread, Arguments arguments);
Result<void> builtins_add_types(Thread& thread, Borrowed<Module> module);
// __import__; level may be anything that has __index__.
AnyResult import_level(Thread& thread, Any name, Any globals, Any locals, Any from_list, Any level);
// str, bytes or os.PathLike as the file name of compile().
Result<Ref<Str>> filename_text(Thread& thread, Any filename);
bool has_buffer_protocol(Any object);
std::string_view bytes_view(Value bytes);
// enumerate, zip, map, ...: the types of objects/ that have no fixed id.
Result<void> builtins_add_iterators(Thread& thread, Borrowed<Module> module);

}  // namespace dx
