// Images: content survives, bytes are deterministic, damage is refused, views read what was
// written.
#include "dpb/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "dpb/verifier.h"
#include "dpb/writer.h"

namespace dx::dpb {
namespace {

using namespace emit;

// A module with a nested function that uses every kind of constant, cells, sites, exceptions and
// positions.
CodeUnit sample() {
  auto inner = std::make_shared<CodeUnit>();
  inner->name = "f", inner->qualname = "outer.<locals>.f";
  inner->first_line = 3;
  inner->flags = kCoOptimized | kCoNewLocals | kCoHasDocstring;
  inner->argument_count = 1;
  inner->varnames = {"x", "y"};
  inner->cellvars = {"x"};
  inner->freevars = {"outer"};
  inner->names = {"attr", "r\xc3\xa9sum\xc3\xa9"};
  inner->constants = {Constant::string("doc"), Constant::integer(-7),
                      Constant::tuple({Constant::string("doc"), Constant::none()})};
  inner->sites = {{SiteKind::attr_load, 1}, {SiteKind::call, CacheSite::kNoName}};
  inner->register_count = 3 + 8;
  inner->instructions = {
      make_cell(0),    copy_free_vars(2, 1), load_deref(3, 0),  load_attr(1, 3, 0, kKillB),
      return_value(1), push_exc_info(4, 3),  reraise(3, kKillB)};
  inner->exceptions = {{2, 4, 5, 0}};
  inner->positions = {{3, 3, 0, 9},   {3, 3, 0, 9}, {4, 4, 11, 12}, {4, 5, 11, 300},
                      {4, 4, -1, -1}, {},           {2, 2, 4, 8}};
  inner->annotations = {{"x", "int"}, {"return", "list[str]"}};

  CodeUnit unit;
  unit.name = unit.qualname = "<module>";
  unit.flags = 0;
  unit.names = {"outer"};
  unit.constants = {Constant::none(),
                    Constant::boolean(true),
                    Constant::boolean(false),
                    Constant::ellipsis(),
                    Constant::integer(INT64_MIN),
                    Constant::big(true, {0, 0, 1}),
                    Constant::real(-0.0),
                    Constant::real(0.0),
                    Constant::real(std::numeric_limits<double>::quiet_NaN()),
                    Constant::imaginary(1.5, -INFINITY),
                    Constant::string(""),
                    Constant::string("\xed\xa0\x80 lone surrogate"),
                    Constant::byte_string(std::string("\0\xff", 2)),
                    Constant::frozen_set({Constant::integer(1), Constant::string("a")}),
                    Constant::slice(Constant::integer(1), Constant::none(), Constant::none()),
                    Constant::tuple({}),
                    Constant::nested(inner)};
  unit.sites = {{SiteKind::name_store, 0}};
  unit.register_count = 2;
  unit.instructions = {load_const(1, 5), store_name(1, 0, kKillA), return_const(0)};
  return unit;
}

ImageBytes written(const CodeUnit& unit) {
  ImageBytes bytes;
  EXPECT_EQ(write_image(unit, bytes), std::nullopt);
  return bytes;
}

// Instructions of `inner` need a closure, so it cannot be called; the sample never makes a function
// of it.
TEST(Image, ContentSurvives) {
  CodeUnit unit = sample(), back;
  ImageBytes bytes = written(unit);
  ASSERT_EQ(check_image(bytes, &back), std::nullopt);
  EXPECT_TRUE(same_unit(unit, back));
  EXPECT_EQ(written(back), bytes);
}

TEST(Image, BytesDependOnTheContentAlone) {
  EXPECT_EQ(written(sample()), written(sample()));
  CodeUnit other = sample();
  other.first_line = 2;
  EXPECT_NE(written(other), written(sample()));
}

TEST(Image, SectionsAreAlignedAndTheHeaderIs64Bytes) {
  ImageBytes bytes = written(sample());
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(std::memcmp(header.magic, "DPB\x01", 4), 0);
  EXPECT_EQ(header.sections[0], 64u);
  for (uint32_t offset : header.sections) EXPECT_EQ(offset % 64, 0u);
}

TEST(Image, ViewsReadInPlace) {
  CodeUnit unit = sample();
  ImageBytes bytes = written(unit);
  ImageView image(bytes);
  ASSERT_EQ(image.unit_count(), 2u);
  CodeView root = image.root(), inner = image.unit(1);
  EXPECT_EQ(root.name().view(), "<module>");
  EXPECT_EQ(inner.qualname().view(), "outer.<locals>.f");
  EXPECT_EQ(inner.first_temporary(), 3u);
  EXPECT_EQ(image.text(inner.varnames()[1]).view(), "y");
  EXPECT_EQ(image.text(inner.cellvars()[0]).view(), "x");
  EXPECT_EQ(inner.cell_registers()[0], 0u);  // a parameter keeps its register
  EXPECT_EQ(image.text(inner.freevars()[0]).view(), "outer");
  EXPECT_EQ(inner.instructions()[3], load_attr(1, 3, 0, kKillB));
  EXPECT_EQ(inner.depths()[3], 1);
  EXPECT_EQ(inner.sites()[0].name, 1u);
  Text name = image.text(inner.names()[1]);
  EXPECT_EQ(name.size, 8u);
  EXPECT_EQ(name.length, 6u);
  EXPECT_EQ(name.width, 1u);
  EXPECT_EQ(inner.handler_of(1), nullptr);
  ASSERT_NE(inner.handler_of(3), nullptr);
  EXPECT_EQ(inner.handler_of(3)->handler, 5u);
  EXPECT_EQ(inner.handler_of(4), nullptr);
  EXPECT_EQ(inner.position(3), (SourcePosition{4, 5, 11, 300}));
  EXPECT_EQ(inner.position(5), SourcePosition{});
  EXPECT_EQ(inner.annotations().size(), 2u);
  const ConstantRecord& big = image.constant(root.constants()[5]);
  EXPECT_EQ(image.limbs_of(big).size(), 3u);
  EXPECT_EQ(big.negative, 1);
  EXPECT_EQ(image.kind(root.constants()[16]), Constant::Kind::code);
  EXPECT_EQ(image.constant(root.constants()[16]).size, 1u);  // unit 1
  // 'doc' is one constant wherever it is used
  EXPECT_EQ(image.items_of(image.constant(inner.constants()[2]))[0], inner.constants()[0]);
}

TEST(Image, EverySingleChangedByteIsRefused) {
  ImageBytes bytes = written(sample());
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (uint8_t flip : {0x01, 0x80, 0xFF}) {
      ImageBytes damaged = bytes;
      damaged[at] ^= flip;
      EXPECT_NE(check_image(damaged), std::nullopt) << "byte " << at;
    }
  }
}

// As above, but with the hash made to fit: structure, verifier or canonical form must refuse, or
// the change is a real change of content.
TEST(Image, EveryForgedByteIsRefusedOrMeansSomethingElse) {
  CodeUnit unit = sample();
  ImageBytes bytes = written(unit);
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (at >= 32 && at < 64) continue;
    for (uint8_t flip : {0x01, 0x02, 0x80, 0xFF}) {
      ImageBytes forged = bytes;
      forged[at] ^= flip;
      Blake3Digest hash = image_hash(forged);
      std::memcpy(forged.data() + 32, hash.data(), 32);
      CodeUnit back;
      if (check_image(forged, &back)) {
        ++refused;
      } else {
        EXPECT_FALSE(same_unit(unit, back)) << "byte " << at;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(Image, TruncatedAndPaddedImagesAreRefused) {
  ImageBytes bytes = written(sample());
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_NE(check_image(std::span<const uint8_t>(bytes).first(size)), std::nullopt) << size;
  }
  bytes.push_back(0);
  EXPECT_NE(check_image(bytes), std::nullopt);
}

TEST(Image, OtherVersionsAreNamed) {
  ImageBytes bytes = written(sample());
  bytes[4] ^= 1;
  EXPECT_EQ(check_image(bytes), "made for another version of the bytecode");
  EXPECT_EQ(check_image(ImageBytes(100, 'x')), "not a DPB file");
}

TEST(Image, CodeTheVerifierRefusesIsNotWritten) {
  CodeUnit unit = sample();
  unit.instructions[0] = load_const(9, 5);
  ImageBytes bytes;
  EXPECT_NE(write_image(unit, bytes), std::nullopt);
}

TEST(Positions, EveryShapeSurvives) {
  std::vector<SourcePosition> positions;
  for (int32_t line : {-1, 0, 1, 2, 300, 5, INT32_MAX}) {
    for (int32_t end_line : {-1, line, 301}) {
      for (int32_t column : {-1, 0, 255, 256, INT32_MAX}) {
        for (int32_t end_column : {-1, 0, 255, 700, INT32_MAX})
          positions.push_back({line, end_line, column, end_column});
      }
    }
  }
  for (int i = 0; i < 100; ++i)
    positions.push_back({7, 7, 1, 2});  // runs longer than an entry holds
  std::string packed = encode_positions(positions, 10);
  PositionReader reader({reinterpret_cast<const uint8_t*>(packed.data()), packed.size()}, 10);
  std::vector<SourcePosition> back;
  while (reader.next()) back.insert(back.end(), reader.run(), reader.position());
  EXPECT_FALSE(reader.malformed());
  EXPECT_EQ(back, positions);
}

TEST(Positions, TypicalCodeTakesThreeBytesAnEntry) {
  std::vector<SourcePosition> positions;
  for (int i = 0; i < 100; ++i)
    positions.push_back({10 + i / 4, 10 + i / 4, 4 + i % 40, 20 + i % 40});
  EXPECT_LE(encode_positions(positions, 10).size(), 300u);
}

}  // namespace
}  // namespace dx::dpb
