// posix: the environment, configuration values, randomness, the machine, and texts of paths.

#include <cstdlib>
#include <cstring>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

#include "modules/posix/posix.h"
#include "objects/float.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"

extern char** environ;

namespace dx {

char** environ_of_process() { return environ; }

AnyResult posix_fspath(Thread& thread, Any path) {
  if (is_str(path) || is_bytes(path)) return share(thread, path);
  AnyLookup method = lookup_special(thread, path, NAME("__fspath__"));
  if (method.raised()) return Raised{};
  if (method.is_absent() || method.value().is_none())
    return raise<TypeError>(thread, "expected str, bytes or os.PathLike object, not {}",
                            type_name_in(path));
  AnyRef result = TRY(call(thread, method.borrow(), {}));
  if (is_str(result.value()) || is_bytes(result.value())) return result;
  return raise<TypeError>(thread, "expected {}.__fspath__() to return str or bytes, not {}",
                          type_name_in(path), type_name_in(result.borrow()));
}

namespace {

// ---- the environment ----------------------------------------------------------------------------
AnyResult posix_create_environ(Thread& thread) {
  Ref<Dict> environment = TRY(dict_create(thread));
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    Ref<Bytes> key = TRY(bytes_from(thread, text.substr(0, equals))),
               value = TRY(bytes_from(thread, text.substr(equals + 1)));
    if (!TRY(dict_contains(thread, environment, key.borrow())))
      TRY(dict_set(thread, environment, key.borrow(), value.borrow()));
  }
  return environment;
}
Result<Ref<Bytes>> system_text(Thread& thread, Any value) {
  AnyRef path = TRY(posix_fspath(thread, value));
  Result<Ref<Bytes>> bytes = bytes_from_path(thread, path);
  if (!bytes.raised() || !pending_is<ValueError>(thread) || pending_is<UnicodeError>(thread))
    return bytes;
  clear_exception(thread);
  return raise<ValueError>(thread, "embedded null byte");
}
Result<void> posix_putenv(Thread& thread, Any name, Any value) {
  Ref<Bytes> key = TRY(system_text(thread, name)), text = TRY(system_text(thread, value));
  if (key->view().find('=') != std::string_view::npos)
    return raise<ValueError>(thread, "illegal environment variable name");
  TRY(audit(thread, "os.putenv", {key.value(), text.value()}));
  if (setenv(key->data(), text->data(), 1) < 0) return raise_os_error(thread, errno);
  return {};
}
Result<void> posix_unsetenv(Thread& thread, Any name) {
  Ref<Bytes> key = TRY(system_text(thread, name));
  TRY(audit(thread, "os.unsetenv", {key.value()}));
  if (unsetenv(key->data()) < 0) return raise_os_error(thread, errno);
  return {};
}

// ---- the machine --------------------------------------------------------------------------------
AnyResult posix_strerror(Thread& thread, int code) {
  return str_from_filesystem(thread, strerror(code));
}
Result<Ref<Bytes>> random_bytes(Thread& thread, Word size, unsigned flags) {
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(size)));
  for (Word done = 0; done < size;) {
    long got = TRY(system_call(thread, [&] {
      return getrandom(bytes->data() + done, static_cast<size_t>(size - done), flags);
    }));
    done += got;
  }
  return bytes;
}
AnyResult posix_urandom(Thread& thread, Word size) {
  if (size < 0) return raise<ValueError>(thread, "negative argument not allowed");
  return random_bytes(thread, size, 0);
}
AnyResult posix_getrandom(Thread& thread, Word size, int flags) {
  if (size < 0) return raise_os_error(thread, EINVAL);
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(size)));
  long got = TRY(system_call(thread, [&] {
    return getrandom(bytes->data(), static_cast<size_t>(size), static_cast<unsigned>(flags));
  }));
  return bytes_resize(thread, std::move(bytes), static_cast<size_t>(got));
}
AnyResult posix_cpu_count(Thread&) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return AnyRef::adopt(count < 1 ? kNone : small_int(count));
}
AnyResult posix_getloadavg(Thread& thread) {
  double load[3];
  if (getloadavg(load, 3) != 3) return raise<OSError>(thread, "Load averages are unobtainable");
  Value items[3];
  for (size_t i = 0; i < 3; ++i) items[i] = double_to_value(thread, load[i]);
  return tuple_adopt(thread, items, 3);
}
AnyResult posix_uname(Thread& thread) {
  struct utsname name;
  if (uname(&name) < 0) return raise_os_error(thread, errno);
  Value fields[5];
  const char* texts[] = {name.sysname, name.nodename, name.release, name.version, name.machine};
  for (size_t i = 0; i < 5; ++i) {
    Result<Ref<Str>> text = str_from_filesystem(thread, texts[i]);
    if (text.raised()) {
      while (i > 0) decref(thread, fields[--i]);
      return Raised{};
    }
    fields[i] = text.release();
  }
  return structseq_create(thread, uname_result, fields);
}
AnyResult posix_sysconf(Thread& thread, Any name) {
  int what = TRY(name_value(thread, name, sysconf_names));
  errno = 0;
  long value = sysconf(what);
  if (value == -1 && errno) return raise_os_error(thread, errno);
  return int_from_word(thread, value);
}
AnyResult posix_confstr(Thread& thread, Any name) {
  int what = TRY(name_value(thread, name, confstr_names));
  errno = 0;
  size_t size = confstr(what, nullptr, 0);
  if (size == 0) {
    if (errno) return raise_os_error(thread, errno);
    return AnyRef::adopt(kNone);
  }
  std::string room(size, '\0');
  confstr(what, room.data(), size);
  return str_from_filesystem(thread, room.c_str());
}

