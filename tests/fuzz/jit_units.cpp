// Random units against the code generator.
//
//   jit_units valid [--count N] [--seconds S] [--seed X] [--run-every K]
//       valid units must compile, with the register-allocation checker awake (and the IR verifier
//       for one in eight); every K-th also runs in all settings against the reference interpreter
//   jit_units mutate [--count N] [--seconds S] [--seed X]
//       damaged units must compile or give an error: no crash, no panic, no hang, and reading,
//       printing and parsing must survive them too
//   jit_units show SEED
//       the unit of a seed, as text
//
// Every failure prints its seed and stops with status 1.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "jit/ssa_text.h"
#include "tests/jit/arena.h"

using namespace dx::jit;

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  uint64_t count = 100'000, seed = 1, run_every = 16;
  double seconds = 0;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int fail(uint64_t seed, const std::string& what, const SsaBuffer& words) {
  std::string error;
  auto text = print_ssa(words, error);
  std::printf("seed %llu: %s\n%s\n", static_cast<unsigned long long>(seed), what.c_str(),
              text ? text->c_str() : error.c_str());
  return 1;
}

// CPU time, so that a stopped or busy machine is not mistaken for a slow compile.
double cpu_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Progress {
  Clock::time_point start = Clock::now();
  double next = 60;
  void show(uint64_t done, const char* what) {
    double spent = seconds_since(start);
    if (spent < next) return;
    next += 60;
    std::printf("%llu %s in %.0f s\n", static_cast<unsigned long long>(done), what, spent);
    std::fflush(stdout);
  }
};

int valid(const Options& options) {
  // The checker proves every allocation; the slower IR verifier looks at one unit in eight.
  EngineOptions plain = all_combinations(true), hidden = all_combinations(true);
  plain.verify_ir = false;
  TestArena arena(plain);
  hidden.context_in_register = false;
  TestArena other(hidden);
  if (!arena.engine || !other.engine) return 2;
  uint64_t done = 0, ran = 0, insts = 0, per_tier[kTierCount] = {};
  Progress progress;
  double slowest = 0;
  for (; done < options.count; ++done) {
    if (options.seconds > 0 && seconds_since(progress.start) > options.seconds) break;
    uint64_t seed = options.seed + done;
    TestArena& at = seed % 8 == 7 ? other : arena;
    SsaBuffer words = RandomUnit(seed, reinterpret_cast<uint64_t>(at.other)).make();
    Tier tier = static_cast<Tier>(seed * 0x9e3779b97f4a7c15 >> 62);
    CodeView view;
    double before = cpu_seconds();
    if (at.compiler->compile(tier, words, view) != CompileStatus::ok) {
      return fail(seed,
                  "tier " + std::to_string(static_cast<int>(tier)) + ": " + at.compiler->error(),
                  words);
    }
    slowest = std::max(slowest, cpu_seconds() - before);
    insts += words[kHeadInsts];
    ++per_tier[static_cast<int>(tier)];
    if (seed % options.run_every == 0) {
      for (uint32_t each = 0; each < kTierCount; ++each) {
        std::string wrong = at.compare(words, static_cast<Tier>(each), seed);
        if (!wrong.empty()) return fail(seed, "tier " + std::to_string(each) + ": " + wrong, words);
        ++ran;
      }
    }
    progress.show(done + 1, "units");
  }
  double spent = seconds_since(progress.start);
  std::printf(
      "%llu valid units compiled (none+single %llu, speed+backtracking %llu, none+backtracking "
      "%llu, speed+single %llu), "
      "%.1f instructions each, %llu runs agree with the reference, %.0f s, slowest compile %.1f "
      "ms\n",
      static_cast<unsigned long long>(done), static_cast<unsigned long long>(per_tier[0]),
      static_cast<unsigned long long>(per_tier[1]), static_cast<unsigned long long>(per_tier[2]),
      static_cast<unsigned long long>(per_tier[3]),
      static_cast<double>(insts) / static_cast<double>(done ? done : 1),
      static_cast<unsigned long long>(ran), spent, slowest * 1e3);
  return 0;
}

