// libFuzzer over the bytecode room. The first byte chooses what the rest is:
//   I  an image (its hash is made to fit, so that the fuzzer gets past it)
//   T  text for the assembler
//   C  instructions of a function with constants, sites, cells, a handler and positions
// Nothing may crash or hang, and whatever the verifier accepts must survive every round trip.
//
//   ./dev test fuzz dpb --preset asan --seconds 60
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "dpb/assembler.h"
#include "dpb/disassembler.h"
#include "dpb/image.h"
#include "dpb/writer.h"

using namespace dx::dpb;

namespace {

void round_trip(const CodeUnit& unit) {
  ImageBytes bytes, again;
  if (write_image(unit, bytes)) return;
  CodeUnit decoded, assembled;
  CHECK(!check_image(bytes, &decoded));
  CHECK(same_unit(unit, decoded));
  CHECK(!assemble(disassemble(decoded), assembled));
  CHECK(!write_image(assembled, again));
  CHECK(bytes == again);
}

void fuzz_image(const uint8_t* data, size_t size) {
  ImageBytes bytes(data, data + size);
  if (size >= sizeof(Header)) {
    uint16_t version = kTableVersion;
    std::memcpy(bytes.data(), kMagic, sizeof kMagic);
    std::memcpy(bytes.data() + 4, &version, sizeof version);
    dx::Blake3Digest hash = image_hash(bytes);
    std::memcpy(bytes.data() + offsetof(Header, hash), hash.data(), hash.size());
  }
  CodeUnit unit;
  if (!check_image(bytes, &unit)) round_trip(unit);
  CodeUnit unchecked;  // also what only decodes must print and be refused without harm
  if (!decode_image(bytes, unchecked)) {
    CodeUnit back;
    (void)assemble(disassemble(unchecked), back).has_value();
    round_trip(unchecked);
  }
}

void fuzz_text(const uint8_t* data, size_t size) {
  CodeUnit unit;
  if (!assemble({reinterpret_cast<const char*>(data), size}, unit)) round_trip(unit);
}

void fuzz_code(const uint8_t* data, size_t size) {
  if (size < 2) return;
  CodeUnit unit;
  unit.name = unit.qualname = "f";
  uint8_t shape = data[0], handler = data[1];
  unit.flags = (shape & 1 ? kCoOptimized : 0) | (shape & 2 ? kCoGenerator : 0);
  unit.argument_count = 2;
  unit.varnames = {"a", "b", "c"};
  unit.cellvars = {"a", "d"};
  if (shape & 4) unit.freevars = {"e", "f"};
  unit.names = {"x", "y"};
  auto nested = std::make_shared<CodeUnit>();
  nested->name = nested->qualname = "g";
  nested->flags = kCoOptimized;
  if (shape & 8) nested->freevars = {"a"};
  nested->register_count = 1;
  nested->constants = {Constant::none()};
  nested->instructions = {emit::return_const(0)};
  unit.constants = {Constant::none(), Constant::string("s"),
                    Constant::tuple({Constant::string("k")}), Constant::nested(nested)};
  for (int kind = 1; kind < kSiteKindCount; ++kind) {
    unit.sites.push_back({SiteKind(kind), SiteKind(kind) == SiteKind::call ? CacheSite::kNoName
                                                                           : uint32_t(kind & 1)});
  }
  unit.register_count = 32;
  size_t count = (size - 2) / 8;
  unit.instructions.resize(count);
  if (count) std::memcpy(unit.instructions.data(), data + 2, count * 8);
  if (shape & 64) {  // most random bytes name no op; this half of the inputs gets further
    for (Instruction& instruction : unit.instructions) instruction.op %= kOpCount;
  }
  if (shape & 16 && count > 2) {
    unit.exceptions = {{1, uint32_t(count) - 1, handler % uint32_t(count), handler % 8u}};
  }
  if (shape & 32) unit.positions.assign(count, {1, 2, 3, 4});
  CodeUnit back;
  if (!assemble(disassemble(unit), back)) CHECK(back.instructions.size() == count);
  round_trip(unit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  switch (data[0]) {
    case 'I': fuzz_image(data + 1, size - 1); break;
    case 'T': fuzz_text(data + 1, size - 1); break;
    default: fuzz_code(data + 1, size - 1);
  }
  return 0;
}
