// sys: what the interpreter tells about itself. The streams and most path attributes are filled in
// by start-up.

#include "runtime/interpreter_state.h"

#include <cstdlib>
#include <cfloat>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "interpreter/observe.h"
#include "interpreter/ops.h"
#include "objects/audit.h"
#include "objects/exception.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "memory/heap.h"
#include "objects/type_internal.h"
#include "objects/list.h"
#include "objects/namespace.h"
#include "objects/set.h"
#include "objects/structseq.h"
#include "runtime/version.h"

namespace dx {

void print_exception(Thread& thread, Any exception);  // top_level.cpp
void print_exception_plainly(Thread& thread, Any exception);
AnyResult monitoring_module_create(Thread& thread);  // monitoring.cpp
AnyResult sys_current_frames(Thread& thread);        // sys_threads.cpp
AnyResult sys_current_exceptions(Thread& thread);

namespace {

const char* const library_names[] = {
#define DX_NAME(name) name,
#include "modules/stdlib_module_names.def"
#undef DX_NAME
};

AnyResult sys_exit(Thread& thread, Any status) {
  if (!is_tuple(status)) return raise_value(thread, EXCEPTION(SystemExit), status);
  // A tuple gives the exception's arguments, as in CPython.
  AnyRef exception = TRY(call_with(thread, Any(Value(EXCEPTION(SystemExit))),
                                   Borrowed<Tuple>(status.value()), Maybe<Borrowed<Dict>>()));
  return raise_object(thread, std::move(exception));
}

AnyResult sys_exception(Thread& thread) {
  Value handled = handled_exception(thread.context);
  return handled ? share(thread, Any(handled)) : AnyRef::adopt(kNone);
}
AnyResult sys_exc_info(Thread& thread) {
  Value handled = handled_exception(thread.context);
  if (!handled) return tuple_of(thread, {kNone, kNone, kNone});
  auto* exception = static_cast<BaseException*>(handled.object());
  Value traceback = slot_load(thread, exception, exception->traceback);
  AnyRef shown = AnyRef::adopt(traceback ? traceback : kNone);
  return tuple_of(thread, {Value(type_of(handled)), handled, shown.value()});
}
Word sys_getrecursionlimit(Thread& thread) { return thread.context->depth_limit; }
Result<void> sys_setrecursionlimit(Thread& thread, int limit) {
  if (limit < 1)
    return raise<ValueError>(thread, "recursion limit must be greater or equal than 1");
  if (thread.context->depth >= static_cast<uint32_t>(limit)) {
    return raise<RecursionError>(
        thread,
        "cannot set the recursion limit to {} at the recursion depth {}: the limit is too low",
        limit, thread.context->depth);
  }
  thread.context->depth_limit = static_cast<uint32_t>(limit);
  return {};
}
AnyResult sys_intern(Thread& thread, Any string) {
  if (!is_exact(string, SHAPE(str))) {
    if (is_str(string)) return raise<TypeError>(thread, "can't intern {}", type_name_in(string));
    return raise<TypeError>(thread, "intern() argument must be str, not {}", type_name_in(string));
  }
  return str_intern(thread, Ref<Str>::share(thread, Borrowed<Str>(string.value())));
}
bool sys_is_interned(Thread&, Any string) {
  return is_exact(string, SHAPE(str)) && Borrowed<Str>(string.value())->interned();
}
Word sys_getrefcount(Thread&, Any object) {
  if (!object.value().is_object() || is_immortal(object.object())) return Word{0xC0000000};
  return strong_count(object.object());
}
AnyResult sys_getframe(Thread& thread, int depth) {
  Value* base = thread.context->frame;
  while (base && depth-- > 0) base = frame_caller(base);
  if (!base) return raise<ValueError>(thread, "call stack is not deep enough");
  Ref<FrameObject> frame = TRY(frame_object(thread, base));
  TRY(audit(thread, "sys._getframe", {frame.value()}));
  return frame;
}
AnyResult sys_getframemodulename(Thread& thread, int depth) {
  TRY(audit(thread, "sys._getframemodulename", {small_int(depth)}));
  Value* base = thread.context->frame;
  while (base && depth-- > 0) base = frame_caller(base);
  if (!base) return AnyRef::adopt(kNone);
  Value module = frame_function(base)->module.raw();
  return module ? share(thread, Any(module)) : AnyRef::adopt(kNone);
}
AnyResult sys_getsizeof(Thread& thread, Any object, MaybeAny fallback) {
  AnyLookup method = lookup_special(thread, object, NAME("__sizeof__"));
  if (method.raised()) return Raised{};
  if (method.is_absent()) {
    if (fallback) return share(thread, *fallback);
    return raise<TypeError>(thread, "Type {} doesn't define __sizeof__", type_name_in(object));
  }
  AnyResult size = call(thread, method.borrow(), {});
  if (!size.raised()) return size;
  if (!fallback || !pending_is<TypeError>(thread)) return Raised{};
  clear_exception(thread);
  return share(thread, *fallback);
}
AnyResult sys_getdefaultencoding(Thread& thread) { return str_intern_ascii(thread, "utf-8"); }
AnyResult sys_getfilesystemencoding(Thread& thread) { return str_intern_ascii(thread, "utf-8"); }
AnyResult sys_getfilesystemencodeerrors(Thread& thread) {
  return str_intern_ascii(thread, "surrogateescape");
}
bool sys_is_gil_enabled(Thread&) { return false; }
bool sys_is_finalizing(Thread& thread) { return interpreter_of(thread).finalizing; }
bool sys_is_stack_trampoline_active(Thread&) { return false; }
bool sys_is_remote_debug_enabled(Thread&) { return false; }

AnyResult sys_displayhook(Thread& thread, Any value) {
  if (value.is_none()) return AnyRef::adopt(kNone);
  Borrowed<Dict> builtins(interpreter_of(thread).builtins_dict);
  TRY(dict_set_str(thread, builtins, NAME("_"), kNone));
  AnyLookup out = dict_get_str(thread, interpreter_sys(thread), NAME("stdout"));
  if (out.raised()) return Raised{};
  if (out.is_absent() || out.value().is_none())
    return raise<RuntimeError>(thread, "lost sys.stdout");
  Ref<Str> text = TRY(repr(thread, value));
  AnyResult written = call_method(thread, out.borrow(), NAME("write"), {text.value()});
  if (written.raised()) {
    if (!pending_is<UnicodeEncodeError>(thread)) return Raised{};
    clear_exception(thread);
    Ref<Str> plain = TRY(ascii(thread, value));
    AnyRef again = TRY(call_method(thread, out.borrow(), NAME("write"), {plain.value()}));
  }
  Ref<Str> newline = TRY(str_from_ascii(thread, "\n"));
  AnyRef done = TRY(call_method(thread, out.borrow(), NAME("write"), {newline.value()}));
  TRY(dict_set_str(thread, builtins, NAME("_"), value));
  return AnyRef::adopt(kNone);
}

// Through the traceback module, which knows source lines, carets, colours and hints.
AnyResult sys_excepthook(Thread& thread, Any, Any value, Any) {
  if (is_exception(value)) print_exception(thread, value);
  return AnyRef::adopt(kNone);
}

AnyResult sys_unraisablehook(Thread& thread, Any unraisable) {
  AnyRef exception = TRY(get_attr(thread, unraisable, NAME("exc_value")));
  AnyRef message = TRY(get_attr(thread, unraisable, NAME("err_msg")));
  AnyRef object = TRY(get_attr(thread, unraisable, NAME("object")));
  AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), NAME("stderr"));
  if (stream.raised()) return Raised{};
  if (stream.is_absent() || stream.value().is_none()) return AnyRef::adopt(kNone);
  StrBuilder text(thread);
  if (is_str(message.value()))
    TRY(text.append(Borrowed<Str>(message.value())));
  else
    TRY(text.append("Exception ignored in"));
  if (!object.value().is_none()) {
    TRY(text.append(is_str(message.value()) ? " " : ": "));
    Result<Ref<Str>> shown = repr(thread, object);
    if (shown.raised()) {
      clear_exception(thread);
      TRY(text.append("<object repr() failed>"));
    } else {
      TRY(text.append(shown.take().borrow()));
    }
  }
  TRY(text.append(is_str(message.value()) ? ":\n" : "\n"));
  Ref<Str> intro = TRY(text.finish());
  AnyRef done = TRY(call_method(thread, stream.borrow(), NAME("write"), {intro.value()}));
  if (is_exception(exception.value())) print_exception_plainly(thread, exception);
  return AnyRef::adopt(kNone);
}