void damage(SsaBuffer& words, Rng& rng) {
  for (uint32_t n = 1 + rng.below(4); n > 0; --n) {
    size_t size = words.size();
    if (size == 0) return;
    uint32_t at = rng.below(static_cast<uint32_t>(size)),
             from = rng.below(static_cast<uint32_t>(size));
    switch (rng.below(12)) {
      case 0: words[at] = static_cast<uint32_t>(rng.next()); break;
      case 1: words[at] ^= 1u << rng.below(32); break;
      case 2: words[at] += 1; break;
      case 3: words[at] -= 1; break;
      case 4: words[at] = words[from]; break;
      case 5: std::swap(words[at], words[from]); break;
      case 6: words[at] = rng.below(40); break;
      case 7: words.resize(at); break;
      case 8: words.insert(words.begin() + at, rng.below(2) ? words[from] : rng.below(200)); break;
      case 9: words.erase(words.begin() + at); break;
      case 10: words[at] = words[at] ^ (rng.below(256) << 8 * rng.below(4)); break;
      default: {  // a piece of the unit once more
        size_t length = std::min<size_t>(rng.below(12), size - from);
        std::vector<uint32_t> piece(words.begin() + from,
                                    words.begin() + static_cast<long>(from + length));
        words.insert(words.begin() + at, piece.begin(), piece.end());
        break;
      }
    }
  }
  // Most of them get past the first check.
  if (words.size() > kHeadWords && !rng.one_in(8))
    words[kHeadWords] = static_cast<uint32_t>(words.size());
}

int mutate(const Options& options) {
  TestArena arena(all_combinations(true));
  if (!arena.engine) return 2;
  uint64_t done = 0, refused = 0, survived = 0, readable = 0;
  double slowest = 0;
  Progress progress;
  for (; done < options.count; ++done) {
    if (options.seconds > 0 && seconds_since(progress.start) > options.seconds) break;
    uint64_t seed = options.seed + done;
    Rng rng(seed ^ 0x5bd1e995);
    SsaBuffer words = RandomUnit(seed / 8, reinterpret_cast<uint64_t>(arena.other)).make();
    damage(words, rng);
    std::string error;
    if (auto text = print_ssa(words, error)) {
      ++readable;
      auto again = parse_ssa(*text, error);
      if (!again) return fail(seed, "the text does not parse: " + error + "\n" + *text, words);
      if (*again != words) {
        // The text leaves out what it cannot show: constants' spare bits do not exist, so only
        // equal text is asked for.
        auto second = print_ssa(*again, error);
        if (!second || *second != *text) return fail(seed, "the text is not stable", words);
      }
    }
    CodeView view;
    double before = cpu_seconds();
    CompileStatus status =
        arena.compiler->compile(static_cast<Tier>(rng.below(kTierCount)), words, view);
    double spent = cpu_seconds() - before;
    slowest = std::max(slowest, spent);
    if (spent > 10) return fail(seed, "took " + std::to_string(spent) + " s", words);
    switch (status) {
      case CompileStatus::ok: ++survived; break;
      case CompileStatus::bad_unit:
      case CompileStatus::too_large: ++refused; break;
      default:
        return fail(
            seed,
            "status " + std::to_string(static_cast<int>(status)) + ": " + arena.compiler->error(),
            words);
    }
    progress.show(done + 1, "mutants");
  }
  std::printf(
      "%llu mutated units: %llu refused, %llu still valid, %llu readable as text, %.0f s, slowest "
      "compile %.1f ms\n",
      static_cast<unsigned long long>(done), static_cast<unsigned long long>(refused),
      static_cast<unsigned long long>(survived), static_cast<unsigned long long>(readable),
      seconds_since(progress.start), slowest * 1e3);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 2; i + 1 < argc; i += 2) {
    const char* value = argv[i + 1];
    if (!std::strcmp(argv[i], "--count"))
      options.count = std::strtoull(value, nullptr, 10);
    else if (!std::strcmp(argv[i], "--seconds"))
      options.seconds = std::strtod(value, nullptr), options.count = ~0ull;
    else if (!std::strcmp(argv[i], "--seed"))
      options.seed = std::strtoull(value, nullptr, 10);
    else if (!std::strcmp(argv[i], "--run-every"))
      options.run_every = std::max(1ull, std::strtoull(value, nullptr, 10));
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 2;
  }
  if (argc > 1 && !std::strcmp(argv[1], "valid")) return valid(options);
  if (argc > 1 && !std::strcmp(argv[1], "mutate")) return mutate(options);
  if (argc > 2 && !std::strcmp(argv[1], "show")) {
    std::string error;
    uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    std::fputs(print_ssa(RandomUnit(seed, 0x1000).make(), error).value_or(error).c_str(), stdout);
    return 0;
  }
  return std::fprintf(stderr, "jit_units valid|mutate [options], or jit_units show SEED\n"), 2;
}
