#include "cli/options.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <unistd.h>

#include "base/locale.h"
#include "jit/engine.h"
#include "runtime/paths.h"
#include "runtime/version.h"

namespace dx {

namespace {

constexpr char kUsage[] =
    "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
    "Options:\n"
    "-b     : issue warnings about converting bytes/bytearray to str and comparing\n"
    "         bytes/bytearray with str or bytes with int (-bb: issue errors)\n"
    "-B     : don't write bytecode caches\n"
    "-c cmd : program passed in as string (terminates option list)\n"
    "-E     : ignore PYTHON* environment variables (such as PYTHONPATH)\n"
    "-h     : print this help message and exit (also -? or --help)\n"
    "-i     : inspect interactively after running script\n"
    "-I     : isolate Python from the user's environment (implies -E -P and -s)\n"
    "-m mod : run library module as a script (terminates option list)\n"
    "-O     : remove assert and __debug__-dependent statements\n"
    "-OO    : do -O changes and also discard docstrings\n"
    "-P     : don't prepend a potentially unsafe path to sys.path\n"
    "-q     : don't print version and copyright messages on interactive startup\n"
    "-s     : don't add user site directory to sys.path\n"
    "-S     : don't imply 'import site' on initialization\n"
    "-u     : force the stdout and stderr streams to be unbuffered\n"
    "-v     : verbose (trace import statements)\n"
    "-V     : print the Python version number and exit (also --version)\n"
    "         when given twice, print more information about the build\n"
    "-W arg : warning control; arg is action:message:category:module:lineno\n"
    "-x     : skip first line of source\n"
    "-X opt : set implementation-specific option\n"
    "file   : program read from script file\n"
    "-      : program read from stdin (default; interactive mode if a tty)\n"
    "arg ...: arguments passed to program in sys.argv[1:]\n";

std::string real_path(const char* path) {
  char buffer[PATH_MAX];
  return realpath(path, buffer) ? buffer : "";
}

// This program's file. The kernel's answer has no links left in it: no realpath.
std::string own_path() {
  char buffer[PATH_MAX];
  ssize_t size = readlink("/proc/self/exe", buffer, sizeof buffer);
  bool whole = size > 0 && static_cast<size_t>(size) < sizeof buffer;
  return whole ? std::string(buffer, static_cast<size_t>(size)) : "";
}

std::string from_working_folder(const std::string& path) {
  char buffer[PATH_MAX];
  if (path.starts_with('/') || !getcwd(buffer, sizeof buffer)) return path;
  return std::string(buffer) + '/' + (path.starts_with("./") ? path.substr(2) : path);
}

// The path this program was called by, symbolic links kept: beside one may lie the pyvenv.cfg of a
// virtual environment. argv[0] is the caller's word; when it names something else, the program's
// own path `real` serves.
std::string path_called_by(const std::string& name, const std::string& real) {
  auto leads_here = [&](const std::string& path) {
    return path == real || real_path(path.c_str()) == real;
  };
  if (name.find('/') != std::string::npos) {
    std::string path = from_working_folder(name);
    return leads_here(path) ? path : real;
  }
  const char* folders = std::getenv("PATH");
  std::string_view rest = folders ? folders : "";
  while (!rest.empty()) {
    size_t end = std::min(rest.find(':'), rest.size());
    std::string path = from_working_folder(std::string(rest.substr(0, end)) + '/' + name);
    if (leads_here(path)) return path;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return real;
}

// The virtual environment's folder, or empty. site reads the file.
std::string find_virtual_environment(const std::string& executable) {
  for (const std::string& file : environment_files(executable)) {
    if (access(file.c_str(), R_OK) == 0) return folder_of(folder_of(executable));
  }
  return "";
}

// The folder above bin/ that holds lib/python3.14.
std::string find_prefix(const std::string& executable) {
  size_t slash = executable.rfind('/');
  std::string folder = slash == std::string::npos ? "." : executable.substr(0, slash);
  for (int up = 0; up < 4; ++up) {
    if (access((folder + "/lib/python3.14/os.py").c_str(), R_OK) == 0) return folder;
    size_t at = folder.rfind('/');
    if (at == std::string::npos || at == 0) break;
    folder.resize(at);
  }
  slash = executable.rfind('/');
  folder = slash == std::string::npos ? "." : executable.substr(0, slash);
  size_t at = folder.rfind('/');
  return at == std::string::npos ? "." : folder.substr(0, at);
}

}  // namespace

namespace {

// A variable that is set, or null.
const char* variable(const char* name) {
  const char* text = std::getenv(name);
  return text && *text ? text : nullptr;
}
// Variables that count like repeated options: any text is 1.
void raise_to_variable(int& level, const char* name) {
  const char* text = variable(name);
  if (!text) return;
  char* end;
  long number = std::strtol(text, &end, 10);
  if (*end || number < 0 || number > INT_MAX) number = 1;
  if (number > level) level = static_cast<int>(number);
}
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0;;) {
    size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end == std::string::npos ? end : end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}
bool digits_limit(const std::string& text, int& limit) {
  char* end;
  long number = std::strtol(text.c_str(), &end, 10);
  if (text.empty() || *end || number < 0 || number > INT_MAX || (number != 0 && number < 640))
    return false;
  limit = static_cast<int>(number);
  return true;
}

}  // namespace

bool parse_command_line(int argc, char** argv, StartOptions& options, MainJob& job, int& status) {
  for (int i = 0; i < argc; ++i) options.original.push_back(argv[i]);
  std::string real = own_path();
  options.executable = path_called_by(argv[0], real);
  options.prefix = find_prefix(real);
  options.environment_prefix = find_virtual_environment(options.executable);
  options.base_executable = options.environment_prefix.empty() ? options.executable : real;
  int version_asked = 0;
  int at = 1;
  bool done = false;
  auto fail = [&](const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::fprintf(stderr,
                 "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' "
                 "for more information.\n",
                 argv[0]);
    status = 2;
    return false;
  };
  while (at < argc && !done) {
    const char* word = argv[at];
    if (word[0] != '-' || word[1] == 0) break;
    if (std::strcmp(word, "--help") == 0 || std::strcmp(word, "--help-all") == 0) {
      std::printf(kUsage, argv[0]);
      return false;
    }
    if (std::strcmp(word, "--version") == 0) {
      ++version_asked;
      ++at;
      continue;
    }
    if (std::strcmp(word, "--") == 0) {
      ++at;
      break;
    }
    if (word[1] == '-') return fail("unknown option " + std::string(word));
    ++at;
    for (const char* letter = word + 1; *letter && !done; ++letter) {
      auto argument = [&](std::string& out) {
        if (letter[1]) {
          out = letter + 1;
        } else if (at < argc) {
          out = argv[at++];
        } else {
          return false;
        }
        return true;
      };
      std::string value;
      bool consumed = false;
      switch (*letter) {
        case 'b': ++options.bytes_warning; break;
        case 'B': options.dont_write_bytecode = true; break;
        case 'c':
          if (!argument(job.command)) return fail("Argument expected for the -c option");
          job.kind = MainJob::Kind::command;
          job.command += "\n";
          options.arguments.push_back("-c");
          done = consumed = true;
          break;
        case 'd': ++options.debug; break;
        case 'E': options.ignore_environment = true; break;
        case 'h':
        case '?': std::printf(kUsage, argv[0]); return false;
        case 'i': options.inspect = options.interactive = true; break;
        case 'I':
          options.isolated = options.ignore_environment = options.no_user_site = options.safe_path =
              true;
          break;
        case 'm':
          if (!argument(job.module)) return fail("Argument expected for the -m option");
          job.kind = MainJob::Kind::module;
          options.arguments.push_back("-m");
          done = consumed = true;
          break;
        case 'O': ++options.optimize; break;
        case 'P': options.safe_path = true; break;
        case 'q': options.quiet = true; break;
        case 'R': break;  // hashes are random unless PYTHONHASHSEED says otherwise
        case 's': options.no_user_site = true; break;
        case 'S': options.no_site = true; break;
        case 'u': options.unbuffered = true; break;
        case 'v': ++options.verbose; break;
        case 'V': ++version_asked; break;
        case 'W':
          if (!argument(value)) return fail("Argument expected for the -W option");
          options.warn_options.push_back(value);
          consumed = true;
          break;
        case 'x': job.skip_first_line = true; break;
        case 'X':
          if (!argument(value)) return fail("Argument expected for the -X option");
          if (value.rfind("jit=", 0) == 0 && value != "jit=off" && value != "jit=0") {
            std::string error;
            const char* why = jit::Engine::create({}, error)
                                  ? "the compiling tiers are not connected to the interpreter yet"
                                  : error.c_str();
            std::fprintf(stderr, "dx-py: -X %s: %s\n", value.c_str(), why);
            status = 2;
            return false;
          }
          options.x_options.push_back(value);
          consumed = true;
          break;
        default: return fail(std::string("Unknown option: -") + *letter);
      }
      if (consumed) break;
    }
  }
  if (version_asked) {
    if (version_asked > 1)
      std::printf("Python %s\nmachine code: %s\n", kVersionText, jit::engine_description());
    else
      std::printf("Python %d.%d.%d\n", kVersionMajor, kVersionMinor, kVersionMicro);
    return false;
  }
  if (options.optimize > 2) options.optimize = 2;
  if (!done && at < argc) {
    if (std::strcmp(argv[at], "-") == 0) {
      job.kind = MainJob::Kind::stdin_;
    } else {
      job.kind = MainJob::Kind::file;
      job.file = argv[at];
    }
    options.arguments.push_back(argv[at++]);
  } else if (!done) {
    job.kind = MainJob::Kind::stdin_;
    options.arguments.push_back("");
  }
  for (; at < argc; ++at) options.arguments.push_back(argv[at]);
  // Without a locale to speak of, text is UTF-8 (PEP 540).
  std::string_view locale = locale_name();
  options.utf8_mode = locale == "C" || locale == "POSIX";
  auto fail_utf8 = [&](const char* what) {
    std::fprintf(stderr, "Fatal Python error: preconfig_init_utf8_mode: invalid %s value\n", what);
    status = 1;
    return false;
  };
  if (!options.ignore_environment) {
    if (std::getenv("PYTHONDONTWRITEBYTECODE") && *std::getenv("PYTHONDONTWRITEBYTECODE"))
      options.dont_write_bytecode = true;
    if (std::getenv("PYTHONUNBUFFERED") && *std::getenv("PYTHONUNBUFFERED"))
      options.unbuffered = true;
    if (std::getenv("PYTHONSAFEPATH") && *std::getenv("PYTHONSAFEPATH")) options.safe_path = true;
    raise_to_variable(options.optimize, "PYTHONOPTIMIZE");
    if (options.optimize > 2) options.optimize = 2;
    raise_to_variable(options.verbose, "PYTHONVERBOSE");
    raise_to_variable(options.debug, "PYTHONDEBUG");
    if (variable("PYTHONINSPECT")) options.inspect = true;
    if (variable("PYTHONNOUSERSITE")) options.no_user_site = true;
    if (variable("PYTHONDEVMODE")) options.dev_mode = true;
    if (const char* seed = variable("PYTHONHASHSEED"))
      options.random_hashes = std::strcmp(seed, "0") != 0;
    if (const char* prefix = variable("PYTHONPYCACHEPREFIX")) options.pycache_prefix = prefix;
    if (const char* limit = variable("PYTHONINTMAXSTRDIGITS");
        limit && !digits_limit(limit, options.max_str_digits)) {
      std::fprintf(stderr,
                   "Fatal Python error: config_init_int_max_str_digits: PYTHONINTMAXSTRDIGITS: "
                   "invalid limit; must be >= 640 or 0 for unlimited.\n");
      status = 1;
      return false;
    }
    if (const char* filters = variable("PYTHONWARNINGS")) {
      std::vector<std::string> given = split(filters, ',');
      options.warn_options.insert(options.warn_options.begin(), given.begin(), given.end());
    }
    if (const char* utf8 = std::getenv("PYTHONUTF8"); utf8 && *utf8) {
      if (std::strcmp(utf8, "0") && std::strcmp(utf8, "1"))
        return fail_utf8("PYTHONUTF8 environment variable");
      options.utf8_mode = utf8[0] == '1';
    }
    if (const char* path = std::getenv("PYTHONPATH"); path && *path) {
      std::string all = path;
      for (size_t start = 0;;) {
        size_t colon = all.find(':', start);
        job.extra_path.push_back(
            all.substr(start, colon == std::string::npos ? colon : colon - start));
        if (colon == std::string::npos) break;
        start = colon + 1;
      }
    }
  }
  for (const std::string& option : options.x_options) {
    if (option == "utf8" || option == "utf8=1")
      options.utf8_mode = true;
    else if (option == "utf8=0")
      options.utf8_mode = false;
    else if (option.rfind("utf8=", 0) == 0)
      return fail_utf8("-X utf8 option");
    else if (option == "dev")
      options.dev_mode = true;
    else if (option.rfind("pycache_prefix=", 0) == 0)
      options.pycache_prefix = option.substr(15);
    else if (option == "pycache_prefix")
      options.pycache_prefix.clear();
    else if (option.rfind("int_max_str_digits", 0) == 0 &&
             !digits_limit(option.substr(std::min<size_t>(option.size(), 19)),
                           options.max_str_digits)) {
      std::fprintf(stderr,
                   "Fatal Python error: config_init_int_max_str_digits: -X int_max_str_digits: "
                   "invalid limit; must be >= 640 or 0 for unlimited.\n");
      status = 1;
      return false;
    }
  }
  // What is said later counts more: developer mode, the environment, -W, -b.
  if (options.dev_mode) options.warn_options.insert(options.warn_options.begin(), "default");
  if (options.bytes_warning)
    options.warn_options.push_back(options.bytes_warning > 1 ? "error::BytesWarning"
                                                             : "default::BytesWarning");
  return true;
}

}  // namespace dx
