#include "runtime/code_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <vector>

#include "base/blake3.h"
#include "dpb/file.h"
#include "memory/start_memory.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

constexpr size_t kBuildsKept = 8;

FileStamp stamp_of(const struct stat& facts) {
  return {{facts.st_dev, facts.st_ino, static_cast<uint64_t>(facts.st_size),
           static_cast<uint64_t>(nanoseconds(facts.st_mtim)),
           static_cast<uint64_t>(nanoseconds(facts.st_ctim))}};
}

std::string hex(const uint8_t* bytes, size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::string hashed(const void* data, size_t size, size_t kept) {
  Blake3Digest digest = blake3({static_cast<const uint8_t*>(data), size});
  return hex(digest.data(), kept);
}

// Name in the cache: what stays with the file, then what changes with its contents.
std::string stem_of(const std::string& path, const SourceOptions& options) {
  std::string key = path;
  if (path.empty() || path[0] != '/') {
    char folder[PATH_MAX];
    if (getcwd(folder, sizeof folder)) key = std::string(folder) + '/' + path;
  }
  key += '\0';
  key += static_cast<char>('0' + options.optimize);
  key += static_cast<char>('0' + (options.future_flags != 0));
  return hashed(key.data(), key.size(), 12);
}
std::string stamp_text(const FileStamp& stamp) {
  return hashed(stamp.words, sizeof stamp.words, 8);
}

std::string cache_root() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && cache[0] == '/') return std::string(cache) + "/dx-py";
  const char* home = std::getenv("HOME");
  if (home && home[0] == '/') return std::string(home) + "/.cache/dx-py";
  return {};
}

struct Entry {
  std::string name;
  int64_t changed;
};

template <class Wanted>
std::vector<Entry> entries(const std::string& folder, Wanted wanted) {
  std::vector<Entry> found;
  DIR* open = opendir(folder.c_str());
  if (!open) return found;
  while (dirent* entry = readdir(open)) {
    std::string name = entry->d_name;
    struct stat facts;
    if (name[0] == '.' || !wanted(name) ||
        fstatat(dirfd(open), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    found.push_back({std::move(name), nanoseconds(facts.st_mtim)});
  }
  closedir(open);
  return found;
}

// Old builds' folders go when a new build makes its own; theirs are plain folders of plain files.
void forget_old_builds(const std::string& root, const std::string& own) {
  std::vector<Entry> builds = entries(
      root, [&](const std::string& name) { return name.size() == own.size() && name != own; });
  std::sort(builds.begin(), builds.end(),
            [](const Entry& a, const Entry& b) { return a.changed > b.changed; });
  for (size_t i = kBuildsKept; i < builds.size(); ++i) {
    std::string folder = root + '/' + builds[i].name;
    for (const Entry& file : entries(folder, [](const std::string&) { return true; }))
      unlink((folder + '/' + file.name).c_str());
    rmdir(folder.c_str());
  }
}

struct Cache {
  std::unique_ptr<dpb::ImageCache> images;  // null: no usable folder
  std::string folder;
};

Cache shared_cache;
std::mutex cache_lock;
std::atomic<bool> cache_opened{false};
LoadedSources sources;

Cache& cache() {
  if (cache_opened.load(std::memory_order_acquire)) return shared_cache;
  std::lock_guard guard(cache_lock);
  if (cache_opened.load(std::memory_order_relaxed)) return shared_cache;
  std::string root = cache_root(), build = build_id();
  // A program with more rights than its user does not run what its user wrote.
  if (!root.empty() && !build.empty() && !getauxval(AT_SECURE)) {
    shared_cache.folder = root + '/' + build;
    bool fresh = access(shared_cache.folder.c_str(), F_OK) != 0;
    if (dpb::ImageCache::open(shared_cache.folder, build, shared_cache.images))
      shared_cache.images.reset();
    else if (fresh)
      forget_old_builds(root, build);
  }
  cache_opened.store(true, std::memory_order_release);
  return shared_cache;
}

bool read_all(int file, std::string& text) {
  char buffer[65536];
  for (;;) {
    ssize_t got = read(file, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(buffer, static_cast<size_t>(got));
  }
}

// Images of the same file as it was before.
void forget_older(const std::string& folder, const std::string& stem, const std::string& kept) {
  for (const Entry& entry : entries(folder, [&](const std::string& name) {
         return name.starts_with(stem) && name != kept;
       })) {
    unlink((folder + '/' + entry.name).c_str());
  }
}

Result<Ref<Code>> compile_and_store(Thread& thread, const std::string& path, Borrowed<Str> filename,
                                    const SourceOptions& options, bool main_script) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat before, after;
  std::string source;
  bool read = file >= 0 && fstat(file, &before) == 0;
  if (read && S_ISDIR(before.st_mode)) {
    read = false;
    errno = EISDIR;
  }
  read = read && read_all(file, source) && fstat(file, &after) == 0;
  int error = errno;
  if (file >= 0) close(file);
  if (!read) {
    Ref<Str> shown = TRY(str_from_filesystem(thread, path));
    return raise_os_error(thread, error, MaybeAny(shown.value()));
  }
  if (start_arena_is_open) sources.complete = false;
  bool warned = false;
  Ref<Code> code = TRY(compile_source(thread, source, filename, options, &warned));
  int64_t now = now_nanoseconds();
  FileStamp stamp = stamp_of(before);
  bool settled = stamp == stamp_of(after) && now - nanoseconds(after.st_ctim) > kTickNanoseconds;
  if (interpreter_of(thread).options.dont_write_bytecode || !settled || (main_script && warned) ||
      !S_ISREG(after.st_mode))
    return code;
  Cache& shared = cache();
  if (!shared.images) return code;
  std::string stem = stem_of(path, options), name = stem + '-' + stamp_text(stamp) + ".dpb";
  // A cache that cannot be written costs the next start its time, nothing else.
  if (!shared.images->store(name, code->image->bytes)) forget_older(shared.folder, stem, name);
  return code;
}

}  // namespace

FileStamp FileStamp::of(const char* path) {
  struct stat facts;
  return stat(path, &facts) == 0 ? stamp_of(facts) : FileStamp{};
}

const LoadedSources& loaded_sources() { return sources; }

bool code_cache_folder(std::string& folder) {
  std::string root = cache_root(), build = build_id();
  folder = root + '/' + build;
  return !root.empty() && !build.empty();
}

void code_cache_leave() {
  shared_cache.images.reset();
  shared_cache.folder.clear();
  cache_opened.store(false, std::memory_order_relaxed);
}

bool read_file(const std::string& path, std::string& text) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool read = read_all(file, text);
  int error = errno;
  close(file);
  errno = error;
  return read;
}

