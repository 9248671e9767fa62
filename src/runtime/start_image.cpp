#include "runtime/start_image.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iterator>

#include "base/blake3.h"
#include "base/check.h"
#include "base/locale.h"
#include "interpreter/context.h"
#include "memory/start_memory.h"
#include "objects/hash.h"
#include "objects/list.h"
#include "objects/rehash.h"
#include "runtime/code_cache.h"
#include "runtime/paths.h"
#include "runtime/signals.h"
#include "runtime/startup.h"
#include "simd/text.h"

extern char** environ;

// Where this program's own variables are (cmake/start_image.ld); null in builds without start
// images.
extern "C" {
extern char dx_data_begin[] __attribute__((weak));
extern char dx_data_end[] __attribute__((weak));
extern char dx_bss_begin[] __attribute__((weak));
extern char dx_bss_end[] __attribute__((weak));
}

namespace dx {

void (*thread_module_adopt)(Thread* main, bool fresh);

namespace {

constexpr size_t kSystemPage = 4096;
constexpr size_t kMostImages = 16;  // of one build: one for each set of options, user, locale ...
constexpr char kMagic[8] = {'D', 'X', 'S', 'T', 'A', 'R', 'T', '1'};

enum Part { kArena, kHeap, kShapes, kStack, kData, kBss, kParts };

struct Header {
  char magic[8];
  uint64_t bytes;   // of the whole file, which ends with the magic again
  int64_t written;  // the file's time of change, set to this: a file that was written to afterwards
                    // has another one
  HashKey key;      // that its texts are filed under
  uint64_t text_bytes;  // behind the header: the key's text, a zero, then the stamps
  struct {
    StartPiece piece;
    uint64_t offset;
  } parts[kParts];
};

size_t whole_pages(size_t bytes) { return (bytes + kSystemPage - 1) & ~(kSystemPage - 1); }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

// The modules that hold nothing of a process but what adopt_process knows of.
bool is_known_module(std::string_view name) {
  static constexpr std::string_view known[] = {"__main__",
                                               "_abc",
                                               "_codecs",
                                               "_collections_abc",
                                               "_frozen_importlib",
                                               "_frozen_importlib_external",
                                               "_imp",
                                               "_io",
                                               "_sitebuiltins",
                                               "_stat",
                                               "_thread",
                                               "_warnings",
                                               "_weakref",
                                               "abc",
                                               "builtins",
                                               "codecs",
                                               "encodings",
                                               "encodings.aliases",
                                               "encodings.ascii",
                                               "encodings.latin_1",
                                               "encodings.utf_8",
                                               "errno",
                                               "genericpath",
                                               "io",
                                               "marshal",
                                               "os",
                                               "os.path",
                                               "posix",
                                               "posixpath",
                                               "site",
                                               "stat",
                                               "sys"};
  static_assert(std::size(known) == 32);
  return std::binary_search(std::begin(known), std::end(known), name);
}

// Of the variables for Python, those that only the options speak of.
bool is_harmless_variable(std::string_view name) {
  for (std::string_view harmless : {"PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED",
                                    "PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONUTF8"}) {
    if (name == harmless) return true;
  }
  return false;
}

bool environment_is_plain() {
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    if (text.starts_with("PYTHON") && !is_harmless_variable(text.substr(0, text.find('='))))
      return false;
  }
  return true;
}

void add_stamp(std::string& stamps, const std::string& path, const FileStamp& stamp) {
  stamps.append(reinterpret_cast<const char*>(stamp.words), sizeof stamp.words);
  stamps.append(path.c_str(), path.size() + 1);
}

bool stamps_hold(std::string_view stamps) {
  while (!stamps.empty()) {
    FileStamp stored;
    if (stamps.size() < sizeof stored.words) return false;
    std::memcpy(stored.words, stamps.data(), sizeof stored.words);
    stamps.remove_prefix(sizeof stored.words);
    size_t end = stamps.find('\0');
    if (end == std::string_view::npos || !(FileStamp::of(stamps.data()) == stored)) return false;
    stamps.remove_prefix(end + 1);
  }
  return true;
}

// Addresses that another process does not have: everything mapped but the fixed pieces and this
// program itself.
struct ForeignRanges {
  std::vector<std::pair<uintptr_t, uintptr_t>> ranges;
  bool known = false;
  ForeignRanges() {
    std::FILE* maps = std::fopen("/proc/self/maps", "re");
    if (!maps) return;
    uintptr_t program_end = reinterpret_cast<uintptr_t>(dx_bss_end);
    char line[512];
    while (std::fgets(line, sizeof line, maps)) {
      unsigned long long start, end;
      if (std::sscanf(line, "%llx-%llx", &start, &end) != 2) continue;
      if (end <= program_end ||
          (start >= kArenaAddress && start < kHeapAddress + (uintptr_t{1} << 42)))
        continue;
      if (!ranges.empty() && ranges.back().second == start)
        ranges.back().second = end;
      else
        ranges.emplace_back(start, end);
    }
    std::fclose(maps);
    known = !ranges.empty();
  }
  // The first word that looks like such an address, or null.
  const uintptr_t* find(const char* bytes, size_t size) const {
    uintptr_t lowest = ranges.front().first;
    for (auto* word = reinterpret_cast<const uintptr_t*>(bytes);
         word < reinterpret_cast<const uintptr_t*>(bytes + size); ++word) {
      if (*word < lowest) continue;
      for (auto [start, end] : ranges) {
        if (*word >= start && *word < end) return word;
      }
    }
    return nullptr;
  }
};

// Memory in its place: reserved, the image's part mapped over its beginning. False: not possible,
// and nothing is mapped.
bool map_piece(int file, const StartPiece& piece, uint64_t offset, bool whole) {
  int protection = whole ? PROT_READ | PROT_WRITE : PROT_NONE;
  void* reserved = reserve_at(piece.start, piece.reserved, protection, whole ? MAP_NORESERVE : 0);
  void* wanted = reinterpret_cast<void*>(piece.start);
  if (reserved != wanted) {
    if (reserved) munmap(reserved, piece.reserved);
    return false;
  }
  size_t mapped = whole_pages(piece.used), writable = whole_pages(piece.writable);
  bool done = !mapped || mmap(wanted, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file,
                              static_cast<off_t>(offset)) == wanted;
  done = done && (whole || writable <= mapped ||
                  mprotect(static_cast<char*>(wanted) + mapped, writable - mapped,
                           PROT_READ | PROT_WRITE) == 0);
  if (!done) munmap(wanted, piece.reserved);
  return done;
}

bool write_all(int file, const char* bytes, size_t size) {
  while (size) {
    ssize_t written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

void forget_images_over_limit(const std::string& folder) {
  std::vector<std::pair<int64_t, std::string>> images;
  DIR* open = opendir(folder.c_str());
  if (!open) return;
  while (dirent* entry = readdir(open)) {
    std::string name = entry->d_name;
    struct stat facts;
    if (name.starts_with("start-") &&
        fstatat(dirfd(open), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
      images.emplace_back(nanoseconds(facts.st_ctim), std::move(name));
    }
  }
  closedir(open);
  std::sort(images.begin(), images.end(), std::greater<>());
  for (size_t i = kMostImages; i < images.size(); ++i)
    unlink((folder + '/' + images[i].second).c_str());
}

bool has_path_files(const std::string& folder) {
  DIR* open = opendir(folder.c_str());
  if (!open) return false;
  bool found = false;
  while (dirent* entry = readdir(open)) found |= std::string_view(entry->d_name).ends_with(".pth");
  closedir(open);
  return found;
}

Result<void> set_argument_lists(Thread& thread, const StartOptions& options) {
  Borrowed<Dict> sys = interpreter_sys(thread);
  auto set = [&](const char* name, const std::vector<std::string>& texts) -> Result<void> {
    Ref<List> list = TRY(list_create(thread));
    for (const std::string& text : texts)
      TRY(list_append(thread, list, TRY(str_from_filesystem(thread, text))));
    Ref<Str> key = TRY(str_intern_ascii(thread, name));
    return dict_set_str(thread, sys, key, list.borrow());
  };
  TRY(set("argv", options.arguments));
  return set("orig_argv", options.original);
}

// posix.environ, which os.environ keeps too: emptied, and filled again from the process's.
Result<void> set_environment(Thread& thread, bool fill) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "posix"));
  AnyLookup module = lookup_loaded_module(thread, name);
  if (module.raised()) return Raised{};
  if (module.is_absent()) return {};
  Ref<Str> attribute = TRY(str_intern_ascii(thread, "environ"));
  AnyRef environment = TRY(get_attr(thread, module.borrow(), attribute));
  if (!is_dict(environment.value())) return raise<TypeError>(thread, "posix.environ is not a dict");
  TRY(dict_clear(thread, Borrowed<Dict>(environment.value())));
  if (!fill) return {};
  Ref<Str> create = TRY(str_intern_ascii(thread, "_create_environ"));
  AnyRef fresh = TRY(call_method(thread, module.borrow(), create.get(), {}));
  return dict_update(thread, Borrowed<Dict>(environment.value()), fresh);
}

Result<void> drop_streams(Thread& thread) {
  for (Str* name : {NAME("stdin"), NAME("stdout"), NAME("stderr"), NAME("__stdin__"),
                    NAME("__stdout__"), NAME("__stderr__")}) {
    TRY(dict_set_str(thread, interpreter_sys(thread), name, kNone));
  }
  return {};
}

Result<void> leave_process(Thread& thread) {
  TRY(drop_streams(thread));
  TRY(set_argument_lists(thread, StartOptions{}));
  return set_environment(thread, false);
}

}  // namespace

