// grp: the groups of the system.

#include <grp.h>

#include "modules/account_database.h"

namespace dx {

namespace {

const StructField group_fields[] = {{"gr_name", "group name"},
                                    {"gr_passwd", "password"},
                                    {"gr_gid", "group id"},
                                    {"gr_mem", "group members"}};
StructSequence struct_group{"grp.struct_group",
                            "grp.struct_group: Results from getgr*() routines.\n\n"
                            "This object may be accessed either as a tuple of\n"
                            "  (gr_name,gr_passwd,gr_gid,gr_mem)\n"
                            "or via the object attributes as named in the above tuple.\n",
                            group_fields, 4};
std::mutex walking;  // getgrent's position

AnyResult entry_value(Thread& thread, const group& entry) {
  Ref<List> members = TRY(list_create(thread));
  for (char** member = entry.gr_mem; member && *member; ++member)
    TRY(list_append(thread, members, TRY(database_text(thread, *member))));
  AnyRef name = TRY(database_text(thread, entry.gr_name));
  AnyRef password = TRY(database_text(thread, entry.gr_passwd));
  AnyRef id = TRY(id_value(thread, entry.gr_gid));
  Value fields[] = {name.release(), password.release(), id.release(), members.release()};
  return structseq_create(thread, struct_group, fields);
}

AnyResult grp_getgrgid(Thread& thread, Any id) {
  gid_t number = TRY(id_from(thread, id, "gid"));
  KeptEntry<group> kept;
  bool known =
      TRY(ask_database(thread, kept, [&](auto... rest) { return getgrgid_r(number, rest...); }));
  if (known) return entry_value(thread, kept.entry);
  AnyRef shown = TRY(id_value(thread, number));
  return raise<KeyError>(thread, "getgrgid(): gid not found: {}", shown.borrow());
}

AnyResult grp_getgrnam(Thread& thread, Borrowed<Str> name) {
  Ref<Bytes> text = TRY(database_name(thread, name));
  KeptEntry<group> kept;
  bool known = TRY(
      ask_database(thread, kept, [&](auto... rest) { return getgrnam_r(text->data(), rest...); }));
  if (known) return entry_value(thread, kept.entry);
  return raise<KeyError>(thread, "getgrnam(): name not found: {}", repr_of(name));
}

AnyResult grp_getgrall(Thread& thread) {
  Ref<List> entries = TRY(list_create(thread));
  for (const auto& kept : walk_database<group>(thread, walking, setgrent, getgrent_r, endgrent))
    TRY(list_append(thread, entries, TRY(entry_value(thread, kept.entry))));
  return entries;
}

Result<void> grp_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(structseq_ready(thread, struct_group));
  return module_set(thread, module, "struct_group", Any(Value(struct_group.type.type)));
}

constexpr Method grp_functions[] = {
    function<grp_getgrgid>("getgrgid(id)",
                           "Return the group database entry for the given numeric group ID.\n\n"
                           "If id is not valid, raise KeyError."),
    function<grp_getgrnam>("getgrnam(name)",
                           "Return the group database entry for the given group name.\n\n"
                           "If name is not valid, raise KeyError."),
    function<grp_getgrall>("getgrall()",
                           "Return a list of all available group entries, in arbitrary order.\n\n"
                           "An entry whose name starts with '+' or '-' represents an instruction\n"
                           "to use YP/NIS and may not be accessible via getgrnam or getgrgid."),
};

}  // namespace

extern const ModuleSpec grp_module{.name = "grp",
                                   .doc =
                                       "The groups of the system: named 4-tuples of its group "
                                       "database.",
                                   .functions = grp_functions,
                                   .initialize = grp_initialize};

}  // namespace dx
