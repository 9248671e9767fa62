#include "dpb/code_unit.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace dx::dpb {
namespace {

Constant of_kind(Constant::Kind kind) {
  Constant constant;
  constant.kind = kind;
  return constant;
}

// 64-bit mixing of a running hash with one more word (the multiply-and-fold idea, with our own odd
// constants).
uint64_t mix(uint64_t hash, uint64_t word) {
  unsigned __int128 product =
      static_cast<unsigned __int128>(hash ^ word ^ 0x9d6f3b2ac57e11c5u) * 0xd1b54a32d192ed03u;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

}  // namespace

Constant Constant::none() { return of_kind(Kind::none); }
Constant Constant::boolean(bool value) {
  return of_kind(value ? Kind::true_value : Kind::false_value);
}
Constant Constant::ellipsis() { return of_kind(Kind::ellipsis); }

Constant Constant::integer(int64_t value) {
  Constant constant = of_kind(Kind::int64);
  constant.bits[0] = uint64_t(value);
  return constant;
}

Constant Constant::big(bool negative, std::vector<uint64_t> limbs) {
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  if (limbs.empty()) return integer(0);
  constexpr uint64_t kTop = uint64_t{1} << 63;
  if (limbs.size() == 1 && limbs[0] < kTop + negative) {
    return integer(int64_t(negative ? uint64_t{0} - limbs[0] : limbs[0]));
  }
  Constant constant = of_kind(Kind::big_int);
  constant.negative = negative;
  constant.limbs = std::move(limbs);
  return constant;
}

Constant Constant::real(double value) {
  Constant constant = of_kind(Kind::float64);
  constant.bits[0] = std::bit_cast<uint64_t>(value);
  return constant;
}

Constant Constant::imaginary(double real, double imaginary) {
  Constant constant = of_kind(Kind::complex);
  constant.bits[0] = std::bit_cast<uint64_t>(real);
  constant.bits[1] = std::bit_cast<uint64_t>(imaginary);
  return constant;
}

Constant Constant::string(std::string text) {
  Constant constant = of_kind(Kind::str);
  constant.text = std::move(text);
  return constant;
}

Constant Constant::byte_string(std::string bytes) {
  Constant constant = of_kind(Kind::bytes);
  constant.text = std::move(bytes);
  return constant;
}

Constant Constant::tuple(std::vector<Constant> items) {
  Constant constant = of_kind(Kind::tuple);
  constant.items = std::move(items);
  return constant;
}

Constant Constant::frozen_set(std::vector<Constant> items) {
  Constant constant = of_kind(Kind::frozenset);
  constant.items = std::move(items);
  return constant;
}

Constant Constant::slice(Constant start, Constant stop, Constant step) {
  Constant constant = of_kind(Kind::slice);
  constant.items = {std::move(start), std::move(stop), std::move(step)};
  return constant;
}

Constant Constant::nested(std::shared_ptr<CodeUnit> code) {
  Constant constant = of_kind(Kind::code);
  constant.code = std::move(code);
  return constant;
}

bool operator==(const Constant& left, const Constant& right) {
  return left.kind == right.kind && left.negative == right.negative &&
         left.bits[0] == right.bits[0] && left.bits[1] == right.bits[1] &&
         left.text == right.text && left.limbs == right.limbs && left.code == right.code &&
         left.items == right.items;
}

uint64_t Constant::hash() const {
  uint64_t hash = mix(uint64_t(kind) + 1, negative);
  hash = mix(mix(hash, bits[0]), bits[1]);
  hash = mix(hash, std::hash<std::string>{}(text));
  for (uint64_t limb : limbs) hash = mix(hash, limb);
  for (const Constant& item : items) hash = mix(hash, item.hash());
  return mix(hash, reinterpret_cast<uintptr_t>(code.get()));
}

bool CodeUnit::is_parameter(std::string_view variable) const {
  size_t count = std::min<size_t>(parameter_count(), varnames.size());
  return std::find(varnames.begin(), varnames.begin() + count, variable) !=
         varnames.begin() + count;
}

// Sets, not nested searches: a hostile file may have 65,000 parameters and as many cells.
std::vector<uint32_t> CodeUnit::cell_registers() const {
  std::unordered_map<std::string_view, uint32_t> parameters;
  size_t count = cellvars.empty() ? 0 : std::min<size_t>(parameter_count(), varnames.size());
  for (size_t index = count; index-- > 0;) parameters[varnames[index]] = uint32_t(index);
  std::vector<uint32_t> registers;
  uint32_t place = first_own_cell();
  for (const std::string& cell : cellvars) {
    auto found = parameters.find(cell);
    registers.push_back(found == parameters.end() ? place++ : first_local() + found->second);
  }
  return registers;
}

uint32_t CodeUnit::own_cell_count() const {
  std::vector<uint32_t> registers = cell_registers();
  return uint32_t(std::count_if(registers.begin(), registers.end(),
                                [&](uint32_t index) { return index >= first_own_cell(); }));
}

bool same_unit(const CodeUnit& left, const CodeUnit& right) {
  auto same_constant = [](const Constant& a, const Constant& b) {
    if (a.kind != Constant::Kind::code || b.kind != Constant::Kind::code) return a == b;
    return a.code && b.code && same_unit(*a.code, *b.code);
  };
  return left.name == right.name && left.qualname == right.qualname &&
         left.first_line == right.first_line && left.flags == right.flags &&
         left.argument_count == right.argument_count &&
         left.positional_only == right.positional_only && left.keyword_only == right.keyword_only &&
         left.varnames == right.varnames && left.cellvars == right.cellvars &&
         left.freevars == right.freevars && left.names == right.names &&
         left.sites == right.sites && left.instructions == right.instructions &&
         left.exceptions == right.exceptions && left.positions == right.positions &&
         left.annotations == right.annotations && left.register_count == right.register_count &&
         std::equal(left.constants.begin(), left.constants.end(), right.constants.begin(),
                    right.constants.end(), same_constant);
}

}  // namespace dx::dpb