Result<void> sys_set_int_max_str_digits(Thread& thread, int maxdigits) {
  if (maxdigits != 0 && maxdigits < 640)
    return raise<ValueError>(thread, "maxdigits must be 0 or larger than 640");
  int_max_str_digits = maxdigits;
  return {};
}
// -X cpu_count=n and PYTHON_CPU_COUNT: what os.cpu_count() says instead of asking the system; -1:
// nothing was said.
Word sys_get_cpu_count_config(Thread& thread) {
  const StartOptions& options = interpreter_of(thread).options;
  std::string given;
  if (const char* variable = std::getenv("PYTHON_CPU_COUNT");
      variable && !options.ignore_environment)
    given = variable;
  for (const std::string& option : options.x_options) {
    if (option.rfind("cpu_count=", 0) == 0) given = option.substr(10);
  }
  long count = std::strtol(given.c_str(), nullptr, 10);
  return count > 0 ? count : -1;
}
Word sys_get_int_max_str_digits(Thread&) { return int_max_str_digits; }

// ---- values -------------------------------------------------------------------------------------

const StructField version_info_fields[] = {{"major", nullptr},
                                           {"minor", nullptr},
                                           {"micro", nullptr},
                                           {"releaselevel", nullptr},
                                           {"serial", nullptr}};
StructSequence version_info_type{
    .name = "sys.version_info", .doc = nullptr, .fields = version_info_fields, .visible = 5};
