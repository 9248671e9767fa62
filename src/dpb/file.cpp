#include "dpb/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/check.h"

namespace dx::dpb {
namespace {

std::string system_error(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

int retry_openat(int directory, const char* name, int flags, mode_t mode = 0) {
  int file;
  do {
    file = openat(directory, name, flags | O_CLOEXEC, mode);
  } while (file < 0 && errno == EINTR);
  return file;
}

bool write_all(int file, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size) {
    ssize_t written = write(file, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written, size -= size_t(written);
  }
  return true;
}

std::string temporary_name() {
  static std::atomic<unsigned> counter{0};
  return ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(counter.fetch_add(1));
}

// Writes a new file under `name`; `facts`, when given, receives what fstat says of it.
std::optional<std::string> replace_file(int directory, const std::string& prefix,
                                        const std::string& name, const ImageBytes& bytes,
                                        struct stat* facts) {
  std::string temporary = prefix + temporary_name();
  Descriptor file(
      retry_openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  if (!file) return system_error("cannot create a temporary file");
  std::optional<std::string> error;
  if (!write_all(file.get(), bytes.data(), bytes.size())) {
    error = system_error("cannot write");
  } else if (facts && fstat(file.get(), facts) != 0) {
    error = system_error("cannot stat");
  } else if (renameat(directory, temporary.c_str(), directory, (prefix + name).c_str()) != 0) {
    error = system_error("cannot rename");
  }
  if (error) unlinkat(directory, temporary.c_str(), 0);
  return error;
}

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

uint64_t mix(uint64_t hash, uint64_t word) {
  unsigned __int128 product =
      static_cast<unsigned __int128>(hash ^ word ^ 0x6a09e667f3bcc909u) * 0xbf58476d1ce4e5b9u;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

}  // namespace

// Maps a file for reading; the image it makes owns the mapping.
class MappedFile {
 public:
  static LoadedImage map(int file, struct stat& facts) {
    if (fstat(file, &facts) != 0) return {nullptr, system_error("cannot stat")};
    if (!S_ISREG(facts.st_mode)) return {nullptr, "not a regular file"};
    if (size_t(facts.st_size) < sizeof(Header)) return {nullptr, "shorter than a header"};
    if (facts.st_size > off_t{UINT32_MAX}) return {nullptr, "longer than 4 GB"};
    void* data = mmap(nullptr, size_t(facts.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) return {nullptr, system_error("cannot map")};
    std::shared_ptr<Image> image(new Image);
    image->data_ = static_cast<const uint8_t*>(data);
    image->size_ = size_t(facts.st_size);
    image->mapped_ = true;
    return {std::move(image), {}};
  }
};

std::shared_ptr<const Image> Image::adopt(ImageBytes bytes) {
  std::shared_ptr<Image> image(new Image);
  image->owned_ = std::move(bytes);
  image->data_ = image->owned_.data();
  image->size_ = image->owned_.size();
  return image;
}

Image::~Image() {
  if (mapped_) munmap(const_cast<uint8_t*>(data_), size_);
}

LoadedImage load_image_file(const std::string& path) {
  Descriptor file(retry_openat(AT_FDCWD, path.c_str(), O_RDONLY));
  if (!file) return {nullptr, errno == ENOENT ? std::string() : system_error("cannot open")};
  struct stat facts;
  LoadedImage loaded = MappedFile::map(file.get(), facts);
  if (!loaded.image) return loaded;
  if (auto error = check_image(loaded.image->view().bytes())) return {nullptr, *error};
  return loaded;
}

std::optional<std::string> store_image_file(const std::string& path, const ImageBytes& bytes) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  return replace_file(AT_FDCWD, folder, path.substr(folder.size()), bytes, nullptr);
}

// ---- the cache directory ------------------------------------------------------------------------

struct ImageCache::Verdict {
  uint64_t device, inode, size;
  int64_t changed;  // nanoseconds
  uint8_t hash[32];
  uint64_t seal;  // of the fields above and the build id: a torn or foreign record does not fit

  Verdict() = default;
  Verdict(const struct stat& facts, const uint8_t* image)
      : device(facts.st_dev),
        inode(facts.st_ino),
        size(uint64_t(facts.st_size)),
        changed(nanoseconds(facts.st_mtim)) {
    std::memcpy(hash, image + offsetof(Header, hash), sizeof hash);
    seal = 0;
  }
};

namespace {

// The index: a header, then an open-addressed table of verdicts, searched for at most kProbes
// places. When it is half full it starts again empty; what is still used earns its verdict again.
constexpr char kIndexName[] = "verdicts";
constexpr char kIndexMagic[8] = {'D', 'X', 'V', 'E', 'R', 'D', '0', '1'};
constexpr uint64_t kPlaces = 8192, kProbes = 16;
struct IndexHeader {
  char magic[8];
  uint64_t build, count;
};

std::optional<std::string> make_folders(const std::string& path) {
  for (size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    std::string part = path.substr(0, at);
    if (!part.empty() && mkdir(part.c_str(), 0700) != 0 && errno != EEXIST)
      return system_error("cannot make a folder");
    if (at == std::string::npos) return std::nullopt;
  }
}

bool plain_name(const std::string& name) {
  return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos &&
         name != kIndexName && name.find('\0') == std::string::npos;
}

}  // namespace

std::optional<std::string> ImageCache::open(const std::string& path, std::string_view build_id,
                                            std::unique_ptr<ImageCache>& out) {
  int number = retry_openat(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (number < 0 && errno == ENOENT) {
    if (auto error = make_folders(path)) return error;
    number = retry_openat(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }
  if (number < 0) return system_error("cannot open the cache directory");
  // Out of the way of the standard streams, which may be closed, and of programs that look at their
  // descriptors.
  for (int from : {900, 3}) {
    int moved = fcntl(number, F_DUPFD_CLOEXEC, from);
    if (moved < 0) continue;
    close(number);
    number = moved;
    break;
  }
  std::unique_ptr<ImageCache> cache(new ImageCache);
  cache->directory_ = number;
  struct stat facts;
  if (fstat(number, &facts) != 0) return system_error("cannot stat the cache directory");
  if (facts.st_uid != geteuid()) return "the cache directory belongs to another user";
  if (facts.st_mode & 077) return "others may enter the cache directory";
  Blake3Digest build = blake3({reinterpret_cast<const uint8_t*>(build_id.data()), build_id.size()});
  std::memcpy(&cache->build_, build.data(), sizeof cache->build_);
  out = std::move(cache);
  return std::nullopt;
}

ImageCache::~ImageCache() {
  if (directory_ >= 0) close(directory_);
}

LoadedImage ImageCache::load(const std::string& name) {
  if (!plain_name(name)) return {nullptr, "not a plain file name"};
  Descriptor file(retry_openat(directory_, name.c_str(), O_RDONLY | O_NOFOLLOW));
  if (!file) return {nullptr, errno == ENOENT ? std::string() : system_error("cannot open")};
  struct stat facts;
  LoadedImage loaded = MappedFile::map(file.get(), facts);
  if (!loaded.image) return loaded;
  if (facts.st_uid != geteuid() || facts.st_mode & 022)
    return {nullptr, "others may write the file"};
  std::span<const uint8_t> bytes = loaded.image->view().bytes();
  Verdict verdict(facts, bytes.data());
  if (!check_header(bytes) && known(verdict)) {
    __atomic_fetch_add(&trusted_, 1, __ATOMIC_RELAXED);
    return loaded;
  }
  __atomic_fetch_add(&verified_, 1, __ATOMIC_RELAXED);
  if (auto error = check_image(bytes)) return {nullptr, *error};
  remember(verdict);
  return loaded;
}

std::optional<std::string> ImageCache::store(const std::string& name, const ImageBytes& bytes) {
  if (!plain_name(name)) return "not a plain file name";
  CHECK(bytes.size() >= sizeof(Header));
  struct stat facts;
  if (auto error = replace_file(directory_, "", name, bytes, &facts)) return error;
  remember(Verdict(facts, bytes.data()));
  return std::nullopt;
}

uint64_t ImageCache::seal(const Verdict& verdict) const {
  uint64_t hash = mix(build_, verdict.device);
  hash = mix(mix(mix(hash, verdict.inode), verdict.size), uint64_t(verdict.changed));
  for (int at = 0; at < 32; at += 8) {
    uint64_t word;
    std::memcpy(&word, verdict.hash + at, 8);
    hash = mix(hash, word);
  }
  return hash | 1;  // an empty place has seal 0
}

bool ImageCache::open_verdicts(int& file, bool create) const {
  file = retry_openat(directory_, kIndexName, (create ? O_RDWR | O_CREAT : O_RDONLY) | O_NOFOLLOW,
                      0600);
  return file >= 0;
}

bool ImageCache::known(const Verdict& wanted) const {
  int number;
  if (!open_verdicts(number, false)) return false;
  Descriptor file(number);
  // One read: the places that could hold it lie side by side.
  Verdict places[kProbes];
  uint64_t want = seal(wanted);
  off_t at = off_t(sizeof(IndexHeader) + want % kPlaces * sizeof(Verdict));
  ssize_t got = pread(number, places, sizeof places, at);
  for (size_t i = 0; got > 0 && i < size_t(got) / sizeof(Verdict); ++i) {
    const Verdict& place = places[i];
    if (place.seal == want && seal(place) == want && place.device == wanted.device &&
        place.inode == wanted.inode && place.size == wanted.size &&
        place.changed == wanted.changed &&
        std::memcmp(place.hash, wanted.hash, sizeof place.hash) == 0) {
      return true;
    }
  }
  return false;
}

// A verdict that cannot be remembered costs time at the next start, nothing else; so errors end
// silently here.
void ImageCache::remember(const Verdict& verdict) {
  int number;
  if (!open_verdicts(number, true)) return;
  Descriptor file(number);
  if (flock(number, LOCK_EX) != 0) return;
  IndexHeader header{};
  ssize_t got = pread(number, &header, sizeof header, 0);
  bool good = got == ssize_t(sizeof header) && std::memcmp(header.magic, kIndexMagic, 8) == 0 &&
              header.build == build_;
  if (!good || header.count > kPlaces / 2) {
    if (ftruncate(number, 0) != 0) return;
    std::memcpy(header.magic, kIndexMagic, 8);
    header.build = build_, header.count = 0;
  }
  Verdict sealed = verdict;
  sealed.seal = seal(verdict);
  Verdict places[kProbes] = {};
  off_t start = off_t(sizeof(IndexHeader) + sealed.seal % kPlaces * sizeof(Verdict));
  if (pread(number, places, sizeof places, start) < 0) return;
  size_t place = 0;
  while (place < kProbes - 1 && places[place].seal != 0 && places[place].seal != sealed.seal)
    ++place;
  ++header.count;
  off_t at = start + off_t(place * sizeof(Verdict));
  if (pwrite(number, &header, sizeof header, 0) != ssize_t(sizeof header)) return;
  if (pwrite(number, &sealed, sizeof sealed, at) != ssize_t(sizeof sealed)) return;
}

}  // namespace dx::dpb