// ---- texts of paths -----------------------------------------------------------------------------
// (drive, root, rest) of a path: on POSIX there are no drives, and two leading slashes are a root
// of their own.
AnyResult posix_path_splitroot_ex(Thread& thread, Any path) {
  AnyRef text = TRY(posix_fspath(thread, path));
  bool is_text = is_str(text.value());
  auto at = [&](Word i) -> int {
    if (is_text) {
      StrView view = str_view(Borrowed<Str>(text.value()));
      return i < view.length ? static_cast<int>(view[i]) : -1;
    }
    std::string_view view = Borrowed<Bytes>(text.value())->view();
    return i < static_cast<Word>(view.size()) ? view[static_cast<size_t>(i)] : -1;
  };
  Word root = at(0) != '/' ? 0 : at(1) == '/' && at(2) != '/' ? 2 : 1;
  if (is_text) {
    Borrowed<Str> str(text.value());
    Ref<Str> head = TRY(str_substring(thread, str, 0, root)),
             rest = TRY(str_substring(thread, str, root, str->length()));
    return tuple_of(thread, {Value(str_empty()), head.value(), rest.value()});
  }
  std::string_view view = Borrowed<Bytes>(text.value())->view();
  Ref<Bytes> drive = TRY(bytes_from(thread, "")),
             head = TRY(bytes_from(thread, view.substr(0, static_cast<size_t>(root)))),
             rest = TRY(bytes_from(thread, view.substr(static_cast<size_t>(root))));
  return tuple_of(thread, {drive.value(), head.value(), rest.value()});
}

// posixpath.normpath.
AnyResult posix_path_normpath(Thread& thread, Any path) {
  Path given;
  AnyRef text = TRY(posix_fspath(thread, path));
  given.was_bytes = is_bytes(text.value());
  std::string source;
  if (given.was_bytes) {
    source = Borrowed<Bytes>(text.value())->view();
  } else {
    Ref<Bytes> bytes = TRY(bytes_from_path(thread, text));
    source = bytes->view();
  }
  if (source.empty()) return path_text(thread, given, ".");
  size_t slashes =
      source[0] != '/'                                                                    ? 0
      : source.size() > 1 && source[1] == '/' && !(source.size() > 2 && source[2] == '/') ? 2
                                                                                          : 1;
  std::vector<std::string> parts;
  for (size_t start = 0; start <= source.size();) {
    size_t end = source.find('/', start);
    if (end == std::string::npos) end = source.size();
    std::string part = source.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != ".." || (!slashes && parts.empty()) || (!parts.empty() && parts.back() == ".."))
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string joined(slashes, '/');
  for (size_t i = 0; i < parts.size(); ++i) joined += (i ? "/" : "") + parts[i];
  return path_text(thread, given, joined.empty() ? "." : joined.c_str());
}

constexpr Method functions[] = {
    function<posix_create_environ>("_create_environ()", "Create the environment dictionary."),
    function<posix_putenv>("putenv(name, value, /)", "Change or add an environment variable."),
    function<posix_unsetenv>("unsetenv(name, /)", "Delete an environment variable."),
    function<posix_strerror>("strerror(code, /)", "Translate an error code to a message string."),
    function<posix_urandom>(
        "urandom(size, /)",
        "Return a bytes object containing random bytes suitable for cryptographic use."),
    function<posix_getrandom>("getrandom(size, flags=0)", "Obtain a series of random bytes."),
    function<posix_cpu_count>("cpu_count()", "Return the number of logical CPUs in the system."),
    function<posix_getloadavg>("getloadavg()", "Return average recent system load information."),
    function<posix_uname>("uname()", "Return an object identifying the current operating system."),
    function<posix_sysconf>("sysconf(name, /)",
                            "Return an integer-valued system configuration variable."),
    function<posix_confstr>("confstr(name, /)",
                            "Return a string-valued system configuration variable."),
    function<posix_fspath>("fspath(path)",
                           "Return the file system path representation of the object."),
    function<posix_path_splitroot_ex>("_path_splitroot_ex(path, /)",
                                      "Split a pathname into drive, root and tail."),
    function<posix_path_normpath>("_path_normpath(path, /)",
                                  "Normalize path, eliminating double slashes, etc."),
};

}  // namespace

const std::span<const Method> posix_system_functions = functions;

}  // namespace dx