const StructField flags_fields[] = {{"debug", nullptr},
                                    {"inspect", nullptr},
                                    {"interactive", nullptr},
                                    {"optimize", nullptr},
                                    {"dont_write_bytecode", nullptr},
                                    {"no_user_site", nullptr},
                                    {"no_site", nullptr},
                                    {"ignore_environment", nullptr},
                                    {"verbose", nullptr},
                                    {"bytes_warning", nullptr},
                                    {"quiet", nullptr},
                                    {"hash_randomization", nullptr},
                                    {"isolated", nullptr},
                                    {"dev_mode", nullptr},
                                    {"utf8_mode", nullptr},
                                    {"warn_default_encoding", nullptr},
                                    {"safe_path", nullptr},
                                    {"int_max_str_digits", nullptr},
                                    {"gil", nullptr},
                                    {"thread_inherit_context", nullptr},
                                    {"context_aware_warnings", nullptr}};
StructSequence flags_type{
    .name = "sys.flags", .doc = nullptr, .fields = flags_fields, .visible = 18};
const StructField float_info_fields[] = {
    {"max", nullptr},     {"max_exp", nullptr},    {"max_10_exp", nullptr}, {"min", nullptr},
    {"min_exp", nullptr}, {"min_10_exp", nullptr}, {"dig", nullptr},        {"mant_dig", nullptr},
    {"epsilon", nullptr}, {"radix", nullptr},      {"rounds", nullptr}};
StructSequence float_info_type{
    .name = "sys.float_info", .doc = nullptr, .fields = float_info_fields, .visible = 11};
const StructField int_info_fields[] = {{"bits_per_digit", nullptr},
                                       {"sizeof_digit", nullptr},
                                       {"default_max_str_digits", nullptr},
                                       {"str_digits_check_threshold", nullptr}};
StructSequence int_info_type{
    .name = "sys.int_info", .doc = nullptr, .fields = int_info_fields, .visible = 4};
const StructField hash_info_fields[] = {
    {"width", nullptr},     {"modulus", nullptr},   {"inf", nullptr},
    {"nan", nullptr},       {"imag", nullptr},      {"algorithm", nullptr},
    {"hash_bits", nullptr}, {"seed_bits", nullptr}, {"cutoff", nullptr}};
StructSequence hash_info_type{
    .name = "sys.hash_info", .doc = nullptr, .fields = hash_info_fields, .visible = 9};
const StructField thread_info_fields[] = {
    {"name", nullptr}, {"lock", nullptr}, {"version", nullptr}};
StructSequence thread_info_type{
    .name = "sys.thread_info", .doc = nullptr, .fields = thread_info_fields, .visible = 3};
const StructField unraisable_fields[] = {{"exc_type", nullptr},
                                         {"exc_value", nullptr},
                                         {"exc_traceback", nullptr},
                                         {"err_msg", nullptr},
                                         {"object", nullptr}};
const StructField asyncgen_hooks_fields[] = {{"firstiter", nullptr}, {"finalizer", nullptr}};
StructSequence asyncgen_hooks_type{
    .name = "asyncgen_hooks", .doc = nullptr, .fields = asyncgen_hooks_fields, .visible = 2};
StructSequence unraisable_type{
    .name = "sys.UnraisableHookArgs", .doc = nullptr, .fields = unraisable_fields, .visible = 5};

// From borrowed values, one a field.
Result<Ref<Tuple>> make_sequence(Thread& thread, StructSequence& kind,
                                 std::initializer_list<Value> values) {
  std::vector<Value> owned(values);
  for (Value value : owned) incref(thread, value);
  return structseq_create(thread, kind, owned.data());
}

AnyResult list_of_text(Thread& thread, const std::vector<std::string>& items) {
  Ref<List> list = TRY(list_create(thread));
  for (const std::string& item : items)
    TRY(list_append(thread, list, TRY(str_from_filesystem(thread, item))));
  return list;
}

// sys._jit: what CPython's own just-in-time compiler would say.
bool jit_is_available(Thread&) { return false; }
constexpr Method jit_functions[] = {
    function<jit_is_available>("is_available()",
                               "Return True if the current Python executable supports JIT "
                               "compilation, and False otherwise."),
    function<jit_is_available>("is_enabled()",
                               "Return True if JIT compilation is enabled for the current Python "
                               "process (implies sys._jit.is_available()), and False otherwise."),
    function<jit_is_available>("is_active()",
                               "Return True if the topmost Python frame is currently executing JIT "
                               "code (implies sys._jit.is_enabled()), and False otherwise."),
};
const ModuleSpec jit_module{.name = "sys._jit", .doc = "", .functions = jit_functions};