StartImage::StartImage(const StartOptions& options, bool plain) {
  const char* setting = std::getenv("DX_START_IMAGE");
  explain_ = setting && std::strcmp(setting, "explain") == 0;
  if (!dx_data_begin || (setting && std::strcmp(setting, "0") == 0) || getauxval(AT_SECURE)) return;
  if (!plain || !options.x_options.empty() || !options.warn_options.empty() || options.verbose ||
      options.debug || options.inspect || options.interactive || options.bytes_warning ||
      options.executable.empty()) {
    return;
  }
  if (!options.ignore_environment && !environment_is_plain()) return;
  const char* home = std::getenv("HOME");
  if (!options.no_site && (!home || home[0] != '/')) return;
  if (!code_cache_folder(folder_)) return;
  HashKey hash = hash_key();
  random_ = hash.random;
  auto add = [&](std::string_view text) { key_.append(text).push_back('\n'); };
  auto add_number = [&](uint64_t number) { add(std::to_string(number)); };
  add(options.executable);
  add(options.base_executable);
  add(options.prefix);
  add(options.environment_prefix);
  add(options.no_site ? "" : home);
  add(locale_name());
  add(locale_codeset());
  for (uint64_t id : {getuid(), geteuid(), getgid(), getegid()}) add_number(id);
  for (bool flag : {options.isolated, options.ignore_environment, options.no_user_site,
                    options.no_site, options.safe_path, options.quiet, options.unbuffered,
                    options.dont_write_bytecode, options.utf8_mode, random_}) {
    add_number(flag);
  }
  add_number(static_cast<uint64_t>(options.optimize));
  add_number(simd::processor_kind());  // the image remembers which kernels were chosen; a home
                                       // folder may serve many machines
  if (!random_) {
    add_number(hash.words[0]);
    add_number(hash.words[1]);
  }
  if (!options.no_site) {
    std::array<std::string, 2> files = environment_files(options.executable);
    probed_.assign(files.begin(), files.end());
  }
  Blake3Digest digest = blake3({reinterpret_cast<const uint8_t*>(key_.data()), key_.size()});
  name_ = "start-";
  for (size_t i = 0; i < 12; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", digest.data()[i]);
    name_ += two;
  }
  wanted_ = true;
}

