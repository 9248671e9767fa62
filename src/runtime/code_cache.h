#pragma once
// Compiled source files on disk: a module or script is compiled once for each build of dx-py and each version of its file.
//
//   $XDG_CACHE_HOME/dx-py/<build id>/<path and options, hashed>-<stamp>.dpb      mapped and run in place (dpb/file.h)
//
// The stamp is the source's device, inode, size, time of change and time of status change, so that a cached image is found
// only while the file is what was compiled. Without a usable folder everything is compiled at every start; nothing is said,
// because the program's result does not depend on it. The folder is opened once, by the thread that first asks.

#include <string>

#include "runtime/compile_source.h"

namespace dx {

// The code object of the source file at `path`, with `filename` as its co_filename. Compiles, and stores the result unless
// bytecode is not to be written (-B) or the source gave a warning that must be shown at every run (`main_script`).
// OSError when there is no such file; SyntaxError and its kin from the compiler.
Result<Ref<Code>> code_of_file(Thread& thread, const std::string& path, Borrowed<Str> filename, const SourceOptions& options,
                               bool main_script);

// The bytes of a file; false with errno set when it cannot be read.
bool read_file(const std::string& path, std::string& text);

// This program's build, as text; empty when it was linked without one.
std::string build_id();

}  // namespace dx
