// Code memory: classes and merging, no page both writable and executable, freeing by epoch,
// eviction, names.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "jit/code_memory.h"
#include "jit/code_names.h"

namespace dx::jit {
namespace {

std::unique_ptr<CodeMemory> memory(CodeNames* names = nullptr, uint32_t code = 1u << 20) {
  std::string error;
  auto made = CodeMemory::create({code, 1u << 20}, names, error);
  EXPECT_NE(made, nullptr) << error;
  return made;
}

// `mov eax, NUMBER; ret` and filling: machine code without a code generator.
std::vector<uint8_t> returns(uint32_t number, size_t size = 6) {
  std::vector<uint8_t> bytes(std::max<size_t>(size, 6), 0xcc);
  bytes[0] = 0xb8;
  std::memcpy(&bytes[1], &number, 4);
  bytes[5] = 0xc3;
  return bytes;
}
CodeUnit* install(CodeMemory& memory, const std::vector<uint8_t>& bytes, uint32_t data = 0,
                  std::string name = "unit") {
  CodeView view;
  view.bytes = bytes;
  view.align = 16;
  return memory.install(view, data, {}, std::move(name));
}
uint32_t call(const CodeUnit* unit) {
  return reinterpret_cast<uint32_t (*)()>(reinterpret_cast<uintptr_t>(unit->code))();
}

TEST(CodeArena, ClassesWasteAtMostAQuarter) {
  for (uint32_t size = 1; size < 3'000'000; size += 1 + size / 50) {
    uint32_t room = CodeArena::class_size(size);
    EXPECT_GE(room, size);
    EXPECT_LE(room, std::max(64u, size + size / 4 + 64));
    EXPECT_EQ(CodeArena::class_size(room), room) << "a class is its own class";
  }
}

TEST(CodeArena, RandomAllocationsNeverOverlapAndComeBackWhole) {
  constexpr uint32_t kCapacity = 1 << 20;
  CodeArena arena(kCapacity);
  std::map<uint32_t, uint32_t> live;
  uint64_t state = 12345;
  auto random = [&](uint32_t limit) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<uint32_t>((state >> 33) % limit);
  };
  for (int step = 0; step < 20'000; ++step) {
    if (live.empty() || random(100) < 55) {
      uint32_t room = 0, offset = arena.allocate(1 + random(random(4) ? 4000 : 60'000), room);
      if (offset == CodeArena::kNone) continue;
      ASSERT_EQ(offset % CodeArena::kGranule, 0u);
      ASSERT_LE(offset + room, kCapacity);
      auto next = live.lower_bound(offset);
      ASSERT_TRUE(next == live.end() || offset + room <= next->first);
      ASSERT_TRUE(next == live.begin() ||
                  std::prev(next)->first + std::prev(next)->second <= offset);
      live[offset] = room;
    } else {
      auto victim = std::next(live.begin(), random(static_cast<uint32_t>(live.size())));
      arena.release(victim->first, victim->second);
      live.erase(victim);
    }
  }
  for (auto [offset, room] : live) arena.release(offset, room);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_EQ(arena.largest_free(), kCapacity);  // everything merged again
}

TEST(CodeMemory, InstalledCodeRuns) {
  auto m = memory();
  CodeUnit* a = install(*m, returns(7));
  CodeUnit* b = install(*m, returns(8), 100);
  EXPECT_EQ(call(a), 7u);
  EXPECT_EQ(call(b), 8u);
  EXPECT_EQ(m->find(b->code + 2), b);
  EXPECT_EQ(m->find(b->code + b->code_size), nullptr);
  EXPECT_EQ(m->find(&m), nullptr);
  EXPECT_EQ(a->data, nullptr);
  for (uint32_t i = 0; i < 100; ++i) EXPECT_EQ(b->data[i], 0);
}

TEST(CodeMemory, NoPageIsWritableAndExecutable) {
  auto m = memory();
  CodeUnit* unit = install(*m, returns(1));
  std::ifstream maps("/proc/self/maps");
  std::string line;
  int executable = 0;
  while (std::getline(maps, line)) {
    uintptr_t start = 0, end = 0;
    char rights[5] = "";
    ASSERT_EQ(std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, rights), 3)
        << line;
    EXPECT_FALSE(rights[1] == 'w' && rights[2] == 'x') << line;
    uintptr_t at = reinterpret_cast<uintptr_t>(unit->code);
    if (at >= start && at < end) {
      EXPECT_STREQ(rights, "r-xs");
      ++executable;
    }
  }
  EXPECT_EQ(executable, 1);
}

TEST(CodeMemory, AFullMemoryRefusesAndRecovers) {
  auto m = memory(nullptr, 64 << 10);
  std::vector<CodeUnit*> units;
  while (CodeUnit* unit = install(*m, returns(static_cast<uint32_t>(units.size()), 1000)))
    units.push_back(unit);
  EXPECT_EQ(units.size(), 64u);  // 1,000 bytes take 1,024
  EXPECT_EQ(call(units.back()), 63u);
  m->retire(units[10]);
  m->retire(units[11]);
  EXPECT_EQ(install(*m, returns(5, 2000)), nullptr);  // retired is not free yet
  EXPECT_EQ(m->reclaim(), 2u);
  CodeUnit* large = install(*m, returns(5, 2000));  // two neighbours became one
  ASSERT_NE(large, nullptr);
  EXPECT_EQ(call(large), 5u);
}

TEST(CodeMemory, AFixupToAMissingSymbolIsRefused) {
  auto m = memory();
  std::vector<uint8_t> bytes = returns(1, 32);
  dxcl_fixup fixup = {8, 1, -4};
  CodeView view;
  view.bytes = bytes;
  view.fixups = {&fixup, 1};
  EXPECT_EQ(m->install(view, 0, {}, "unit"), nullptr);
  EXPECT_EQ(m->code_used(), 0u);
  const void* far = reinterpret_cast<const void*>(uintptr_t{16});  // out of reach
  EXPECT_EQ(m->install(view, 0, {&far, 1}, "unit"), nullptr);
}

TEST(CodeMemory, CodeStaysWhileAThreadThatSawItIsInside) {
  auto m = memory();
  CodeThread thread(*m);
  CodeUnit* first = install(*m, returns(1));
  thread.enter();
  m->retire(first);
  EXPECT_EQ(m->reclaim(), 0u);  // the thread may be in it
  EXPECT_EQ(call(first), 1u);
  thread.enter();  // nested
  thread.leave();
  EXPECT_EQ(m->reclaim(), 0u);
  thread.leave();
  EXPECT_EQ(m->reclaim(), 1u);
  EXPECT_EQ(m->unit_count(), 0u);
}

TEST(CodeMemory, AThreadThatEnteredLaterHoldsNothingBack) {
  auto m = memory();
  CodeThread thread(*m);
  CodeUnit* unit = install(*m, returns(1));
  m->retire(unit);
  thread.enter();
  EXPECT_EQ(m->reclaim(), 1u);
  thread.leave();
}

TEST(CodeMemory, ALongStayPinsOnlyTheUnitsOnItsStack) {
  auto m = memory();
  CodeThread thread(*m);
  CodeUnit* running = install(*m, returns(1));
  CodeUnit* gone = install(*m, returns(2));
  thread.enter();
  m->retire(running);
  m->retire(gone);
  uintptr_t stack[] = {reinterpret_cast<uintptr_t>(running->code) + 5};
  thread.still_inside(stack);
  EXPECT_EQ(m->reclaim(), 1u);  // `gone` is on no stack
  EXPECT_EQ(call(running), 1u);
  thread.leave();
  EXPECT_EQ(m->reclaim(), 1u);
}

TEST(CodeMemory, FreedCodeIsFilledWithBreakpoints) {
  auto m = memory();
  CodeUnit* unit = install(*m, returns(1));
  const uint8_t* code = unit->code;
  m->retire(unit);
  m->reclaim();
  for (int i = 0; i < 64; ++i) EXPECT_EQ(code[i], 0xcc);
}

TEST(CodeMemory, EvictionTakesTheLeastRecentlyUsed) {
  auto m = memory();
  std::vector<CodeUnit*> units;
  for (uint32_t i = 0; i < 10; ++i) units.push_back(install(*m, returns(i, 1000)));
  for (int sweep = 0; sweep < 5; ++sweep) {
    m->tick();
    for (CodeUnit* unit : {units[2], units[3], units[7]}) m->touch(unit);
  }
  m->tick();
  m->touch(units[5]);
  std::vector<CodeUnit*> gone;
  size_t count = m->evict(4 * 1024, [&](CodeUnit* unit) {
    gone.push_back(unit);
    return unit != units[0];  // somebody still needs this one
  });
  EXPECT_EQ(count, 5u);
  EXPECT_EQ(gone,
            (std::vector<CodeUnit*>{units[0], units[1], units[4], units[6], units[8], units[9]}));
  EXPECT_EQ(m->reclaim(), 5u);
  EXPECT_EQ(call(units[7]), 7u);
  EXPECT_EQ(call(units[0]), 0u);
}

TEST(CodeMemory, AForkedChildWritesItsOwnPages) {
  auto m = memory();
  CodeThread thread(*m), other(*m);
  CodeUnit* kept = install(*m, returns(1));
  CodeUnit* victim = install(*m, returns(2));
  const uint8_t* reused = victim->code;
  other.enter();  // in the child this thread does not exist and must hold nothing back
  m->before_fork();
  pid_t child = fork();
  ASSERT_GE(child, 0);
  bool good =
      m->after_fork(child == 0 ? CodeMemory::Side::child : CodeMemory::Side::parent, &thread);
  if (child == 0) {
    m->retire(victim);
    good = good && m->reclaim() == 1;
    CodeUnit* fresh = install(*m, returns(3));
    good = good && fresh->code == reused && call(fresh) == 3 && call(kept) == 1;
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(good);
  EXPECT_EQ(call(victim), 2u);  // the child's unit lies at this address, in the child
  EXPECT_EQ(call(kept), 1u);
  other.leave();
}

TEST(CodeMemory, PerfTakesItForMemoryOfNoFile) {
  // perf consults its map for mappings named so; a memory file would hide the names.
  auto m = memory();
  CodeUnit* unit = install(*m, returns(1));
  std::ifstream maps("/proc/self/maps");
  std::string line, found;
  while (std::getline(maps, line)) {
    uintptr_t start = 0, end = 0;
    std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR, &start, &end);
    uintptr_t at = reinterpret_cast<uintptr_t>(unit->code);
    if (at >= start && at < end) found = line;
  }
  EXPECT_NE(found.find("/dev/zero"), std::string::npos) << found;
}

TEST(CodeNames, PerfGetsOneLineAUnit) {
  std::string path = ::testing::TempDir() + "perf-test-" + std::to_string(getpid()) + ".map";
  std::string expected;
  {
    CodeNames names({.perf = true, .perf_path = path});
    auto m = memory(&names);
    CodeUnit* unit = install(*m, returns(1), 0, "py::module.function [tier 1]\nsecond line");
    char line[100];
    std::snprintf(line, sizeof line, "%lx %x py::module.function [tier 1] second line\n",
                  reinterpret_cast<unsigned long>(unit->code), unit->code_size);
    expected = line;
  }
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), expected);
  unlink(path.c_str());
}

}  // namespace
}  // namespace dx::jit

extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  uint64_t symfile_size;
};
struct jit_descriptor {
  uint32_t version, action_flag;
  jit_code_entry *relevant_entry, *first_entry;
};
extern jit_descriptor __jit_debug_descriptor;
}

namespace dx::jit {
namespace {

TEST(CodeNames, GdbSeesUnitsComeAndGo) {
  CodeNames names({.gdb = true, .perf_path = {}});
  {
    auto m = memory(&names);
    CodeUnit* a = install(*m, returns(1), 0, "first");
    install(*m, returns(2), 0, "second");
    jit_code_entry* entry = __jit_debug_descriptor.first_entry;
    ASSERT_NE(entry, nullptr);
    std::string object(entry->symfile_addr, entry->symfile_size);
    EXPECT_EQ(object.substr(0, 4),
              "\x7f"
              "ELF");
    EXPECT_NE(object.find("second"), std::string::npos);
    ASSERT_NE(entry->next_entry, nullptr);
    m->retire(a);
    m->reclaim();
    EXPECT_EQ(entry->next_entry, nullptr);
  }
  EXPECT_EQ(__jit_debug_descriptor.first_entry, nullptr);
}

}  // namespace
}  // namespace dx::jit
