// pwd: the users of the system.

#include <pwd.h>

#include "modules/account_database.h"

namespace dx {

namespace {

const StructField passwd_fields[] = {{"pw_name", "user name"},     {"pw_passwd", "password"},
                                     {"pw_uid", "user id"},        {"pw_gid", "group id"},
                                     {"pw_gecos", "real name"},    {"pw_dir", "home directory"},
                                     {"pw_shell", "shell program"}};
StructSequence struct_passwd{"pwd.struct_passwd",
                             "pwd.struct_passwd: Results from getpw*() routines.\n\n"
                             "This object may be accessed either as a tuple of\n"
                             "  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell)\n"
                             "or via the object attributes as named in the above tuple.",
                             passwd_fields, 7};
std::mutex walking;  // getpwent's position

AnyResult entry_value(Thread& thread, const passwd& entry) {
  AnyRef name = TRY(database_text(thread, entry.pw_name));
  AnyRef password = TRY(database_text(thread, entry.pw_passwd));
  AnyRef real_name = TRY(database_text(thread, entry.pw_gecos));
  AnyRef folder = TRY(database_text(thread, entry.pw_dir));
  AnyRef shell = TRY(database_text(thread, entry.pw_shell));
  AnyRef user = TRY(id_value(thread, entry.pw_uid)), group = TRY(id_value(thread, entry.pw_gid));
  Value fields[] = {name.release(),      password.release(), user.release(), group.release(),
                    real_name.release(), folder.release(),   shell.release()};
  return structseq_create(thread, struct_passwd, fields);
}

AnyResult pwd_getpwnam(Thread& thread, Borrowed<Str> name) {
  Ref<Bytes> text = TRY(database_name(thread, name));
  KeptEntry<passwd> kept;
  bool known = TRY(
      ask_database(thread, kept, [&](auto... rest) { return getpwnam_r(text->data(), rest...); }));
  if (known) return entry_value(thread, kept.entry);
  return raise<KeyError>(thread, "getpwnam(): name not found: {}", repr_of(name));
}

AnyResult pwd_getpwuid(Thread& thread, Any uidobj) {
  Result<uint32_t> id = id_from(thread, uidobj, "uid");
  if (id.raised()) {
    if (!pending_is<OverflowError>(thread)) return Raised{};
    clear_exception(thread);
    return raise<KeyError>(thread, "getpwuid(): uid not found");
  }
  uid_t user = id.take();
  KeptEntry<passwd> kept;
  bool known =
      TRY(ask_database(thread, kept, [&](auto... rest) { return getpwuid_r(user, rest...); }));
  if (known) return entry_value(thread, kept.entry);
  AnyRef shown = TRY(id_value(thread, user));
  return raise<KeyError>(thread, "getpwuid(): uid not found: {}", shown.borrow());
}

AnyResult pwd_getpwall(Thread& thread) {
  Ref<List> entries = TRY(list_create(thread));
  for (const auto& kept : walk_database<passwd>(thread, walking, setpwent, getpwent_r, endpwent))
    TRY(list_append(thread, entries, TRY(entry_value(thread, kept.entry))));
  return entries;
}

Result<void> pwd_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(structseq_ready(thread, struct_passwd));
  return module_set(thread, module, "struct_passwd", Any(Value(struct_passwd.type.type)));
}

constexpr Method pwd_functions[] = {
    function<pwd_getpwuid>("getpwuid(uidobj, /)",
                           "Return the password database entry for the given numeric user ID.\n\n"
                           "See `help(pwd)` for more on password database entries."),
    function<pwd_getpwnam>("getpwnam(name, /)",
                           "Return the password database entry for the given user name.\n\n"
                           "See `help(pwd)` for more on password database entries."),
    function<pwd_getpwall>(
        "getpwall()",
        "Return a list of all available password database entries, in arbitrary order.\n\n"
        "See help(pwd) for more on password database entries."),
};

}  // namespace

extern const ModuleSpec pwd_module{.name = "pwd",
                                   .doc =
                                       "The users of the system: named 7-tuples of its password "
                                       "database.",
                                   .functions = pwd_functions,
                                   .initialize = pwd_initialize};

}  // namespace dx
