#include "runtime/run_main.h"

#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

#include "dpb/instruction_text.h"
#include "interpreter/ops.h"
#include "memory/start_memory.h"
#include "objects/audit.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "runtime/code_cache.h"
#include "runtime/paths.h"
#include "runtime/start_image.h"
#include "runtime/startup.h"

namespace dx {

namespace {

Result<Ref<Module>> main_module(Thread& thread) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "__main__"));
  Ref<Module> module = TRY(module_create(thread, name));
  TRY(module_set(thread, module, "__builtins__", Any(interpreter_of(thread).builtins_module)));
  // What __main__ has without a file: the loader of modules that need none.
  Ref<Str> importer = TRY(str_intern_ascii(thread, "BuiltinImporter"));
  AnyRef loader = TRY(get_attr(thread, Any(interpreter_of(thread).bootstrap), importer));
  TRY(module_set(thread, module, "__loader__", loader));
  TRY(dict_set(thread, Borrowed<Dict>(interpreter_of(thread).modules), name.borrow(),
               module.borrow()));
  return module;
}

Result<void> prepend_path(Thread& thread, const std::string& folder) {
  AnyLookup path = dict_get_str(thread, interpreter_sys(thread), NAME("path"));
  if (path.raised()) return Raised{};
  if (path.is_absent() || !is_list(path.value())) return {};
  return list_insert(thread, Borrowed<List>(path.value()), 0,
                     TRY(str_from_filesystem(thread, folder)));
}

std::string real_folder_of(const std::string& file) {
  char resolved[PATH_MAX];
  return folder_of(realpath(file.c_str(), resolved) ? resolved : file);
}

Result<void> run_text(Thread& thread, std::string_view source, const char* filename, bool is_str) {
  Ref<Module> module = TRY(main_module(thread));
  Ref<Str> name = TRY(str_from_filesystem(thread, filename));
  SourceOptions options;
  options.optimize = interpreter_of(thread).options.optimize;
  options.source_is_str = is_str;
  Ref<Code> code = TRY(compile_source(thread, source, name, options));
  if (Result<Ref<Str>> text = str_from_wtf8(thread, source); text.raised()) {
    clear_exception(thread);
  } else {
    interpreter_of(thread).command_source = text.take().release();
    interpreter_of(thread).command_code = Ref<Code>::share(thread, code).release();
  }
  Ref<Dict> dict = module_dict(thread, module);
  AnyRef done = TRY(run_code(thread, code, dict, dict));
  return {};
}

// The text of -c without the white space that all its lines begin with; lines of white space alone
// do not count.
std::string dedented(const std::string& text) {
  std::string_view margin;
  bool known = false;
  auto each_line = [&](auto visit) {
    for (size_t at = 0; at < text.size();) {
      size_t end = text.find('\n', at);
      end = end == std::string::npos ? text.size() : end + 1;
      std::string_view line(text.data() + at, end - at);
      size_t first = line.find_first_not_of(" \t\n");
      visit(line, first == std::string_view::npos ? std::string_view::npos : first);
      at = end;
    }
  };
  each_line([&](std::string_view line, size_t first) {
    if (first == std::string_view::npos) return;
    std::string_view indent = line.substr(0, first);
    if (!known) margin = indent;
    known = true;
    size_t same = 0;
    while (same < margin.size() && same < indent.size() && margin[same] == indent[same]) ++same;
    margin = margin.substr(0, same);
  });
  if (margin.empty()) return text;
  std::string result;
  each_line([&](std::string_view line, size_t first) {
    if (first == std::string_view::npos)
      result += line.back() == '\n' ? "\n" : "";
    else
      result += line.substr(margin.size());
  });
  return result;
}

// -x: the file without its first line, which keeps its number.
Result<Ref<Code>> code_after_first_line(Thread& thread, const std::string& path,
                                        Borrowed<Str> filename, const SourceOptions& options) {
  std::string source;
  if (!read_file(path, source)) return raise_os_error(thread, errno, MaybeAny(filename.value()));
  size_t end = source.find('\n');
  return compile_source(
      thread, end == std::string::npos ? std::string_view() : std::string_view(source).substr(end),
      filename, options);
}

