// posix: scandir() and DirEntry. An entry knows its kind from the directory; it asks the system
// (once) when it does not.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modules/posix/posix.h"
#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/hooks.h"
#include "objects/str.h"

namespace dx {

TypeHandle dir_entry_type, scandir_type;

namespace {

struct DirEntry : Object {
  Field<Object> name, path;
  Field<Object> stat, lstat;  // results kept, or empty
  unsigned char kind;         // DT_*
  int directory;              // the descriptor scandir() was given, or AT_FDCWD
  uint64_t inode;
};
DirEntry* entry_of(Any self) { return static_cast<DirEntry*>(self.object()); }

AnyResult fetch_stat(Thread& thread, DirEntry* self, bool follow) {
  Path path;
  TRY(path_from(thread, Any(self->directory == AT_FDCWD ? self->path.raw() : self->name.raw()),
                path, "stat"));
  struct stat info;
  if (TRY(retry(thread, [&] {
        return fstatat(self->directory, path.text(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW);
      })) < 0) {
    return raise_os_error(thread, errno, MaybeAny(self->path.raw()));
  }
  return stat_object(thread, info);
}
AnyResult entry_lstat(Thread& thread, DirEntry* self) {
  if (Value known = slot_load(thread, self, self->lstat)) return AnyRef::adopt(known);
  AnyRef made = TRY(fetch_stat(thread, self, false));
  slot_write(thread, self, self->lstat, share(thread, made.borrow()).release());
  return made;
}
Result<bool> is_link(Thread& thread, DirEntry* self) {
  if (self->kind != DT_UNKNOWN) return self->kind == DT_LNK;
  AnyRef info = TRY(entry_lstat(thread, self));
  return S_ISLNK(static_cast<mode_t>(small_int_value(Borrowed<Tuple>(info.value())->item(0))));
}
AnyResult entry_stat(Thread& thread, Any any, bool follow_symlinks) {
  DirEntry* self = entry_of(any);
  if (!follow_symlinks || !TRY(is_link(thread, self))) return entry_lstat(thread, self);
  if (Value known = slot_load(thread, self, self->stat)) return AnyRef::adopt(known);
  AnyRef made = TRY(fetch_stat(thread, self, true));
  slot_write(thread, self, self->stat, share(thread, made.borrow()).release());
  return made;
}
// Whether the entry (or what it links to) is of this kind; what is gone is of none.
Result<bool> is_kind(Thread& thread, Any any, bool follow, mode_t kind, unsigned char short_kind) {
  DirEntry* self = entry_of(any);
  bool link = TRY(is_link(thread, self));
  if (self->kind != DT_UNKNOWN && !(follow && link)) return self->kind == short_kind;
  AnyResult info = entry_stat(thread, any, follow);
  if (info.raised()) {
    if (!pending_is<FileNotFoundError>(thread)) return Raised{};
    clear_exception(thread);
    return false;
  }
  AnyRef result = info.take();
  return (static_cast<mode_t>(small_int_value(Borrowed<Tuple>(result.value())->item(0))) &
          S_IFMT) == kind;
}
Result<bool> entry_is_dir(Thread& thread, Any self, bool follow_symlinks) {
  return is_kind(thread, self, follow_symlinks, S_IFDIR, DT_DIR);
}
Result<bool> entry_is_file(Thread& thread, Any self, bool follow_symlinks) {
  return is_kind(thread, self, follow_symlinks, S_IFREG, DT_REG);
}
Result<bool> entry_is_symlink(Thread& thread, Any self) { return is_link(thread, entry_of(self)); }
bool entry_is_junction(Thread&, Any) { return false; }
AnyResult entry_inode(Thread& thread, Any self) {
  return int_from_u64(thread, entry_of(self)->inode);
}
AnyResult entry_name(Thread& thread, Any self) {
  return AnyRef::adopt(slot_load(thread, self.object(), entry_of(self)->name));
}
AnyResult entry_path(Thread& thread, Any self) {
  return AnyRef::adopt(slot_load(thread, self.object(), entry_of(self)->path));
}
AnyResult entry_fspath(Thread& thread, Any self) { return entry_path(thread, self); }
AnyResult entry_repr(Thread& thread, Any self) {
  AnyRef name = TRY(entry_name(thread, self));
  const FormatArgument parts[] = {repr_of(name.borrow())};
  return format_text(thread, "<DirEntry {}>", parts, 1);
}

const Layout entry_layout{
    "DirEntry", sizeof(DirEntry), true,
    trace_fields<DirEntry, &DirEntry::name, &DirEntry::path, &DirEntry::stat, &DirEntry::lstat>,
    nullptr};
const SlotEntry entry_slots[] = {slot<SlotId::repr, entry_repr>()};
constexpr Method entry_methods[] = {
    method<entry_is_dir>("is_dir(*, follow_symlinks=True)",
                         "Return True if the entry is a directory; cached per entry."),
    method<entry_is_file>("is_file(*, follow_symlinks=True)",
                          "Return True if the entry is a file; cached per entry."),
    method<entry_is_symlink>("is_symlink()",
                             "Return True if the entry is a symbolic link; cached per entry."),
    method<entry_is_junction>("is_junction()",
                              "Return True if the entry is a junction; cached per entry."),
    method<entry_stat>("stat(*, follow_symlinks=True)",
                       "Return stat_result object for the entry; cached per entry."),
    method<entry_inode>("inode()", "Return inode of the entry; cached per entry."),
    method<entry_fspath>("__fspath__()", "Returns the path for the entry."),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
const GetSet entry_getsets[] = {
    getter<entry_name>("name",
                       "the entry's base filename, relative to scandir() \"path\" argument"),
    getter<entry_path>(
        "path",
        "the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)")};

// ---- the iterator -------------------------------------------------------------------------------
struct Scandir : Object {
  std::atomic<DIR*> folder;  // null: exhausted or closed; whoever works with it takes it out
  Field<Object> path;        // what to put before names: str or bytes, "" for none
  bool bytes;
  int descriptor;
};
Scandir* scandir_of(Any self) { return static_cast<Scandir*>(self.object()); }

void close_folder(Thread& thread, Scandir* self) {
  DIR* folder = self->folder.exchange(nullptr);
  if (!folder) return;
  OfflineScope offline(thread);
  if (self->descriptor >= 0) rewinddir(folder);
  closedir(folder);
}

AnyResult posix_scandir(Thread& thread, Any path_value) {
  TRY(audit(thread, "os.scandir", {path_value.value()}));
  Path path;
  TRY(path_from(thread, path_value, path, "scandir", "path", kPathOrDescriptor | kPathOrNone));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(scandir_type.type)));
  Scandir* self = scandir_of(made);
  self->descriptor = path.is_descriptor ? path.descriptor : -1;
  self->bytes = path.was_bytes;
  std::string before;
  if (!path.is_descriptor) {
    before = path.bytes->view();
    if (!before.empty() && before.back() != '/') before += '/';
  }
  slot_init(self, self->path,
            TRY(bytes_from(thread, path_value.is_none() ? std::string("./") : before)));
  DIR* folder = nullptr;
  int error;
  {
    OfflineScope offline(thread);
    int own = path.is_descriptor ? fcntl(path.descriptor, F_DUPFD_CLOEXEC, 0) : -1;
    if (!path.is_descriptor || own >= 0)
      folder = path.is_descriptor ? fdopendir(own) : opendir(path.text());
    error = errno;
    if (!folder && own >= 0) close(own);
  }
  if (!folder) {
    if (path.is_descriptor) return raise_os_error(thread, error);
    return raise_path_error(thread, error, path);
  }
  self->folder = folder;
  return made;
}

Step scandir_next(Thread& thread, Any any) {
  Scandir* self = scandir_of(any);
  for (;;) {
    DIR* folder = self->folder.exchange(nullptr);
    if (!folder) return Step::done();
    struct dirent* entry;
    int error;
    {
      OfflineScope offline(thread);
      errno = 0;
      entry = readdir(folder);
      error = errno;
    }
    self->folder = folder;
    if (!entry) {
      close_folder(thread, self);
      if (error) return raise_os_error(thread, error);
      return Step::done();
    }
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(dir_entry_type.type)));
    DirEntry* item = entry_of(made);
    item->kind = entry->d_type;
    item->inode = entry->d_ino;
    item->directory = self->descriptor >= 0 ? self->descriptor : AT_FDCWD;
    std::string full = std::string(Borrowed<Bytes>(self->path.raw())->view());
    full += name;
    Path form;
    form.was_bytes = self->bytes;
    slot_init(item, item->name, TRY(path_text(thread, form, name)));
    slot_init(item, item->path, TRY(path_text(thread, form, full)));
    return made;
  }
}
AnyResult scandir_iter(Thread& thread, Any self) { return share(thread, self); }
AnyResult scandir_enter(Thread& thread, Any self) { return share(thread, self); }
void scandir_close(Thread& thread, Any self) { close_folder(thread, scandir_of(self)); }
void scandir_exit(Thread& thread, Any self, Rest) { close_folder(thread, scandir_of(self)); }
Result<void> scandir_del(Thread& thread, Any self) {
  if (!scandir_of(self)->folder) return {};
  TRY(warn<ResourceWarning>(thread, 1, "unclosed scandir iterator {}", repr_of(self)));
  close_folder(thread, scandir_of(self));
  return {};
}
void scandir_destroy(Thread&, Object* object) {
  if (DIR* folder = static_cast<Scandir*>(object)->folder.exchange(nullptr)) closedir(folder);
}
const Layout scandir_layout{"ScandirIterator", sizeof(Scandir), true,
                            trace_fields<Scandir, &Scandir::path>, scandir_destroy};
const SlotEntry scandir_slots[] = {slot<SlotId::iter, scandir_iter>(),
                                   slot<SlotId::next, scandir_next>(),
                                   slot<SlotId::del, scandir_del>()};
constexpr Method scandir_methods[] = {method<scandir_enter>("__enter__()"),
                                      method<scandir_exit>("__exit__(*args)"),
                                      method<scandir_close>("close()")};

constexpr Method functions[] = {
    function<posix_scandir>("scandir(path=None)",
                            "Return an iterator of DirEntry objects for given path."),
};

}  // namespace

const TypeSpec dir_entry_spec{.name = "posix.DirEntry",
                              .flags = kTypeImmutable | kTypeDisallowNew,
                              .layout = &entry_layout,
                              .slots = entry_slots,
                              .methods = entry_methods,
                              .getsets = entry_getsets};
const TypeSpec scandir_spec{.name = "posix.ScandirIterator",
                            .flags = kTypeImmutable | kTypeDisallowNew,
                            .layout = &scandir_layout,
                            .slots = scandir_slots,
                            .methods = scandir_methods};
const std::span<const Method> posix_scandir_functions = functions;

}  // namespace dx