Result<void> sys_initialize(Thread& thread, Borrowed<Module> module) {
  const StartOptions& options = interpreter_of(thread).options;
  auto set = [&](const char* name, Any value) { return module_set(thread, module, name, value); };
  auto set_text = [&](const char* name, const std::string& text) -> Result<void> {
    Ref<Str> value = TRY(str_from_filesystem(thread, text));
    return set(name, value);
  };
  auto text = [&](const char* value) { return str_intern_ascii(thread, value); };
  TRY(set_text("version", kVersionText));
  TRY(set("hexversion", Any(small_int(kHexVersion))));
  TRY(set("api_version", Any(small_int(1013))));
  TRY(set_text("copyright",
               "Copyright (c) 2026 the dx-py developers.\nCopyright (c) 2001 Python Software "
               "Foundation (standard library)."));
  TRY(set_text("platform", "linux"));
  TRY(set_text("byteorder", "little"));
  TRY(set("maxsize", TRY(int_from_word(thread, INT64_MAX)).borrow()));
  TRY(set("maxunicode", Any(small_int(0x10ffff))));
  TRY(set_text("float_repr_style", "short"));
  TRY(set_text("abiflags", ""));
  TRY(set_text("_framework", ""));
  TRY(set_text("platlibdir", "lib"));
  TRY(set_text("executable", options.executable));
  TRY(set_text("_base_executable", options.base_executable));
  for (const char* name : {"base_prefix", "base_exec_prefix"}) TRY(set_text(name, options.prefix));
  const std::string& own_prefix =
      options.environment_prefix.empty() ? options.prefix : options.environment_prefix;
  for (const char* name : {"prefix", "exec_prefix"}) TRY(set_text(name, own_prefix));
  TRY(set_text("_stdlib_dir", options.prefix + "/lib/python3.14"));
  if (options.pycache_prefix.empty()) {
    TRY(set("pycache_prefix", kNone));
  } else {
    Ref<Str> prefix = TRY(str_from_filesystem(thread, options.pycache_prefix));
    TRY(set("pycache_prefix", prefix));
  }
  TRY(set("dont_write_bytecode", bool_value(options.dont_write_bytecode)));
  TRY(set("argv", TRY(list_of_text(thread, options.arguments)).borrow()));
  TRY(set("orig_argv", TRY(list_of_text(thread, options.original)).borrow()));
  TRY(set("warnoptions", TRY(list_of_text(thread, options.warn_options)).borrow()));
  TRY(set("path", TRY(list_of_text(thread, {options.prefix + "/lib/python314.zip",
                                            options.prefix + "/lib/python3.14",
                                            options.prefix + "/lib/python3.14/lib-dynload"}))
                      .borrow()));
  TRY(set("meta_path", TRY(list_create(thread)).borrow()));
  TRY(set("path_hooks", TRY(list_create(thread)).borrow()));
  TRY(set("path_importer_cache", TRY(dict_create(thread)).borrow()));
  TRY(set("_git", TRY(tuple_of(thread, {Value(TRY(text("DX-Py")).get()), Value(TRY(text("")).get()),
                                        Value(TRY(text("")).get())}))
                      .borrow()));
  Ref<Dict> x_options = TRY(dict_create(thread));
  for (const std::string& option : options.x_options) {
    size_t equals = option.find('=');
    Ref<Str> key = TRY(str_from_filesystem(thread, option.substr(0, equals)));
    if (equals == std::string::npos) {
      TRY(dict_set_str(thread, x_options, key, kTrue));
    } else {
      Ref<Str> value = TRY(str_from_filesystem(thread, option.substr(equals + 1)));
      TRY(dict_set_str(thread, x_options, key, value.borrow()));
    }
  }
  TRY(set("_xoptions", x_options));
  std::vector<Value> names;
  for (std::string_view name : native_module_names()) {
    std::string copy(name);
    names.push_back(TRY(str_intern_ascii(thread, copy)).release());
  }
  TRY(set("builtin_module_names", TRY(tuple_adopt(thread, names.data(), names.size())).borrow()));
  std::vector<Value> library;
  for (const char* name : library_names)
    library.push_back(TRY(str_from_ascii(thread, name)).release());
  Ref<Tuple> library_tuple = TRY(tuple_adopt(thread, library.data(), library.size()));
  TRY(set("stdlib_module_names", TRY(frozenset_from(thread, library_tuple)).borrow()));

  Ref<Str> jit_name = TRY(str_intern_ascii(thread, "sys._jit"));
  Ref<Module> jit = TRY(module_create(thread, jit_name, &jit_module));
  TRY(module_execute(thread, jit, jit_module));
  TRY(set("_jit", jit));
  Ref<Str> final_text = TRY(text("final"));
  TRY(structseq_ready(thread, version_info_type));
  AnyRef version = TRY(make_sequence(thread, version_info_type,
                                     {small_int(kVersionMajor), small_int(kVersionMinor),
                                      small_int(kVersionMicro), final_text.value(), small_int(0)}));
  TRY(set("version_info", version));
  if (options.max_str_digits >= 0) int_max_str_digits = options.max_str_digits;
  TRY(structseq_ready(thread, flags_type));
  auto flag = [](int number) { return small_int(number); };
  TRY(set("flags", TRY(make_sequence(thread, flags_type,
                                     {flag(options.debug),
                                      flag(options.inspect),
                                      flag(options.interactive),
                                      flag(options.optimize),
                                      flag(options.dont_write_bytecode),
                                      flag(options.no_user_site),
                                      flag(options.no_site),
                                      flag(options.ignore_environment),
                                      flag(options.verbose),
                                      flag(options.bytes_warning),
                                      flag(options.quiet),
                                      flag(options.random_hashes),
                                      flag(options.isolated),
                                      bool_value(options.dev_mode),
                                      flag(options.utf8_mode),
                                      flag(0),
                                      bool_value(options.safe_path),
                                      small_int(int_max_str_digits),
                                      flag(0),
                                      flag(1),
                                      flag(1)}))
                       .borrow()));
  TRY(structseq_ready(thread, float_info_type));
  auto real = [&](double number) { return double_to_value(thread, number); };
  AnyRef max = AnyRef::adopt(real(DBL_MAX)), min = AnyRef::adopt(real(DBL_MIN)),
         epsilon = AnyRef::adopt(real(DBL_EPSILON));
  TRY(set("float_info",
          TRY(make_sequence(thread, float_info_type,
                            {max.value(), flag(DBL_MAX_EXP), flag(DBL_MAX_10_EXP), min.value(),
                             flag(DBL_MIN_EXP), flag(DBL_MIN_10_EXP), flag(DBL_DIG),
                             flag(DBL_MANT_DIG), epsilon.value(), flag(FLT_RADIX), flag(1)}))
              .borrow()));
  TRY(structseq_ready(thread, int_info_type));
  TRY(set("int_info",
          TRY(make_sequence(thread, int_info_type, {flag(30), flag(4), flag(4300), flag(640)}))
              .borrow()));
  TRY(structseq_ready(thread, hash_info_type));
  Ref<Str> algorithm = TRY(text("siphash13"));
  TRY(set("hash_info",
          TRY(make_sequence(thread, hash_info_type,
                            {flag(64), small_int((Word{1} << 61) - 1), flag(314159), flag(0),
                             flag(1000003), algorithm.value(), flag(64), flag(128), flag(0)}))
              .borrow()));
  TRY(structseq_ready(thread, thread_info_type));
  Ref<Str> pthread = TRY(text("pthread")), lock = TRY(text("semaphore")),
           glibc = TRY(text("NPTL 2.36"));
  TRY(set("thread_info", TRY(make_sequence(thread, thread_info_type,
                                           {pthread.value(), lock.value(), glibc.value()}))
                             .borrow()));
  TRY(structseq_ready(thread, asyncgen_hooks_type));
  TRY(set("monitoring", TRY(monitoring_module_create(thread)).borrow()));
  TRY(structseq_ready(thread, unraisable_type));
  TRY(set("UnraisableHookArgs", Any(Value(unraisable_type.type.type))));

  Ref<Dict> implementation = TRY(dict_create(thread));
  auto put = [&](const char* name, Any value) -> Result<void> {
    return dict_set_str(thread, implementation, TRY(text(name)).borrow(), value);
  };
  TRY(put("name", TRY(text("dxpy")).borrow()));
  TRY(put("cache_tag", TRY(text("dxpy-314")).borrow()));
  TRY(put("version", version));
  TRY(put("hexversion", Any(small_int(kHexVersion))));
  TRY(put("_multiarch", TRY(text("x86_64-linux-gnu")).borrow()));
  TRY(put("supports_isolated_interpreters", kFalse));
  TRY(set("implementation", TRY(namespace_create(thread, implementation)).borrow()));
  for (const char* name : {"displayhook", "excepthook", "unraisablehook", "breakpointhook"}) {
    Ref<Str> key = TRY(text(name));
    AnyLookup function = dict_get_str(thread, module_dict(thread, module), key);
    if (function.raised()) return Raised{};
    if (function.found()) TRY(set((std::string("__") + name + "__").c_str(), function.borrow()));
  }
  return {};
}