// As shown in tracebacks and __file__: relative to nothing.
std::string absolute_path(const std::string& file) {
  char folder[PATH_MAX];
  if (file.empty() || file[0] == '/' || !getcwd(folder, sizeof folder)) return file;
  return std::string(folder) + '/' + file;
}

// A folder, or a file that ends as zip files without a comment do.
bool holds_a_package(const std::string& file) {
  struct stat info;
  if (stat(file.c_str(), &info) != 0) return false;
  if (S_ISDIR(info.st_mode)) return true;
  if (!S_ISREG(info.st_mode) || info.st_size < 22) return false;
  int opened = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  char end[4] = {};
  bool zip =
      pread(opened, end, sizeof end, info.st_size - 22) == 4 && std::memcmp(end, "PK\5\6", 4) == 0;
  close(opened);
  return zip;
}

Result<void> run_as_main(Thread& thread, const std::string& module_name, bool alter_arguments) {
  (void)TRY(main_module(thread));
  Ref<Str> runpy = TRY(str_intern_ascii(thread, "runpy"));
  AnyRef module = TRY(import_module(thread, runpy));
  Ref<Str> name = TRY(str_from_filesystem(thread, module_name));
  AnyRef done = TRY(call_method(thread, module, NAME("_run_module_as_main"),
                                {name.value(), bool_value(alter_arguments)}));
  return {};
}

// The code of a script: source, or what compiling it left (.pyc).
AnyResult code_of_script(Thread& thread, const MainJob& job, const std::string& path,
                         Borrowed<Str> name, Any loader) {
  SourceOptions options;
  options.optimize = interpreter_of(thread).options.optimize;
  if (path.ends_with(".pyc")) {
    Ref<Str> main_name = TRY(str_intern_ascii(thread, "__main__"));
    return call_method(thread, loader, NAME("get_code"), {main_name.value()});
  }
  return job.skip_first_line ? code_after_first_line(thread, path, name, options)
                             : code_of_file(thread, path, name, options, true);
}

Result<void> run_file(Thread& thread, const MainJob& job) {
  std::string path = absolute_path(job.file);
  if (holds_a_package(path)) {
    TRY(prepend_path(thread, job.file));
    return run_as_main(thread, "__main__", false);
  }
  if (access(path.c_str(), R_OK) != 0) {
    std::fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n",
                 interpreter_of(thread).options.original[0].c_str(), path.c_str(), errno,
                 std::strerror(errno));
    return raise_value(thread, EXCEPTION(SystemExit), Any(small_int(2)));
  }
  if (!interpreter_of(thread).options.safe_path) TRY(prepend_path(thread, real_folder_of(path)));
  Ref<Module> module = TRY(main_module(thread));
  Ref<Str> name = TRY(str_from_filesystem(thread, path));
  TRY(module_set(thread, module, "__file__", name));
  TRY(module_set(thread, module, "__cached__", kNone));
  Ref<Str> loader_name = TRY(str_intern_ascii(
      thread, path.ends_with(".pyc") ? "SourcelessFileLoader" : "SourceFileLoader"));
  AnyRef loader_type =
      TRY(get_attr(thread, Any(interpreter_of(thread).bootstrap_external), loader_name));
  Ref<Str> main_name = TRY(str_intern_ascii(thread, "__main__"));
  AnyRef loader = TRY(call(thread, loader_type, {main_name.value(), name.value()}));
  TRY(module_set(thread, module, "__loader__", loader));
  AnyRef code = TRY(code_of_script(thread, job, path, name, loader));
  if (!TypeCheck<Code>::check(code.value()))
    return raise<TypeError>(thread, "{} holds no code object", name.borrow());
  Ref<Dict> dict = module_dict(thread, module);
  AnyRef done = TRY(run_code(thread, Borrowed<Code>(code.value()), dict, dict));
  return {};
}

bool stdin_is_interactive(Thread& thread) {
  return isatty(0) || interpreter_of(thread).options.interactive;
}

