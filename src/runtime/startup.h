#pragma once
// Pieces of start-up that the command line and tests use.

#include <string>

#include "objects/module.h"
#include "runtime/interpreter_state.h"

namespace dx {

Result<void> imports_start(Thread& thread, Interpreter& interpreter);
// sys.stdin, stdout, stderr through the io module.
Result<void> streams_start(Thread& thread, Interpreter& interpreter);
// How deep C++ may recurse on the calling native thread.
void native_stack_measure(Thread& thread);
// warnings.warn(message, category, stacklevel).
Result<void> warn_at_level(Thread& thread, Type* category, Any message, Word stack_level);

}  // namespace dx
