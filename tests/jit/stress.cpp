// Two threads compile and install, two run and free, over the same code memory; meant for
// ThreadSanitizer.
//
//   jit_stress [--seconds S]      (default 5)
//
// Units hang in a table of atomic pointers. A compiling thread puts a fresh unit into a slot and
// retires the one it displaces; a running thread enters, calls whatever it finds, checks the answer
// against the number in the unit's data, sometimes takes the unit out and retires it, and reclaims.
// Every unit knows its own number, so that code freed too early or memory given out twice shows as
// a wrong answer even without a sanitizer.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "tests/jit/arena.h"

using namespace dx::jit;

namespace {

constexpr uint32_t kSlots = 64;

struct Entry {
  CodeUnit* unit;
  uint64_t number;
};

SsaBuffer numbered_unit(uint64_t number) {
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  b.reserve_data(16 + 16 * (number % 40));
  Val cell = b.unit_data(8);
  Val calls = b.load(Type::i64, Region::unit_data, cell, 0);
  b.store(Region::unit_data, calls, cell, 0);
  // Units of very different length, so that the memory fragments.
  Val value = b.iconst(static_cast<int64_t>(number));
  for (uint64_t i = number % 50; i > 0; --i) value = b.bxor(b.imul(value, b.iconst(3)), b.param(0));
  b.ret(value);
  return b.finish();
}

uint64_t expected(uint64_t number, uint64_t argument) {
  uint64_t value = number;
  for (uint64_t i = number % 50; i > 0; --i) value = value * 3 ^ argument;
  return value;
}

struct Shared {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<CodeMemory> memory;
  EnterUnit enter = nullptr;
  std::atomic<Entry*> slots[kSlots] = {};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> compiled{0}, ran{0}, freed{0}, full{0}, wrong{0};
};

// Entries are found like units, so they are freed like units: kept until the thread's end.
struct Graveyard {
  std::vector<std::unique_ptr<Entry>> entries;
};

void compile_thread(Shared& shared, uint64_t seed, Graveyard& graveyard) {
  Compiler compiler(*shared.engine);
  Rng rng(seed);
  for (uint64_t n = 0; !shared.stop.load(std::memory_order_relaxed); ++n) {
    uint64_t number = seed << 32 | n;
    SsaBuffer words = numbered_unit(number);
    CodeView view;
    Tier tier = rng.one_in(2) ? Tier::baseline : Tier::optimizing;
    CHECK(compiler.compile(tier, words, view) == CompileStatus::ok);
    CodeUnit* unit = shared.memory->install(view, words[kHeadDataSize], {}, "stress");
    if (!unit) {
      shared.full.fetch_add(1, std::memory_order_relaxed);
      shared.memory->reclaim();
      continue;
    }
    graveyard.entries.push_back(std::make_unique<Entry>(Entry{unit, number}));
    if (Entry* old = shared.slots[rng.below(kSlots)].exchange(graveyard.entries.back().get())) {
      shared.memory->retire(old->unit);
    }
    shared.compiled.fetch_add(1, std::memory_order_relaxed);
  }
}

void run_thread(Shared& shared, uint64_t seed) {
  CodeThread thread(*shared.memory);
  MachineContext context;
  Rng rng(seed);
  while (!shared.stop.load(std::memory_order_relaxed)) {
    thread.enter();
    for (int i = 0; i < 20; ++i) {
      Entry* entry = shared.slots[rng.below(kSlots)].load();
      if (!entry) continue;
      uint64_t argument = rng.next();
      uint64_t result = shared.enter(&context, argument, entry->unit->code);
      shared.memory->touch(entry->unit);
      if (result != expected(entry->number, argument)) shared.wrong.fetch_add(1);
      shared.ran.fetch_add(1, std::memory_order_relaxed);
      if (rng.one_in(50)) {
        // A long stay: says where it stands, here inside no unit at all.
        thread.still_inside({});
      }
    }
    thread.leave();
    if (rng.one_in(4)) {
      if (Entry* entry = shared.slots[rng.below(kSlots)].exchange(nullptr)) {
        shared.memory->retire(entry->unit);
        shared.freed.fetch_add(1, std::memory_order_relaxed);
      }
    }
    if (rng.one_in(8)) shared.memory->reclaim();
    if (rng.one_in(64)) shared.memory->tick();
    if (rng.one_in(16)) shared.memory->find(context.helpers);
  }
}

}  // namespace

int main(int argc, char** argv) {
  double seconds =
      argc > 2 && !std::strcmp(argv[1], "--seconds") ? std::strtod(argv[2], nullptr) : 5;
  Shared shared;
  std::string error;
  shared.engine = Engine::create({}, error);
  if (!shared.engine) return std::fprintf(stderr, "%s\n", error.c_str()), 2;
  // Small enough that it fills up now and then.
  shared.memory = CodeMemory::create({64u << 10, 64u << 10}, nullptr, error);
  CHECK(shared.memory != nullptr);
  Compiler compiler(*shared.engine);
  shared.enter = make_enter(compiler, *shared.memory, error);
  CHECK(shared.enter != nullptr);

  Graveyard graveyards[2];
  std::thread threads[] = {
      std::thread([&] { compile_thread(shared, 1, graveyards[0]); }),
      std::thread([&] { compile_thread(shared, 2, graveyards[1]); }),
      std::thread([&] { run_thread(shared, 3); }),
      std::thread([&] { run_thread(shared, 4); }),
  };
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  shared.stop = true;
  for (std::thread& thread : threads) thread.join();
  for (auto& slot : shared.slots) {
    if (Entry* entry = slot.exchange(nullptr)) shared.memory->retire(entry->unit);
  }
  shared.memory->reclaim();
  std::printf(
      "%.0f s: %llu units compiled, %llu runs, %llu taken out by runners, memory full %llu times, "
      "%zu units left "
      "(the way in), %llu wrong answers\n",
      seconds, static_cast<unsigned long long>(shared.compiled),
      static_cast<unsigned long long>(shared.ran), static_cast<unsigned long long>(shared.freed),
      static_cast<unsigned long long>(shared.full), shared.memory->unit_count(),
      static_cast<unsigned long long>(shared.wrong));
  return shared.wrong || shared.ran == 0 || shared.memory->unit_count() != 1 ||
         shared.memory->retired_count() != 0;
}