// The prompt (lib/dx/repl.py). From here on SystemExit ends the process again.
Result<void> interact(Thread& thread, bool startup) {
  interpreter_of(thread).options.inspect = false;
  if (startup) (void)TRY(main_module(thread));  // else the program's, as it left it
  Ref<Str> name = TRY(str_intern_ascii(thread, "dx.repl"));
  AnyRef module = TRY(import_module(thread, name));
  Ref<Str> begin = TRY(str_intern_ascii(thread, "begin"));
  AnyRef done = TRY(call_method(thread, module, begin.get(), {bool_value(startup)}));
  return {};
}

// -i, or PYTHONINSPECT, which the program may have set: the prompt comes after it.
bool wants_prompt(Thread& thread, const MainJob& job) {
  const StartOptions& options = interpreter_of(thread).options;
  if (job.kind == MainJob::Kind::stdin_) return false;
  const char* variable = options.ignore_environment ? nullptr : std::getenv("PYTHONINSPECT");
  return (options.inspect || (variable && *variable)) && stdin_is_interactive(thread);
}

Result<void> run_job(Thread& thread, const MainJob& job) {
  bool safe = interpreter_of(thread).options.safe_path;
  switch (job.kind) {
    case MainJob::Kind::file: return run_file(thread, job);
    case MainJob::Kind::command:
      if (!dpb::valid_text(job.command)) {
        std::fputs("Unable to decode the command from the command line:\n", stderr);
        Ref<Str> text = TRY(str_from_filesystem(thread, job.command));
        (void)TRY(str_utf8(thread, text));  // UnicodeEncodeError
      }
      if (!safe) TRY(prepend_path(thread, ""));
      if (auditing()) {
        Ref<Str> text = TRY(str_from_wtf8(thread, job.command));
        TRY(audit(thread, "cpython.run_command", {text.value()}));
      }
      return run_text(thread, dedented(job.command), "<string>", true);
    case MainJob::Kind::module: {
      char folder[PATH_MAX];
      if (!safe && getcwd(folder, sizeof folder)) TRY(prepend_path(thread, folder));
      return run_as_main(thread, job.module, true);
    }
    case MainJob::Kind::stdin_: {
      if (!safe) TRY(prepend_path(thread, ""));
      if (stdin_is_interactive(thread)) return interact(thread, true);
      std::string source;
      char buffer[65536];
      for (ssize_t got; (got = ::read(0, buffer, sizeof buffer)) > 0;)
        source.append(buffer, static_cast<size_t>(got));
      return run_text(thread, source, "<stdin>", false);
    }
  }
  return {};
}

// The program and the end. A status other than 0: start-up failed.
int finish_job(Thread& thread, const MainJob& job, int status) {
  if (status == 0 && run_job(thread, job).raised()) status = handle_top_level_exception(thread);
  if (wants_prompt(thread, job)) {
    status = interact(thread, false).raised() ? handle_top_level_exception(thread) : 0;
  }
  status = runtime_finish(thread, status);
  if (status == 130) {
    // A program ended by Ctrl-C ends by the signal, so that a shell stops its loop.
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
  return status;
}

}  // namespace

int run_main(const StartOptions& options, const MainJob& job) {
  static Thread main_thread;
  static Interpreter interpreter;
  Thread& thread = main_thread;
  int status = 0;
  StartImage image(options, job.extra_path.empty());
  if (image.map(thread, interpreter)) {
    new (&interpreter.options) StartOptions(options);
    if (adopt_process(thread, interpreter, true).raised())
      status = handle_top_level_exception(thread);
    return finish_job(thread, job, status);
  }
  interpreter.options = options;
  image.begin();
  if (!runtime_start(main_thread, interpreter)) return 1;
  auto site = [&]() -> Result<void> {
    for (auto folder = job.extra_path.rbegin(); folder != job.extra_path.rend(); ++folder)
      TRY(prepend_path(thread, *folder));
    if (options.no_site) return {};
    Ref<Str> name = TRY(str_intern_ascii(thread, "site"));
    AnyRef module = TRY(import_module(thread, name));  // its body calls main()
    return {};
  };
  if (site().raised()) {
    start_arena_close();
    status = handle_top_level_exception(thread);
    return runtime_finish(thread, status);
  }
  runtime_started(thread);
  if (image.store(thread, interpreter) && adopt_process(thread, interpreter, false).raised())
    status = handle_top_level_exception(thread);
  return finish_job(thread, job, status);
}

}  // namespace dx
