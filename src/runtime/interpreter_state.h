#pragma once
// Interpreter: what belongs to one interpreter rather than to the process: sys, builtins, modules,
// import machinery, hooks. Thread::interpreter points at it. Everything is created by runtime_start
// on the main thread; the dicts inside are shared by threads as any dict is.

#include <atomic>
#include <string>
#include <vector>

#include "objects/dict.h"
#include "objects/module.h"

namespace dx {

struct StartOptions {
  std::string executable;  // the absolute path it was called by, symbolic links kept
  std::string
      base_executable;  // the same outside of a virtual environment, the program itself inside
  std::string prefix;   // folder that holds lib/python3.14
  std::string environment_prefix;         // the virtual environment's folder, or empty
  std::vector<std::string> arguments;     // sys.argv
  std::vector<std::string> original;      // sys.orig_argv
  std::vector<std::string> warn_options;  // -W
  std::vector<std::string> x_options;     // -X, "name" or "name=value"
  bool isolated = false, ignore_environment = false, no_user_site = false, no_site = false,
       safe_path = false;
  bool inspect = false, interactive = false, quiet = false, unbuffered = false,
       dont_write_bytecode = false;
  bool dev_mode = false;       // -X dev, PYTHONDEVMODE
  bool random_hashes = true;   // PYTHONHASHSEED is not 0
  int max_str_digits = -1;     // -X int_max_str_digits, PYTHONINTMAXSTRDIGITS; -1: neither
  std::string pycache_prefix;  // -X pycache_prefix, PYTHONPYCACHEPREFIX
  bool utf8_mode = false;      // text files are UTF-8 whatever the locale says
  int optimize = 0, verbose = 0, bytes_warning = 0, debug = 0;
};

struct Interpreter {
  StartOptions options;
  Value sys_module, sys_dict, builtins_module, builtins_dict, modules;  // owned
  Value import_function;  // importlib._bootstrap.__import__ (owned), or empty before it is loaded
  Value bootstrap, bootstrap_external;  // the two importlib modules (owned)
  Value command_code, command_source;   // of -c, for the lines of tracebacks (owned), or empty
  std::vector<Value> start_modules;     // modules there before the program began: not torn down
                                        // (borrowed, immortal by use)
  size_t start_sys_entries = 0,
         start_builtins_entries = 0;    // what a program adds to them comes after these
  std::atomic<int> dlopen_flags{2};     // RTLD_NOW
  std::atomic<bool> finalizing{false};  // other threads look at it too
  int exit_code = 0;
};

Interpreter& interpreter_of(Thread& thread);
Borrowed<Dict> interpreter_sys(Thread& thread);

// Everything up to where a program can run; false: an exception is pending and printable, or a
// message was printed.
bool runtime_start(Thread& thread, Interpreter& interpreter);
// Start-up is over, the program begins: automatic collections are switched on, and what exists is
// remembered as not the program's.
void runtime_started(Thread& thread);
// Joins threads, runs atexit, tears modules down, flushes. The exit code: 120 when flushing failed.
int runtime_finish(Thread& thread, int exit_code);

// Prints the pending exception as the interpreter does at top level (sys.excepthook) and clears it;
// SystemExit gives its code.
int handle_top_level_exception(Thread& thread);

// The native module table.
const ModuleSpec* find_native_module(std::string_view name);
std::vector<std::string_view> native_module_names();

}  // namespace dx
