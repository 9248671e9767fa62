#pragma once
// open(), for builtins and _io.

#include "modules/io/io.h"

namespace dx {

AnyResult io_open(Thread& thread, Any file, Any mode, int buffering, Any encoding, Any errors,
                  Any newline, bool closefd, Any opener);
AnyResult io_open_code(Thread& thread, Any path);
AnyResult io_text_encoding(Thread& thread, Any encoding, int stacklevel);
// -X warn_default_encoding and PYTHONWARNDEFAULTENCODING.
bool io_warns_default_encoding(Thread& thread);

}  // namespace dx