// $PYTHONBREAKPOINT names what is called: "0" nothing, "module.attribute" or a builtin;
// pdb.set_trace when it says nothing.
AnyResult sys_breakpointhook(Thread& thread, Arguments arguments) {
  const char* variable =
      interpreter_of(thread).options.ignore_environment ? nullptr : std::getenv("PYTHONBREAKPOINT");
  std::string wanted = variable && *variable ? variable : "pdb.set_trace";
  if (wanted == "0") return AnyRef::adopt(kNone);
  size_t dot = wanted.rfind('.');
  Ref<Str> module_name = TRY(str_from_filesystem(
      thread, dot == std::string::npos ? std::string("builtins") : wanted.substr(0, dot)));
  Ref<Str> attribute =
      TRY(str_from_filesystem(thread, dot == std::string::npos ? wanted : wanted.substr(dot + 1)));
  AnyResult function = Raised{};
  {
    AnyResult module = module_name->length()
                           ? import_module(thread, module_name)
                           : AnyResult(raise<ImportError>(thread, "Empty module name"));
    if (!module.raised())
      function = get_attr(thread, module.take(), attribute);
    else if (!pending_is<ImportError>(thread))
      return Raised{};
  }
  if (function.raised()) {
    if (!pending_is<ImportError>(thread) && !pending_is<AttributeError>(thread)) return Raised{};
    clear_exception(thread);
    Ref<Str> shown = TRY(str_from_filesystem(thread, wanted));
    TRY(warn<RuntimeWarning>(thread, 1, "Ignoring unimportable $PYTHONBREAKPOINT: \"{}\"", shown));
    return AnyRef::adopt(kNone);
  }
  return call(thread, function.take(), arguments);
}
AnyResult sys_get_asyncgen_hooks(Thread& thread) {
  auto shown = [](Value hook) { return hook ? hook : kNone; };
  return make_sequence(thread, asyncgen_hooks_type,
                       {shown(thread.async_first_iteration), shown(thread.async_finalizer)});
}
Result<void> sys_set_asyncgen_hooks(Thread& thread, MaybeAny first, MaybeAny finalizer) {
  auto check = [&](MaybeAny hook, const char* name) -> Result<void> {
    if (!hook || hook.value().is_none() || is_callable(*hook)) return {};
    return raise<TypeError>(thread, "callable {} expected, got {}", name, type_name_in(*hook));
  };
  TRY(check(finalizer, "finalizer"));
  TRY(check(first, "firstiter"));
  if (finalizer) TRY(audit(thread, "sys.set_asyncgen_hook_finalizer"));
  if (first) TRY(audit(thread, "sys.set_asyncgen_hook_firstiter"));
  auto put = [&](Value& slot, MaybeAny hook) {
    if (!hook) return;
    Value old = slot;
    slot = hook.value().is_none() ? Value{} : share(thread, *hook).release();
    decref(thread, old);
  };
  put(thread.async_finalizer, finalizer);
  put(thread.async_first_iteration, first);
  return {};
}
Word sys_get_coroutine_origin_tracking_depth(Thread& thread) {
  return thread.coroutine_origin_depth;
}
Result<void> sys_set_coroutine_origin_tracking_depth(Thread& thread, int depth) {
  if (depth < 0) return raise<ValueError>(thread, "depth must be >= 0");
  thread.coroutine_origin_depth = static_cast<uint32_t>(depth);
  return {};
}
AnyResult sys_getswitchinterval(Thread& thread) { return float_from_double(thread, 0.005); }
Result<void> sys_setswitchinterval(Thread& thread, double interval) {
  if (!(interval > 0))
    return raise<ValueError>(thread, "switch interval must be strictly positive");
  return {};
}
AnyResult sys_getunicodeinternedsize(Thread&) { return AnyRef::adopt(small_int(0)); }

