// _suggestions: the closest name, for "Did you mean". The weights and limits are those of CPython,
// so that the hints are the same.

#include <algorithm>
#include <string_view>
#include <vector>

#include "objects/list.h"
#include "objects/module.h"
#include "objects/str.h"

namespace dx {

namespace {

constexpr size_t kMostCandidates = 750, kLongest = 40;
constexpr size_t kMove = 2, kCase = 1;

size_t substitution(char a, char b) {
  if ((a & 31) != (b & 31)) return kMove;
  if (a == b) return 0;
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return lower(a) == lower(b) ? kCase : kMove;
}

// The cost of turning a into b by insertions, deletions and substitutions; more than `most` when it
// exceeds that.
size_t distance(std::string_view a, std::string_view b, size_t most) {
  if (a == b) return 0;
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  if (a.empty() || b.empty()) return (a.size() + b.size()) * kMove;
  if (a.size() > kLongest || b.size() > kLongest) return most + 1;
  if (b.size() < a.size()) std::swap(a, b);
  if ((b.size() - a.size()) * kMove > most) return most + 1;
  size_t row[kLongest];  // costs of the prefixes of a against the prefix of b so far
  for (size_t i = 0; i < a.size(); ++i) row[i] = (i + 1) * kMove;
  size_t result = 0;
  for (size_t j = 0; j < b.size(); ++j) {
    size_t diagonal = j * kMove, least = SIZE_MAX;
    result = diagonal;
    for (size_t i = 0; i < a.size(); ++i) {
      size_t replaced = diagonal + substitution(b[j], a[i]);
      diagonal = row[i];
      result = std::min(std::min(result, diagonal) + kMove, replaced);
      row[i] = result;
      least = std::min(least, result);
    }
    if (least > most) return most + 1;
  }
  return result;
}

AnyResult suggestions_generate(Thread& thread, Any candidates, Any item) {
  if (!is_list(candidates)) return raise<TypeError>(thread, "candidates must be a list");
  if (!is_str(item))
    return raise<TypeError>(thread, "_generate_suggestions() argument 2 must be str, not {}",
                            type_name_in(item));
  AnyRef copy = TRY(sequence_list(thread, candidates));
  Borrowed<List> names(copy.value());
  auto count = static_cast<size_t>(list_length(names));
  for (size_t i = 0; i < count; ++i) {
    if (!is_str(list_item(thread, names, static_cast<Word>(i)).value()))
      return raise<TypeError>(thread, "all elements in 'candidates' must be strings");
  }
  if (count >= kMostCandidates) return AnyRef::adopt(kNone);
  std::string_view wanted = TRY(str_utf8(thread, Borrowed<Str>(item.value())));
  AnyRef best = AnyRef::adopt(kNone);
  size_t best_distance = SIZE_MAX;
  for (size_t i = 0; i < count; ++i) {
    AnyRef name = list_item(thread, names, static_cast<Word>(i)).take();
    Result<std::string_view> utf8 = str_utf8(thread, Borrowed<Str>(name.value()));
    if (utf8.raised()) return Raised{};
    std::string_view candidate = utf8.take();
    if (candidate == wanted) continue;
    size_t most = std::min((wanted.size() + candidate.size() + 3) * kMove / 6, best_distance - 1);
    size_t cost = distance(wanted, candidate, most);
    if (cost > most) continue;
    best_distance = cost;
    best = std::move(name);
  }
  return best;
}

constexpr Method suggestions_functions[] = {
    function<suggestions_generate>("_generate_suggestions(candidates, item, /)",
                                   "Returns the candidate in candidates that's closest to item")};

}  // namespace

extern const ModuleSpec _suggestions_module{
    .name = "_suggestions", .doc = nullptr, .functions = suggestions_functions};

}  // namespace dx
