// BLAKE3 against the algorithm's published vectors and, where it is installed, against b3sum.
#include "base/blake3.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace dx {
namespace {

std::string hex(const Blake3Digest& digest) {
  std::string text;
  for (uint8_t byte : digest)
    text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
  return text;
}

std::vector<uint8_t> pattern(size_t size) {  // the published vectors hash 0, 1, ..., 250, 0, 1, ...
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = uint8_t(i % 251);
  return bytes;
}

struct Vector {
  size_t size;
  const char* digest;
};
constexpr Vector kVectors[] = {
    {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
    {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
    {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
    {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
    {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
    {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
    {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
    {3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"},
    {3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"},
    {4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969"},
    {4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995"},
    {5120, "9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833"},
    {5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"},
    {6144, "3e2e5b74e048f3add6d21faab3f83aa44d3b2278afb83b80b3c35164ebeca205"},
    {6145, "f1323a8631446cc50536a9f705ee5cb619424d46887f3c376c695b70e0f0507f"},
    {7168, "61da957ec2499a95d6b8023e2b0e604ec7f6b50e80a9678b89d2628e99ada77a"},
    {7169, "a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817"},
};

TEST(Blake3, AgreesWithThePublishedVectors) {
  for (const Vector& vector : kVectors)
    EXPECT_EQ(hex(blake3(pattern(vector.size))), vector.digest) << vector.size;
}

TEST(Blake3, InputMayComeInPieces) {
  std::vector<uint8_t> bytes = pattern(100000);
  std::string whole = hex(blake3(bytes));
  for (size_t first : {1, 32, 63, 64, 65, 1023, 1024, 1025, 8192, 8193, 50000}) {
    Blake3 hash;
    std::span<const uint8_t> rest = bytes;
    hash.update(rest.first(first));
    hash.update(rest.subspan(first));
    EXPECT_EQ(hex(hash.finish()), whole) << first;
  }
  Blake3 hash;
  for (size_t at = 0; at < bytes.size(); at += 777) {
    hash.update(
        std::span<const uint8_t>(bytes).subspan(at, std::min<size_t>(777, bytes.size() - at)));
  }
  EXPECT_EQ(hex(hash.finish()), whole);
}

TEST(Blake3, FinishDoesNotEndTheInput) {
  Blake3 hash;
  hash.update(pattern(1000));
  hash.finish();
  std::vector<uint8_t> more = pattern(2000);
  hash.update(std::span<const uint8_t>(more).subspan(1000));
  EXPECT_EQ(hex(hash.finish()), hex(blake3(more)));
}

TEST(Blake3, AgreesWithB3sumWhereItIsInstalled) {
  if (std::system("b3sum --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "b3sum is not installed";
  char path[] = "/tmp/dx-blake3-XXXXXX";
  int file = mkstemp(path);
  ASSERT_GE(file, 0);
  for (size_t size : {0, 8191, 8192, 8193, 9216, 16384, 16385, 100000, 1048576, 1500001}) {
    std::vector<uint8_t> bytes = pattern(size);
    ASSERT_EQ(ftruncate(file, 0), 0);
    ASSERT_EQ(pwrite(file, bytes.data(), size, 0), ssize_t(size));
    FILE* pipe = popen(("b3sum --no-names " + std::string(path)).c_str(), "r");
    char line[128] = {};
    ASSERT_NE(std::fgets(line, sizeof line, pipe), nullptr);
    pclose(pipe);
    EXPECT_EQ(std::string(line, 64), hex(blake3(bytes))) << size;
  }
  close(file);
  unlink(path);
}

}  // namespace
}  // namespace dx
