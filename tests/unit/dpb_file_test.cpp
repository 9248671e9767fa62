// Image files: the cache directory's rules, remembered verdicts, damage on disk.
#include "dpb/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace dx::dpb {
namespace {

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/dx-dpb-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { EXPECT_EQ(std::system(("rm -rf " + path).c_str()), 0); }
};

ImageBytes image_of(int64_t number) {
  CodeUnit unit;
  unit.name = unit.qualname = "<module>";
  unit.register_count = 1;
  unit.constants = {Constant::integer(number)};
  unit.instructions = {emit::return_const(0)};
  ImageBytes bytes;
  EXPECT_EQ(write_image(unit, bytes), std::nullopt);
  return bytes;
}

std::unique_ptr<ImageCache> opened(const std::string& path, std::string_view build = "build 1") {
  std::unique_ptr<ImageCache> cache;
  EXPECT_EQ(ImageCache::open(path, build, cache), std::nullopt);
  return cache;
}

void overwrite(const std::string& path, size_t at, uint8_t byte) {
  int file = open(path.c_str(), O_WRONLY);
  ASSERT_GE(file, 0);
  ASSERT_EQ(pwrite(file, &byte, 1, off_t(at)), 1);
  close(file);
}

TEST(ImageCache, WhatIsStoredIsLoadedWithoutVerifyingItAgain) {
  Folder folder;
  auto cache = opened(folder.path);
  EXPECT_EQ(cache->store("m.dpb", image_of(5)), std::nullopt);
  LoadedImage loaded = cache->load("m.dpb");
  ASSERT_TRUE(loaded.image) << loaded.error;
  EXPECT_EQ(loaded.image->view().constant(0).payload, 5u);
  EXPECT_EQ(cache->trusted_loads(), 1u);
  EXPECT_EQ(cache->verified_loads(), 0u);
}

TEST(ImageCache, AMissingFileIsNoError) {
  Folder folder;
  LoadedImage loaded = opened(folder.path)->load("absent.dpb");
  EXPECT_FALSE(loaded.image);
  EXPECT_EQ(loaded.error, "");
}

TEST(ImageCache, AnUnknownFileIsVerifiedOnceAndThenTrusted) {
  Folder folder;
  ASSERT_EQ(store_image_file(folder.path + "/m.dpb", image_of(6)), std::nullopt);
  auto cache = opened(folder.path);
  EXPECT_TRUE(cache->load("m.dpb").image);
  EXPECT_EQ(cache->verified_loads(), 1u);
  EXPECT_TRUE(opened(folder.path)->load("m.dpb").image);
  EXPECT_TRUE(cache->load("m.dpb").image);
  EXPECT_EQ(cache->verified_loads(), 1u);
  EXPECT_EQ(cache->trusted_loads(), 1u);
}

TEST(ImageCache, AnotherBuildTrustsNothing) {
  Folder folder;
  EXPECT_EQ(opened(folder.path)->store("m.dpb", image_of(5)), std::nullopt);
  auto other = opened(folder.path, "build 2");
  EXPECT_TRUE(other->load("m.dpb").image);
  EXPECT_EQ(other->verified_loads(), 1u);
}

TEST(ImageCache, AChangedFileIsVerifiedAgainAndRefused) {
  Folder folder;
  auto cache = opened(folder.path);
  EXPECT_EQ(cache->store("m.dpb", image_of(5)), std::nullopt);
  overwrite(folder.path + "/m.dpb", 64, 0xEE);  // the first instruction
  LoadedImage loaded = cache->load("m.dpb");
  EXPECT_FALSE(loaded.image);
  EXPECT_EQ(loaded.error, "the hash does not fit the content");
}

TEST(ImageCache, AReplacedFileIsAnotherVersion) {
  Folder folder;
  auto cache = opened(folder.path);
  EXPECT_EQ(cache->store("m.dpb", image_of(5)), std::nullopt);
  LoadedImage before = cache->load("m.dpb");
  EXPECT_EQ(cache->store("m.dpb", image_of(6)), std::nullopt);
  EXPECT_EQ(cache->load("m.dpb").image->view().constant(0).payload, 6u);
  EXPECT_EQ(before.image->view().constant(0).payload, 5u);  // the old mapping lives on
}

TEST(ImageCache, DirectoriesOthersMayEnterAreRefused) {
  Folder folder;
  ASSERT_EQ(chmod(folder.path.c_str(), 0755), 0);
  std::unique_ptr<ImageCache> cache;
  EXPECT_EQ(ImageCache::open(folder.path, "b", cache), "others may enter the cache directory");
  EXPECT_EQ(cache, nullptr);
}

TEST(ImageCache, SymbolicLinksAreNotFollowed) {
  Folder folder;
  auto cache = opened(folder.path + "/real");
  ASSERT_EQ(store_image_file(folder.path + "/outside.dpb", image_of(5)), std::nullopt);
  ASSERT_EQ(symlink("../outside.dpb", (folder.path + "/real/m.dpb").c_str()), 0);
  EXPECT_FALSE(cache->load("m.dpb").image);
  ASSERT_EQ(symlink("real", (folder.path + "/link").c_str()), 0);
  std::unique_ptr<ImageCache> linked;
  EXPECT_NE(ImageCache::open(folder.path + "/link", "b", linked), std::nullopt);
}

TEST(ImageCache, NamesAreThoseOfPlainFiles) {
  Folder folder;
  auto cache = opened(folder.path);
  for (const char* name : {"", "a/b", "../m", ".hidden", "verdicts"}) {
    EXPECT_EQ(cache->load(name).error, "not a plain file name") << name;
    EXPECT_NE(cache->store(name, image_of(1)), std::nullopt) << name;
  }
}

TEST(ImageCache, MissingFoldersAreMadeForThisUserOnly) {
  Folder folder;
  opened(folder.path + "/a/b/c");
  struct stat facts;
  ASSERT_EQ(stat((folder.path + "/a/b/c").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

TEST(ImageCache, ADamagedIndexCostsOnlyAVerification) {
  Folder folder;
  auto cache = opened(folder.path);
  EXPECT_EQ(cache->store("m.dpb", image_of(5)), std::nullopt);
  ASSERT_EQ(truncate((folder.path + "/verdicts").c_str(), 10), 0);
  EXPECT_TRUE(cache->load("m.dpb").image);
  EXPECT_EQ(cache->verified_loads(), 1u);
  EXPECT_TRUE(cache->load("m.dpb").image);
  EXPECT_EQ(cache->trusted_loads(), 1u);
}

TEST(ImageCache, TheIndexHoldsManyFiles) {
  Folder folder;
  auto cache = opened(folder.path);
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(cache->store("m" + std::to_string(i), image_of(i)), std::nullopt);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(cache->load("m" + std::to_string(i)).image);
  EXPECT_EQ(cache->trusted_loads(), 500u);
}

TEST(ImageFile, FilesAnywhereAreAlwaysVerified) {
  Folder folder;
  std::string path = folder.path + "/m.dpb";
  ASSERT_EQ(store_image_file(path, image_of(5)), std::nullopt);
  EXPECT_TRUE(load_image_file(path).image);
  overwrite(path, 70, 0xEE);
  EXPECT_EQ(load_image_file(path).error, "the hash does not fit the content");
  EXPECT_EQ(load_image_file(folder.path).error, "not a regular file");
  EXPECT_EQ(load_image_file(folder.path + "/none").error, "");
  EXPECT_NE(store_image_file("/nonexistent/m.dpb", image_of(5)), std::nullopt);
}

}  // namespace
}  // namespace dx::dpb