AnyResult sys_addaudithook(Thread& thread, Any hook) {
  // The hooks there are may refuse the new one by an Exception, which is not shown.
  if (audit(thread, "sys.addaudithook").raised()) {
    if (!pending_is<Exception>(thread)) return Raised{};
    clear_exception(thread);
    return AnyRef::adopt(kNone);
  }
  publish(thread, hook);
  audit_add_hook(share(thread, hook).release());
  return AnyRef::adopt(kNone);
}
AnyResult sys_audit(Thread& thread, Arguments arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "sys.audit() takes no keyword arguments");
  if (arguments.count == 0)
    return raise<TypeError>(thread, "audit expected at least 1 argument, got 0");
  if (!is_str(arguments[0]))
    return raise<TypeError>(thread, "audit() argument 1 must be str, not {}",
                            type_name_in(arguments[0]));
  if (!auditing()) return AnyRef::adopt(kNone);
  Ref<Tuple> rest = TRY(tuple_from(thread, arguments.items + 1, arguments.count - 1));
  TRY(audit_tuple(thread, arguments[0], rest));
  return AnyRef::adopt(kNone);
}

AnyResult sys_gettrace(Thread& thread) {
  return share(thread, Any(thread.trace_function ? thread.trace_function : kNone));
}
AnyResult sys_getprofile(Thread& thread) {
  return share(thread, Any(thread.profile_function ? thread.profile_function : kNone));
}
// These two return nothing at all, without an exception, to a plain loop that has to make way for
// the observed one.
bool one_argument(Thread& thread, const char* name, const Arguments& arguments) {
  if (arguments.count == 1 && !arguments.keywords()) return true;
  if (arguments.keywords())
    (void)raise<TypeError>(thread, "sys.{}() takes no keyword arguments", name);
  else
    (void)raise<TypeError>(thread, "sys.{}() takes exactly one argument ({} given)", name,
                           arguments.count);
  return false;
}
Value sys_settrace(Thread& thread, Arguments arguments) {
  if (!one_argument(thread, "settrace", arguments)) return Value{};
  if (audit(thread, "sys.settrace").raised()) return Value{};
  return set_trace_function(thread, arguments[0], arguments.items);
}
Value sys_setprofile(Thread& thread, Arguments arguments) {
  if (!one_argument(thread, "setprofile", arguments)) return Value{};
  if (audit(thread, "sys.setprofile").raised()) return Value{};
  return set_profile_function(thread, arguments[0], arguments.items);
}
Value sys_settraceallthreads(Thread& thread, Arguments arguments) {
  if (!one_argument(thread, "_settraceallthreads", arguments)) return Value{};
  if (audit(thread, "sys.settrace").raised()) return Value{};
  return set_trace_function_everywhere(thread, arguments[0], arguments.items);
}
Value sys_setprofileallthreads(Thread& thread, Arguments arguments) {
  if (!one_argument(thread, "_setprofileallthreads", arguments)) return Value{};
  if (audit(thread, "sys.setprofile").raised()) return Value{};
  return set_profile_function_everywhere(thread, arguments[0], arguments.items);
}
// For debuggers: what function does is traced although a trace function calls it.
AnyResult sys_call_tracing(Thread& thread, Any function, Any arguments) {
  if (!is_tuple(arguments))
    return raise<TypeError>(thread, "call_tracing() argument 2 must be tuple, not {}",
                            type_name_in(arguments));
  uint32_t observing = thread.observing;
  thread.observing = 0;
  AnyResult result =
      call_with(thread, function, Borrowed<Tuple>(arguments.value()), Maybe<Borrowed<Dict>>());
  thread.observing = observing;
  return result;
}