std::string build_id() {
  std::string found;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        for (size_t i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& header = info->dlpi_phdr[i];
          if (header.p_type != PT_NOTE) continue;
          auto* at = reinterpret_cast<const uint8_t*>(info->dlpi_addr + header.p_vaddr);
          const uint8_t* end = at + header.p_memsz;
          while (at + sizeof(ElfW(Nhdr)) <= end) {
            auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
            const uint8_t* name = at + sizeof *note;
            const uint8_t* bytes = name + ((note->n_namesz + 3) & ~3u);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                std::memcmp(name, "GNU", 4) == 0) {
              *static_cast<std::string*>(out) = hex(bytes, note->n_descsz);
            }
            at = bytes + ((note->n_descsz + 3) & ~3u);
          }
        }
        return 1;  // only the program itself, which comes first
      },
      &found);
  return found;
}

Result<Ref<Code>> code_of_file(Thread& thread, const std::string& path, Borrowed<Str> filename,
                               const SourceOptions& options, bool main_script) {
  struct stat facts;
  if (stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode)) {
    Cache& shared = cache();
    if (shared.images) {
      dpb::LoadedImage loaded =
          shared.images->load(stem_of(path, options) + '-' + stamp_text(stamp_of(facts)) + ".dpb");
      if (loaded.image) {
        auto* image = new CodeImage;
        if (start_arena_is_open) {  // the bytes go into the start image with all the rest
          std::span<const uint8_t> bytes = loaded.image->view().bytes();
          image->bytes.assign(bytes.begin(), bytes.end());
          sources.files.push_back({path, stamp_of(facts)});
        } else {
          image->mapped = loaded.image->view().bytes().data();
          image->size = loaded.image->view().bytes().size();
          image->keeps = std::move(loaded.image);
        }
        return code_create(thread, image, 0, filename);
      }
    }
  }
  return compile_and_store(thread, path, filename, options, main_script);
}

}  // namespace dx
