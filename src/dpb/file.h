#pragma once
// Images in files: mapping, verifying once per file version, writing atomically.
//
//   ImageCache (a directory of ours, mode 0700)      load_image_file (anywhere)
//     load: mmap, then look into `verdicts`            load: mmap, then always hash and verify
//       known version  -> use it at once
//       unknown        -> hash, verify, remember
//     store: temporary file, rename, remember
//
// A verdict is remembered under (device, inode, size, time of change, BLAKE3) and the build id, and
// only for files in a directory that this user owns and nobody else can enter: whoever can write
// there can already run code as this user. Files are replaced by rename, never changed in place, so
// a mapping stays valid as long as its Image lives.
//
// All functions may be called from any thread; several processes may share a directory.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dpb/image.h"
#include "dpb/writer.h"

namespace dx::dpb {

// Owns the bytes of a checked image: a mapping, or memory. Code objects keep it alive.
class Image {
 public:
  // Requires: the bytes come from write_image, or check_image accepts them.
  static std::shared_ptr<const Image> adopt(ImageBytes bytes);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  ImageView view() const { return ImageView({data_, size_}); }

 private:
  friend class MappedFile;
  Image() = default;

  ImageBytes owned_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
};

// What a load found. Without an image, `error` tells why; an empty error means that there is no
// such file.
struct LoadedImage {
  std::shared_ptr<const Image> image;
  std::string error;
};

// Maps a file anywhere, hashes and verifies it.
LoadedImage load_image_file(const std::string& path);
// Writes by way of a temporary file beside it and a rename.
[[nodiscard]] std::optional<std::string> store_image_file(const std::string& path,
                                                          const ImageBytes& bytes);

class ImageCache {
 public:
  // Opens `path`, creating it and its parents (mode 0700) when missing. Refuses a directory that
  // belongs to another user, that others may enter, or that is a symbolic link. `build_id` is part
  // of every verdict.
  [[nodiscard]] static std::optional<std::string> open(const std::string& path,
                                                       std::string_view build_id,
                                                       std::unique_ptr<ImageCache>& out);
  ~ImageCache();
  ImageCache(const ImageCache&) = delete;
  ImageCache& operator=(const ImageCache&) = delete;

  // `name`: a plain file name.
  LoadedImage load(const std::string& name);
  [[nodiscard]] std::optional<std::string> store(const std::string& name, const ImageBytes& bytes);

  // For tests and statistics: loads that needed no verification, and those that did.
  uint64_t trusted_loads() const { return __atomic_load_n(&trusted_, __ATOMIC_RELAXED); }
  uint64_t verified_loads() const { return __atomic_load_n(&verified_, __ATOMIC_RELAXED); }

 private:
  ImageCache() = default;
  struct Verdict;
  bool known(const Verdict& wanted) const;
  void remember(const Verdict& verdict);
  bool open_verdicts(int& file, bool create) const;
  uint64_t seal(const Verdict& verdict) const;

  int directory_ = -1;
  uint64_t build_ = 0;
  uint64_t trusted_ = 0, verified_ = 0;
};

}  // namespace dx::dpb