AnyResult sys_getallocatedblocks(Thread& thread) {
  return int_from_u64(thread, heap_statistics().live_blocks);
}
// dataclasses makes a class with slots anew and takes these out of the one it replaces, which would
// keep both alive.
Result<void> sys_clear_type_descriptors(Thread& thread, Any cls) {
  if (!is_type(cls.value()))
    return raise<TypeError>(thread, "_clear_type_descriptors() argument must be type, not {}",
                            type_name_in(cls));
  auto* type = static_cast<Type*>(cls.object());
  if (type->has_flag(kTypeImmutable)) return raise<TypeError>(thread, "argument is immutable");
  for (Str* name : {NAME("__dict__"), NAME("__weakref__")}) {
    AnyLookup own = dict_get_str(thread, type_dict(thread, type), Borrowed<Str>(name));
    if (own.raised()) return Raised{};
    if (own.found())
      TRY(type_set_attribute(thread, Borrowed<Type>(type), Borrowed<Str>(name), MaybeAny()));
  }
  return {};
}
bool sys_is_immortal(Thread&, Any object) {
  return !object.value().is_object() || is_immortal(object.object());
}
// The thread's cache of attributes found in classes starts over.
void sys_clear_type_cache(Thread& thread) { type_cache_clear(thread); }
Value sys_getdlopenflags(Thread& thread) {
  return small_int(interpreter_of(thread).dlopen_flags.load(std::memory_order_relaxed));
}
Result<void> sys_setdlopenflags(Thread& thread, Any flags) {
  interpreter_of(thread).dlopen_flags.store(
      static_cast<int>(TRY(int_word(thread, TRY(to_index(thread, flags)).value()))),
      std::memory_order_relaxed);
  return {};
}
AnyResult sys_baserepl(Thread& thread) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "dx.repl"));
  AnyRef module = TRY(import_module(thread, name));
  Ref<Str> interact = TRY(str_intern_ascii(thread, "interact"));
  return call_method(thread, module, interact.get(), {});
}
constexpr Method sys_functions[] = {
    function<sys_baserepl>("_baserepl()", "Private function for getting the base REPL"),
    function<sys_getallocatedblocks>("getallocatedblocks()",
                                     "Return the number of memory blocks currently allocated."),
    function<sys_clear_type_descriptors>(
        "_clear_type_descriptors(type, /)",
        "Private function for clearing certain descriptors from a type's dictionary."),
    function<sys_is_immortal>("_is_immortal(op, /)",
                              "Return True if the given object is \"immortal\" per PEP 683."),
    function<sys_clear_type_cache>("_clear_type_cache()", "Clear the internal type lookup cache."),
    function<sys_clear_type_cache>("_clear_internal_caches()",
                                   "Clear all internal performance-related caches."),
    function<sys_getdlopenflags>(
        "getdlopenflags()",
        "Return the current value of the flags that are used for dlopen calls."),
    function<sys_setdlopenflags>("setdlopenflags(flags, /)",
                                 "Set the flags used by the interpreter for dlopen calls."),
    function<sys_exit>("exit(status=None, /)",
                       "Exit the interpreter by raising SystemExit(status)."),
    function<sys_exception>("exception()", "Return the current exception."),
    function<sys_exc_info>("exc_info()",
                           "Return current exception information: (type, value, traceback)."),
    function<sys_getrecursionlimit>("getrecursionlimit()",
                                    "Return the current value of the recursion limit."),
    function<sys_setrecursionlimit>("setrecursionlimit(limit, /)",
                                    "Set the maximum depth of the Python interpreter stack to n."),
    function<sys_intern>("intern(string, /)", "``Intern'' the given string."),
    function<sys_is_interned>("_is_interned(string, /)",
                              "Return True if the given string is \"interned\"."),
    function<sys_getrefcount>("getrefcount(object, /)", "Return the reference count of object."),
    function<sys_getframe>("_getframe(depth=0, /)", "Return a frame object from the call stack."),
    function<sys_current_frames>(
        "_current_frames()",
        "Return a dict mapping each thread's thread id to its current stack frame."),
    function<sys_current_exceptions>(
        "_current_exceptions()",
        "Return a dict mapping each thread's identifier to its current raised exception."),
    function<sys_is_remote_debug_enabled>(
        "is_remote_debug_enabled()", "Return True if remote debugging is enabled. There is none."),
    function<sys_getframemodulename>("_getframemodulename(depth=0)",
                                     "Return the name of the module for a calling frame."),
    function<sys_getsizeof>("getsizeof(object, default=?)", "Return the size of object in bytes."),
    function<sys_getdefaultencoding>(
        "getdefaultencoding()",
        "Return the current default encoding used by the Unicode implementation."),
    function<sys_getfilesystemencoding>(
        "getfilesystemencoding()",
        "Return the encoding used to convert Unicode filenames to OS filenames."),
    function<sys_getfilesystemencodeerrors>(
        "getfilesystemencodeerrors()",
        "Return the error mode used for Unicode to OS filename conversion."),
    function<sys_is_gil_enabled>("_is_gil_enabled()",
                                 "Return True if the GIL is currently enabled. It never is."),
    function<sys_is_finalizing>("is_finalizing()", "Return True if Python is exiting."),
    function<sys_is_stack_trampoline_active>(
        "is_stack_trampoline_active()", "Return *True* if a stack profiler trampoline is active."),
    function<sys_displayhook>("displayhook(object, /)",
                              "Print an object to sys.stdout and also save it in builtins._"),
    function<sys_excepthook>(
        "excepthook(exctype, value, traceback, /)",
        "Handle an exception by displaying it with a traceback on sys.stderr."),
    function<sys_unraisablehook>("unraisablehook(unraisable, /)",
                                 "Handle an unraisable exception."),
    function<sys_breakpointhook>("breakpointhook(*args, **kwargs)",
                                 "This hook function is called by built-in breakpoint()."),
    function<sys_set_int_max_str_digits>(
        "set_int_max_str_digits(maxdigits)",
        "Set the maximum string digits limit for non-binary int<->str conversions."),
    function<sys_get_cpu_count_config>("_get_cpu_count_config()",
                                       "Private function for getting PyConfig.cpu_count"),
    function<sys_get_int_max_str_digits>(
        "get_int_max_str_digits()",
        "Return the maximum string digits limit for non-binary int<->str conversions."),
    function<sys_get_asyncgen_hooks>("get_asyncgen_hooks()",
                                     "Return the installed asynchronous generators hooks."),
    function<sys_set_asyncgen_hooks>("set_asyncgen_hooks(firstiter=?, finalizer=?)",
                                     "Set a finalizer for async generators objects."),
    function<sys_get_coroutine_origin_tracking_depth>(
        "get_coroutine_origin_tracking_depth()",
        "Check status of origin tracking for coroutine objects in this thread."),
    function<sys_set_coroutine_origin_tracking_depth>(
        "set_coroutine_origin_tracking_depth(depth)",
        "Enable or disable origin tracking for coroutine objects in this thread."),
    function<sys_getswitchinterval>(
        "getswitchinterval()",
        "Return the current thread switch interval; there is no GIL to switch."),
    function<sys_setswitchinterval>("setswitchinterval(interval, /)",
                                    "Accepted and without effect: threads run in parallel."),
    function<sys_getunicodeinternedsize>(
        "getunicodeinternedsize()",
        "Return the number of elements of the unicode interned dictionary"),
    function<sys_addaudithook>("addaudithook(hook)", "Adds a new audit hook callback."),
    function<sys_audit>("audit(*args)", "Passes the event to any hooks that are attached."),
    function<sys_call_tracing>("call_tracing(func, args, /)",
                               "Call func(*args), while tracing is enabled."),
    function<sys_gettrace>("gettrace()",
                           "Return the global debug tracing function set with sys.settrace."),
    function<sys_getprofile>("getprofile()",
                             "Return the profiling function set with sys.setprofile."),
    function<sys_settrace>("settrace(function, /)", "Set the global debug tracing function."),
    function<sys_setprofile>("setprofile(function, /)", "Set the profiling function."),
    function<sys_settraceallthreads>("_settraceallthreads(function, /)",
                                     "Set the global debug tracing function of all threads."),
    function<sys_setprofileallthreads>("_setprofileallthreads(function, /)",
                                       "Set the profiling function of all threads."),
};

}  // namespace

extern const ModuleSpec sys_module{
    .name = "sys",
    .doc =
        "This module provides access to some objects used or maintained by the\ninterpreter and to "
        "functions that interact strongly with the interpreter.",
    .functions = sys_functions,
    .initialize = sys_initialize};

}  // namespace dx