bool StartImage::refuse(const char* why, const char* detail) const {
  if (explain_) std::fprintf(stderr, "dx-py: start image: %s%s\n", why, detail);
  return false;
}

bool StartImage::map(Thread& main, Interpreter& interpreter) {
  if (!wanted_) return refuse("not with these options, arguments or variables");
  Descriptor folder(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts;
  if (!folder || fstat(folder.get(), &facts) != 0 || facts.st_uid != geteuid() ||
      (facts.st_mode & 077))
    return refuse("no folder of one's own: ", folder_.c_str());
  Descriptor file(openat(folder.get(), name_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file || fstat(file.get(), &facts) != 0) return refuse("none yet");
  if (!S_ISREG(facts.st_mode) || facts.st_uid != geteuid() || (facts.st_mode & 077))
    return refuse("not a private file");
  alignas(Header) char head[4 * kSystemPage];
  ssize_t got = pread(file.get(), head, sizeof head, 0);
  Header header;
  if (got < static_cast<ssize_t>(sizeof header)) return refuse("too short");
  std::memcpy(&header, head, sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 ||
      header.bytes != static_cast<uint64_t>(facts.st_size) ||
      nanoseconds(facts.st_mtim) != header.written || header.text_bytes > size_t{1} << 20) {
    return refuse("was changed");
  }
  std::string long_text;
  std::string_view text(head + sizeof header, static_cast<size_t>(got) - sizeof header);
  if (header.text_bytes <= text.size()) {
    text = text.substr(0, header.text_bytes);
  } else {
    long_text.resize(header.text_bytes);
    if (pread(file.get(), long_text.data(), long_text.size(), sizeof header) !=
        static_cast<ssize_t>(long_text.size()))
      return refuse("too short");
    text = long_text;
  }
  char end[sizeof kMagic];
  if (pread(file.get(), end, sizeof end, facts.st_size - static_cast<off_t>(sizeof end)) !=
          sizeof end ||
      std::memcmp(end, kMagic, sizeof end) != 0) {
    return refuse("was not written to its end");
  }
  if (text.size() <= key_.size() || text.substr(0, key_.size()) != key_ ||
      text[key_.size()] != '\0')
    return refuse("has another key");
  if (!stamps_hold(text.substr(key_.size() + 1))) return refuse("a file or folder changed");
  if (header.parts[kData].piece.start != reinterpret_cast<uintptr_t>(dx_data_begin) ||
      header.parts[kBss].piece.start != reinterpret_cast<uintptr_t>(dx_bss_begin)) {
    return refuse("is another program's");
  }
  HashKey own = hash_key();
  bool pending = locale_pending();
  for (int part = kArena; part <= kStack; ++part) {
    if (map_piece(file.get(), header.parts[part].piece, header.parts[part].offset,
                  part == kArena || part == kStack))
      continue;
    while (part-- > kArena)
      munmap(reinterpret_cast<void*>(header.parts[part].piece.start),
             header.parts[part].piece.reserved);
    return refuse("addresses are taken");
  }
  madvise(reinterpret_cast<void*>(kHeapAddress), header.parts[kHeap].piece.reserved,
          MADV_NOHUGEPAGE);
  // From here on there is no way back.
  for (int part : {kData, kBss}) {
    const StartPiece& piece = header.parts[part].piece;
    // Read, not mapped: most of these few pages are written to anyway, or were before main().
    CHECK(pread(file.get(), reinterpret_cast<void*>(piece.start), piece.used,
                static_cast<off_t>(header.parts[part].offset)) == static_cast<ssize_t>(piece.used));
  }
  hash_key_set(own);
  locale_set_pending(pending);
  thread_adopt(main);
  if (own.random) rehash_all(main);
  return true;
}

void StartImage::begin() {
  if (!wanted_) return;
  begun_ = now_nanoseconds();
  open_ = start_arena_open();
}

// Every file and folder that start-up looked at.
bool StartImage::collect_stamps(Thread& main, Interpreter& interpreter, std::string& stamps) const {
  const LoadedSources& sources = loaded_sources();
  if (!sources.complete) return refuse("source was compiled");
  bool settled = true;
  auto add = [&](const std::string& path, const FileStamp& stamp) {
    settled &= stamp.changed() < begun_ - kTickNanoseconds;
    add_stamp(stamps, path, stamp);
  };
  for (const LoadedSources::File& file : sources.files) {
    if (!(FileStamp::of(file.path.c_str()) == file.stamp))
      return refuse("changed meanwhile: ", file.path.c_str());
    add(file.path, file.stamp);
  }
  for (const std::string& path : probed_) add(path, FileStamp::of(path.c_str()));
  // The folders of the path, as importlib remembers them.
  AnyLookup cache =
      dict_get_str(main, Borrowed<Dict>(interpreter.sys_dict), NAME("path_importer_cache"));
  if (cache.raised() || cache.is_absent() || !is_dict(cache.value()))
    return refuse("no sys.path_importer_cache");
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  std::vector<std::string> folders;
  while (dict_next(main, Borrowed<Dict>(cache.value()), position, key, value)) {
    if (!is_str(key.value())) return refuse("strange sys.path_importer_cache");
    Result<std::string_view> path = str_utf8(main, Borrowed<Str>(key.value()));
    if (path.raised()) return clear_exception(main), refuse("strange sys.path_importer_cache");
    folders.emplace_back(path.take());
  }
  if (!interpreter.options.no_site) {
    Result<Ref<Str>> name = str_intern_ascii(main, "site");
    if (name.raised()) return clear_exception(main), false;
    AnyLookup site = lookup_loaded_module(main, name.take().borrow());
    if (site.raised() || site.is_absent()) return clear_exception(main), refuse("no site module");
    auto ask = [&](const char* function) -> Result<void> {
      Ref<Str> text = TRY(str_intern_ascii(main, function));
      AnyRef answer = TRY(call_method(main, site.borrow(), text.get(), {}));
      auto take = [&](Any item) -> Result<void> {
        if (is_str(item.value()))
          folders.emplace_back(TRY(str_utf8(main, Borrowed<Str>(item.value()))));
        return {};
      };
      if (!is_list(answer.value())) return take(answer);
      for (Word i = 0;; ++i) {
        Maybe<Ref<Object>> item = list_item(main, Borrowed<List>(answer.value()), i);
        if (!item) return {};
        TRY(take(Any(item.value())));
      }
    };
    size_t before = folders.size();
    if (ask("getsitepackages").raised() || ask("getusersitepackages").raised())
      return clear_exception(main), refuse("site does not answer");
    for (size_t i = before; i < folders.size(); ++i) {
      if (has_path_files(folders[i])) return refuse("a .pth file in ", folders[i].c_str());
    }
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  for (const std::string& path : folders) {
    if (path.empty() || path[0] != '/') return refuse("a relative path: ", path.c_str());
    add(path, FileStamp::of(path.c_str()));
  }
  return settled || refuse("a file or folder has just changed");
}

bool StartImage::store(Thread& main, Interpreter& interpreter) {
  if (!open_) return false;
  struct CloseArena {
    ~CloseArena() { start_arena_close(); }
  } close_arena;
  if (interpreter.options.dont_write_bytecode) return refuse("bytecode is not to be written");
  std::string path = folder_ + '/' + name_;
  struct stat facts;
  if (stat(path.c_str(), &facts) == 0 && begun_ - nanoseconds(facts.st_ctim) < 10'000'000'000) {
    return refuse("one that did not fit was written seconds ago");
  }
  StartPiece pieces[kParts] = {};
  if (!heap_start_piece(pieces[kHeap]) || !shapes_start_piece(pieces[kShapes]))
    return refuse("memory is not where it should be");
  if (reinterpret_cast<uintptr_t>(main.context->stack) - kStackAddress >= kSystemPage)
    return refuse("memory is not where it should be");
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(main, Borrowed<Dict>(interpreter.modules), position, key, value)) {
    if (!is_str(key.value()) || !str_view(Borrowed<Str>(key.value())).ascii)
      return refuse("strange sys.modules");
    std::string_view name = str_view(Borrowed<Str>(key.value())).text();
    if (!is_known_module(name))
      return refuse("a module it does not know: ", std::string(name).c_str());
  }
  key = {};
  value = {};
  std::string stamps;
  if (!collect_stamps(main, interpreter, stamps)) return false;
  if (Type* type = random_ ? type_with_python_hash(main) : nullptr) {
    Result<std::string_view> shown = str_utf8(main, type->name.borrow());
    return refuse("a hash made by Python code: ",
                  shown.raised() ? "" : std::string(shown.take()).c_str());
  }
  code_cache_leave();
  if (leave_process(main).raised()) {
    clear_exception(main);
    refuse("streams, arguments or environment cannot be taken off");
    return true;
  }
  if (random_) rehash_prepare(main);
  start_arena_close();
  hashes_forget_removed(main);

  // The copy that is written. The live process keeps what is only taken out of the image.
  heap_start_piece(pieces[kHeap]);
  size_t stack_bytes =
      static_cast<size_t>(reinterpret_cast<char*>(main.context->stack_limit + 512) -
                          reinterpret_cast<char*>(kStackAddress));
  size_t arena = whole_pages(start_arena_used());
  pieces[kArena] = {kArenaAddress, kArenaBytes, kArenaBytes, arena};
  pieces[kStack] = {kStackAddress, stack_bytes, stack_bytes, 0};
  pieces[kData] = {reinterpret_cast<uintptr_t>(dx_data_begin), 0, 0,
                   static_cast<size_t>(dx_data_end - dx_data_begin)};
  pieces[kBss] = {reinterpret_cast<uintptr_t>(dx_bss_begin), 0, 0,
                  static_cast<size_t>(dx_bss_end - dx_bss_begin)};
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.key = hash_key();
  std::string text = key_ + '\0' + stamps;
  header.text_bytes = text.size();
  uint64_t offset = whole_pages(sizeof header + text.size());
  for (int part = 0; part < kParts; ++part) {
    header.parts[part] = {pieces[part], offset};
    offset += whole_pages(pieces[part].used);
  }
  header.bytes = offset + sizeof kMagic;
  int64_t written_seconds =
      begun_ / 1'000'000'000 - 1000;  // whole seconds: not every file system has more
  header.written = written_seconds * 1'000'000'000;
  auto* copy = static_cast<char*>(std::calloc(1, header.bytes));
  if (!copy) return refuse("memory is short"), true;
  std::memcpy(copy, &header, sizeof header);
  std::memcpy(copy + sizeof header, text.data(), text.size());
  std::memcpy(copy + offset, kMagic, sizeof kMagic);
  if (thread_module_adopt) thread_module_adopt(nullptr, false);
  for (int part = 0; part < kParts; ++part) {
    std::memcpy(copy + header.parts[part].offset, reinterpret_cast<const char*>(pieces[part].start),
                pieces[part].used);
  }
  if (thread_module_adopt) thread_module_adopt(&main, false);
  heap_scrub(copy + header.parts[kHeap].offset);
  if (random_) {
    char* heap_copy = copy + header.parts[kHeap].offset;
    hashes_forget(
        main,
        [](void* start, void* word) -> void* {
          return static_cast<char*>(start) + (reinterpret_cast<uintptr_t>(word) - kHeapAddress);
        },
        heap_copy);
  }
  auto in_copy = [&](void* variable) -> char* {
    for (int part : {kData, kBss}) {
      uintptr_t at = reinterpret_cast<uintptr_t>(variable) - pieces[part].start;
      if (at < pieces[part].used) return copy + header.parts[part].offset + at;
    }
    return nullptr;
  };
  char* thread_copy = in_copy(&main);
  char* options_copy = in_copy(&interpreter.options);
  ForeignRanges foreign;
  bool clean = thread_copy && options_copy && foreign.known;
  if (clean) {
    auto* image_thread = reinterpret_cast<Thread*>(thread_copy);
    image_thread->ident = image_thread->native_id = 0;
    image_thread->native_stack_limit = nullptr;
    std::memset(options_copy, 0, sizeof interpreter.options);  // made again by map's caller
    for (int part = 0; part < kParts && clean; ++part) {
      const char* start = copy + header.parts[part].offset;
      if (const uintptr_t* word = foreign.find(start, pieces[part].used)) {
        clean = false;
        char where[96];
        std::snprintf(where, sizeof where, "%#lx at %#lx", static_cast<unsigned long>(*word),
                      static_cast<unsigned long>(
                          pieces[part].start +
                          static_cast<uintptr_t>(reinterpret_cast<const char*>(word) - start)));
        refuse("an address of this process: ", where);
      }
    }
  }
  if (clean) {
    std::string temporary = folder_ + "/.tmp-start-" + std::to_string(getpid());
    {
      Descriptor file(
          open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      timespec times[2] = {{0, UTIME_OMIT}, {written_seconds, 0}};
      clean = file && write_all(file.get(), copy, header.bytes) && futimens(file.get(), times) == 0;
    }
    clean = clean && rename(temporary.c_str(), path.c_str()) == 0;
    if (!clean) unlink(temporary.c_str());
    refuse(clean ? "stored as " : "cannot be stored as ", path.c_str());
    if (clean) forget_images_over_limit(folder_);
  }
  std::free(copy);
  return true;
}

Result<void> adopt_process(Thread& main, Interpreter& interpreter, bool fresh) {
  if (fresh) {
    native_stack_measure(main);
    if (thread_module_adopt) thread_module_adopt(&main, true);
    signals_start(main);
  }
  TRY(set_argument_lists(main, interpreter.options));
  TRY(set_environment(main, true));
  return streams_start(main, interpreter);
}

}  // namespace dx
