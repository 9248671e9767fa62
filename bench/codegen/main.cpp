// The measurements on which the tiers' design hangs. `bench/codegen.py` runs this and adds what
// needs other tools (build time, library size, disassembly). Sections: compile, start, cache,
// kernels, exit; `dump DIR` writes each kernel's code.
//
// The machine may be busy: times are CPU time of the measuring thread, every comparison is
// interleaved over many rounds, and medians are printed. Instruction counts come from
// single-stepping a forked copy and are exact.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#include "kernels.h"

namespace dx::bench {
void set_attribute_cell(CacheRecord* record);
namespace {

using namespace jit;

uint64_t clock_ns(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}
uint64_t cpu_ns() { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }
uint64_t wall_ns() { return clock_ns(CLOCK_MONOTONIC); }

struct Samples {
  std::vector<double> values;
  void add(double value) { values.push_back(value); }
  double at(double quantile) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<size_t>(quantile * static_cast<double>(values.size() - 1) + 0.5)];
  }
};

struct Combination {
  const char* name;
  TierSettings settings;
};
constexpr Combination kCombinations[kTierCount] = {
    {"none+single_pass", {.optimize = false, .single_pass = true}},
    {"none+backtracking", {.optimize = false, .single_pass = false}},
    {"speed+single_pass", {.optimize = true, .single_pass = true, .alias_analysis = true}},
    {"speed+backtracking", {.optimize = true, .single_pass = false, .alias_analysis = true}},
};

EngineOptions combinations() {
  EngineOptions options;
  for (uint32_t i = 0; i < kTierCount; ++i) options.tiers[i] = kCombinations[i].settings;
  return options;
}

std::unique_ptr<Engine> engine_or_exit(const EngineOptions& options) {
  std::string error;
  auto engine = Engine::create(options, error);
  if (!engine) {
    std::fprintf(stderr, "%s\n", error.c_str());
    std::exit(2);
  }
  return engine;
}

// ---------------------------------------------------------------- compile time

void compile_once_each(const Engine& engine, bool background, int rounds) {
  struct Cell {
    Samples cpu, wall, bytes, check, build;
    double insts = 0;
  };
  constexpr uint32_t kSizes[] = {200, 800, 4000};
  static Cell cells[2][3][kTierCount];
  for (auto& shape : cells) {
    for (auto& size : shape) {
      for (Cell& cell : size) cell = {};
    }
  }
  Compiler compiler(engine);
  for (int round = -2; round < rounds; ++round) {
    for (uint32_t shape = 0; shape < 2; ++shape) {
      for (uint32_t size = 0; size < 3; ++size) {
        if (kSizes[size] == 4000 && round % 4 != 0) continue;
        uint64_t seed = static_cast<uint64_t>(round + 2) * 7 + size;
        // The builder counts less than Cranelift, where guards, calls and above all exits are
        // several instructions.
        constexpr uint32_t kWanted[2][3] = {{150, 755, 3930}, {80, 400, 2200}};
        uint32_t wanted = kWanted[shape][size];
        SsaBuffer words =
            shape ? optimized_like_unit(wanted, seed) : baseline_like_unit(wanted, seed);
        for (uint32_t tier = 0; tier < kTierCount; ++tier) {
          CodeView view;
          uint64_t wall = wall_ns(), cpu = cpu_ns();
          CompileStatus status = compiler.compile(static_cast<Tier>(tier), words, view);
          cpu = cpu_ns() - cpu;
          wall = wall_ns() - wall;
          if (status != CompileStatus::ok) {
            std::fprintf(stderr, "%s\n", compiler.error().c_str());
            std::exit(1);
          }
          if (round < 0) continue;  // warm-up
          Cell& cell = cells[shape][size][tier];
          double insts = view.clif_inst_count;
          cell.cpu.add(static_cast<double>(cpu) / 1e3 / insts);
          cell.wall.add(static_cast<double>(wall) / 1e3 / insts);
          cell.bytes.add(static_cast<double>(view.bytes.size()) / insts);
          cell.insts += insts;
          cell.check.add(static_cast<double>(view.check_ns) / 1e3 / insts);
          cell.build.add(static_cast<double>(view.build_ns) / 1e3 / insts);
        }
      }
    }
  }
  for (uint32_t shape = 0; shape < 2; ++shape) {
    std::printf(
        "\n%s, %s thread: microseconds per CLIF instruction (CPU p50, p99; wall p50), bytes per "
        "instruction\n",
        shape ? "units as the optimizing tier makes them" : "units as the baseline tier makes them",
        background ? "background" : "main");
    std::printf("%-20s %6s %8s %8s %8s %8s %8s %8s %10s\n", "settings", "CLIF", "cpu p50",
                "cpu p99", "wall p50", "bytes", "checking", "building", "whole unit");
    for (uint32_t size = 0; size < 3; ++size) {
      for (uint32_t tier = 0; tier < kTierCount; ++tier) {
        Cell& cell = cells[shape][size][tier];
        double insts = cell.insts / static_cast<double>(cell.cpu.values.size());
        std::printf("%-20s %6.0f %8.3f %8.3f %8.3f %8.2f %8.3f %8.3f %7.0f us\n",
                    kCombinations[tier].name, insts, cell.cpu.at(0.5), cell.cpu.at(0.99),
                    cell.wall.at(0.5), cell.bytes.at(0.5), cell.check.at(0.5), cell.build.at(0.5),
                    cell.cpu.at(0.5) * insts);
      }
    }
  }
}

void compile_section(int rounds) {
  auto engine = engine_or_exit(combinations());
  compile_once_each(*engine, false, rounds);
  // The main thread computes meanwhile, as an interpreter would.
  std::atomic<bool> stop{false};
  std::thread background([&] {
    compile_once_each(*engine, true, rounds);
    stop = true;
  });
  volatile uint64_t work = 0;
  while (!stop) work = work + 1;
  background.join();
}

// ---------------------------------------------------------------- start-up, installing, cached
// units

void start_section(int rounds) {
  Samples engine_only, with_stubs, memory_only, install, install_wall;
  for (int round = 0; round < rounds; ++round) {
    uint64_t t0 = cpu_ns();
    auto engine = engine_or_exit({});
    uint64_t t1 = cpu_ns();
    Compiler compiler(*engine);
    std::string error;
    uint64_t t2 = cpu_ns();
    auto memory = CodeMemory::create({}, nullptr, error);
    CHECK(memory != nullptr);
    uint64_t t3 = cpu_ns();
    CHECK(make_enter(compiler, *memory, error) != nullptr);
    for (uint32_t i = 0; i < 12; ++i)
      CHECK(make_cold_thunk(compiler, *memory, i, i % 4, error) != nullptr);
    uint64_t t4 = cpu_ns();
    engine_only.add(static_cast<double>(t1 - t0) / 1e3);
    memory_only.add(static_cast<double>(t3 - t2) / 1e3);
    with_stubs.add(static_cast<double>(t4 - t0) / 1e3);
    CodeView view;
    CHECK(compiler.compile(Tier::baseline, baseline_like_unit(400, 1), view) == CompileStatus::ok);
    std::vector<CodeUnit*> units;
    for (int i = 0; i < 64; ++i) {
      uint64_t wall = wall_ns();
      units.push_back(memory->install(view, 4096, {}, "unit"));
      if (i >= 8) install.add(static_cast<double>(wall_ns() - wall) / 1e3);
    }
  }
  std::printf(
      "\nstart: engine with 4 settings %.0f us, code memory (96 MB reserved) %.0f us, all with "
      "entry and 12 thunks %.0f us\n",
      engine_only.at(0.5), memory_only.at(0.5), with_stubs.at(0.5));
  std::printf(
      "making a finished unit of ~400 instructions with 4 KB of data callable: p50 %.2f us, p99 "
      "%.2f us\n",
      install.at(0.5), install.at(0.99));
}

// A cache file: header, index, code, data. Code and data lie at a fixed distance, so nothing needs
// fixing when mapped.
struct ImageHeader {
  uint64_t magic;
  uint32_t count, index_bytes, code_offset, code_bytes, data_bytes, reserved;
};
struct ImageEntry {
  uint32_t code, size;
};

void cache_section(int rounds) {
  auto engine = engine_or_exit({});
  Compiler compiler(*engine);
  std::string error;
  auto memory = CodeMemory::create({}, nullptr, error);
  EnterUnit enter = make_enter(compiler, *memory, error);
  constexpr uint32_t kUnits = 1000, kDataBytes = 256;
  auto page = [](size_t size) { return (size + 4095) & ~size_t{4095}; };
  std::vector<uint8_t> code;
  std::vector<ImageEntry> index;
  struct Fix {
    size_t at;
    uint32_t data;
    int64_t addend;
  };
  std::vector<Fix> fixes;
  uint32_t data_bytes = 0;
  for (uint32_t i = 0; i < kUnits; ++i) {
    // Every unit answers at once with its number: what is measured is getting there.
    SsaBuffer words = baseline_like_unit(150, i, kDataBytes, i + 1);
    CodeView view;
    CHECK(compiler.compile(Tier::ahead_of_time, words, view) == CompileStatus::ok);
    code.resize((code.size() + 31) & ~size_t{31}, 0xcc);
    index.push_back({static_cast<uint32_t>(code.size()), static_cast<uint32_t>(view.bytes.size())});
    for (const dxcl_fixup& fix : view.fixups)
      fixes.push_back({code.size() + fix.offset, data_bytes, fix.addend});
    code.insert(code.end(), view.bytes.begin(), view.bytes.end());
    data_bytes += kDataBytes;
  }
  data_bytes = static_cast<uint32_t>(page(data_bytes));
  size_t code_bytes = page(code.size());
  code.resize(code_bytes, 0xcc);
  for (const Fix& fix : fixes) {
    int32_t displacement = static_cast<int32_t>(static_cast<int64_t>(code_bytes + fix.data) +
                                                fix.addend - static_cast<int64_t>(fix.at));
    std::memcpy(&code[fix.at], &displacement, 4);
  }
  ImageHeader header = {0x4943445844,
                        kUnits,
                        static_cast<uint32_t>(index.size() * sizeof(ImageEntry)),
                        0,
                        static_cast<uint32_t>(code_bytes),
                        data_bytes,
                        0};
  header.code_offset = static_cast<uint32_t>(page(sizeof header + header.index_bytes));
  char path[] = "/tmp/dx-bench-image-XXXXXX";
  int out = mkstemp(path);
  CHECK(out >= 0);
  auto write_at = [&](const void* bytes, size_t size, size_t offset) {
    CHECK(pwrite(out, bytes, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size));
  };
  write_at(&header, sizeof header, 0);
  write_at(index.data(), header.index_bytes, sizeof header);
  write_at(code.data(), code.size(), header.code_offset);
  CHECK(ftruncate(out, header.code_offset + static_cast<off_t>(code_bytes) + data_bytes) == 0);
  close(out);

  Samples map_time, call_time, second;
  MachineContext context;
  uint64_t frame[kFrameWords] = {};
  for (int round = 0; round < rounds; ++round) {
    uint64_t t0 = wall_ns();
    int in = open(path, O_RDONLY | O_CLOEXEC);
    ImageHeader* head =
        static_cast<ImageHeader*>(mmap(nullptr, header.code_offset, PROT_READ, MAP_PRIVATE, in, 0));
    size_t whole = size_t{head->code_bytes} + head->data_bytes;
    uint8_t* base = static_cast<uint8_t*>(
        mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    CHECK(mmap(base, head->code_bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, in,
               head->code_offset) == base);
    CHECK(mmap(base + head->code_bytes, head->data_bytes, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_FIXED, in,
               static_cast<off_t>(head->code_offset + head->code_bytes)) ==
          base + head->code_bytes);
    close(in);
    uint64_t t1 = wall_ns();
    const ImageEntry* entries = reinterpret_cast<const ImageEntry*>(head + 1);
    for (uint32_t i = 0; i < head->count; ++i) {
      CHECK(enter(&context, reinterpret_cast<uint64_t>(frame), base + entries[i].code) == i + 1);
    }
    uint64_t t2 = wall_ns();
    for (uint32_t i = 0; i < head->count; ++i) {
      enter(&context, reinterpret_cast<uint64_t>(frame), base + entries[i].code);
    }
    uint64_t t3 = wall_ns();
    map_time.add(static_cast<double>(t1 - t0) / 1e3);
    call_time.add(static_cast<double>(t2 - t1) / 1e3);
    second.add(static_cast<double>(t3 - t2) / 1e3);
    munmap(base, whole);
    munmap(head, header.code_offset);
  }
  unlink(path);
  std::printf(
      "\ncache file of 1,000 units, %zu KB of code, %u KB of data: open and map %.1f us (p99 "
      "%.1f); first call "
      "of each %.1f us, page faults included (%.2f us a unit); all again %.1f us\n",
      code_bytes / 1024, data_bytes / 1024, map_time.at(0.5), map_time.at(0.99), call_time.at(0.5),
      call_time.at(0.5) / kUnits, second.at(0.5));
}

// ---------------------------------------------------------------- kernels

struct World {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Compiler> compiler;
  std::unique_ptr<CodeMemory> memory;
  EnterUnit enter = nullptr;
  MachineContext context;
  const void* callee = nullptr;
  FakeObject objects[8];
  CacheRecord record = {42, 24};
  alignas(64) uint64_t frame[kFrameWords] = {};

  explicit World(bool context_in_register = true) {
    EngineOptions options;  // the tiers' own settings; none+single_pass in the third slot
    options.tiers[2] = {.optimize = false, .single_pass = true};
    options.context_in_register = context_in_register;
    engine = engine_or_exit(options);
    compiler = std::make_unique<Compiler>(*engine);
    std::string error;
    memory = CodeMemory::create({}, nullptr, error);
    CHECK(memory != nullptr);
    enter = make_enter(*compiler, *memory, error);
    context.owner_tag = kOwnerTag;
    context.helpers[kNopHelper] =
        reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(&bench_nop_helper));
    context.helpers[kMissHelper] = context.helpers[kNopHelper];
    context.helpers[kNopThunk] = make_cold_thunk(*compiler, *memory, kNopHelper, 1, error);
    context.helpers[kMissThunk] = make_cold_thunk(*compiler, *memory, kMissHelper, 2, error);
    callee = install(callee_unit(), Tier::optimizing)->code;
    set_attribute_cell(&record);
  }
  CodeUnit* install(const SsaBuffer& words, Tier tier, const void* symbol = nullptr,
                    const char* name = "kernel") {
    CodeView view;
    if (compiler->compile(tier, words, view) != CompileStatus::ok) {
      std::fprintf(stderr, "%s: %s\n", name, compiler->error().c_str());
      std::exit(1);
    }
    const void* symbols[] = {symbol ? symbol : callee};
    CodeUnit* unit = memory->install(view, words[kHeadDataSize], symbols, name);
    CHECK(unit != nullptr);
    if (unit->data) {
      CacheRecord* cell = &record;
      std::memcpy(unit->data, &cell, 8);
    }
    return unit;
  }
  // A frame that every kernel can run on, `count` times round.
  void prepare(uint64_t count) {
    auto tagged = [](uint64_t i) { return i << 1 | 1; };
    auto floating = [](double x) {
      return (std::rotl(std::bit_cast<uint64_t>(x), 1) - kFloatBias) << 2 | 2;
    };
    frame[kCount] = tagged(count);
    frame[kI] = frame[kS] = tagged(0);
    frame[kX] = floating(0.75);
    frame[kY] = floating(1.5);
    for (uint32_t i = 0; i < 8; ++i) {
      objects[i] = FakeObject{};
      objects[i].counts = 0x10000000 * kStrongOne | 1;  // far from zero and from the guard bit
      frame[kObjects + i] = reinterpret_cast<uint64_t>(&objects[i]);
    }
    for (uint32_t i = 0; i < 10; ++i) frame[kFirst + i] = i + 1;
  }
};

bool is_float(const char* name) { return std::strncmp(name, "float", 5) == 0; }

struct Variant {
  const char* name;
  const void* code;  // null: the native function
  Samples samples;
  double insts = 0;
  uint32_t bytes = 0;
};

struct Runner {
  World& world;
  const Kernel& kernel;
  uint64_t run(const Variant& variant, uint64_t count) {
    world.prepare(count);
    if (is_float(kernel.name)) world.frame[kS] = world.frame[kY];
    if (!std::strcmp(kernel.name, "call_indirect"))
      world.frame[kBack] = reinterpret_cast<uint64_t>(world.callee);
    return variant.code
               ? world.enter(&world.context, reinterpret_cast<uint64_t>(world.frame), variant.code)
               : kernel.native(world.frame, &world.context);
  }
};

// Instructions between the two stops of a forked child.
template <typename Work>
int64_t count_instructions(Work&& work) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(3);
    raise(SIGSTOP);
    work();
    raise(SIGSTOP);
    _exit(0);
  }
  int status = 0;
  int64_t steps = 0;
  waitpid(child, &status, 0);
  while (WIFSTOPPED(status)) {
    if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) break;
    ++steps;
  }
  bool good = WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return good ? steps : -1;
}

void check_same(const Kernel& kernel, Runner& runner, std::vector<Variant>& variants) {
  uint64_t expected = runner.run(variants.back(), 100);
  uint64_t frame_s = runner.world.frame[kS], counts = runner.world.objects[0].counts;
  for (Variant& variant : variants) {
    uint64_t result = runner.run(variant, 100);
    bool same = runner.world.frame[kS] == frame_s && runner.world.objects[0].counts == counts;
    // Loops without a result of their own return their counter.
    if (!is_float(kernel.name) && result != expected) same = false;
    if (!same) {
      std::fprintf(stderr, "%s: %s does something else than the C++\n", kernel.name, variant.name);
      std::exit(1);
    }
  }
}

void kernels_section(int rounds) {
  World world;
  std::printf(
      "\nkernels: nanoseconds and instructions per round (CPU time, median of %d interleaved "
      "rounds)\n",
      rounds);
  std::printf("%-18s %23s %23s %23s %23s\n", "", "none+single_pass", "baseline: none+backtr.",
              "optimizing", "C++ clang -O2");
  for (const Kernel* kernel = kKernels; kernel->name; ++kernel) {
    SsaBuffer words = kernel->unit();
    std::vector<Variant> variants;
    constexpr Tier kTiers[] = {Tier::ahead_of_time, Tier::baseline, Tier::optimizing};
    for (Tier tier : kTiers) {
      CodeUnit* unit = world.install(words, tier, nullptr, kernel->name);
      variants.push_back({"machine code", unit->code, {}, 0, unit->code_size});
    }
    variants.push_back({"C++", nullptr, {}, 0, 0});
    Runner runner{world, *kernel};
    check_same(*kernel, runner, variants);
    constexpr uint64_t kCountRounds = 40'000;
    for (Variant& variant : variants) {
      int64_t few = count_instructions([&] { runner.run(variant, 20); });
      int64_t many = count_instructions([&] { runner.run(variant, 120); });
      variant.insts = few < 0 || many < 0 ? -1 : static_cast<double>(many - few) / 100;
      runner.run(variant, kCountRounds);
    }
    for (int round = 0; round < rounds; ++round) {
      for (Variant& variant : variants) {
        uint64_t start = cpu_ns();
        runner.run(variant, 100);
        uint64_t middle = cpu_ns();
        runner.run(variant, 100 + kCountRounds);
        uint64_t end = cpu_ns();
        variant.samples.add(
            (static_cast<double>(end - middle) - static_cast<double>(middle - start)) /
            kCountRounds);
      }
    }
    std::printf("%-18s", kernel->name);
    for (Variant& variant : variants) {
      std::printf(" %8.2f ns %6.1f in", variant.samples.at(0.5), variant.insts);
      if (variant.code) std::printf(" %4uB", variant.bytes);
    }
    std::printf("\n%-18s   %s%s\n", "", kernel->what,
                kernel->rounds_each > 1 ? " (divide by that number)" : "");
  }
}

// The baseline's integer loop again, as pieces that jump to each other: as Cranelift makes them,
// each with a frame of its own, and with that frame overwritten by nops, as somebody who
// post-processes the pieces could have them.
struct Pieces {
  const CodeUnit *add, *step, *test;
  uint32_t bytes() const { return add->code_size + step->code_size + test->code_size; }
};

Pieces install_pieces(World& world, bool framed) {
  auto install = [&](const SsaBuffer& words, const void* next) {
    CodeView view;
    CHECK(world.compiler->compile(Tier::optimizing, words, view) == CompileStatus::ok);
    std::vector<uint8_t> bytes(view.bytes.begin(), view.bytes.end());
    if (!framed) {
      constexpr uint8_t kNop[] = {0x0f, 0x1f, 0x40, 0x00};
      constexpr uint8_t kOpen[] = {0x55, 0x48, 0x89, 0xe5};   // push rbp; mov rbp, rsp
      constexpr uint8_t kClose[] = {0x48, 0x89, 0xec, 0x5d};  // mov rsp, rbp; pop rbp
      for (size_t i = 0; i + 4 <= bytes.size(); ++i) {
        if (!std::memcmp(&bytes[i], kOpen, 4) || !std::memcmp(&bytes[i], kClose, 4)) {
          std::memcpy(&bytes[i], kNop, 4);
        }
      }
    }
    view.bytes = bytes;
    const void* symbols[] = {next};
    CodeUnit* unit = world.memory->install(view, 0, symbols, "stencil");
    CHECK(unit != nullptr);
    return unit;
  };
  Pieces pieces;
  pieces.test = install(stencil_test(), nullptr);
  pieces.step = install(stencil_step(), pieces.test->code);
  pieces.add = install(stencil_add(), pieces.step->code);
  return pieces;
}

void stencil_section(int rounds) {
  World world;
  Pieces framed = install_pieces(world, true), bare = install_pieces(world, false);
  struct Row {
    const char* name;
    const CodeUnit* start;
    uint32_t bytes;
    Samples samples;
  };
  const CodeUnit* single = world.install(kKernels[0].unit(), Tier::ahead_of_time);
  const CodeUnit* backtracking = world.install(kKernels[0].unit(), Tier::baseline);
  Row rows[] = {{"three stencils by Cranelift", framed.add, framed.bytes(), {}},
                {"the same, their frames made nops", bare.add, bare.bytes(), {}},
                {"one unit, none+single_pass", single, single->code_size, {}},
                {"one unit, none+backtracking", backtracking, backtracking->code_size, {}}};
  auto run = [&](const CodeUnit* unit, uint64_t count) {
    world.prepare(count);
    world.frame[kBack] = reinterpret_cast<uint64_t>(unit->code);  // where the test goes back to
    return world.enter(&world.context, reinterpret_cast<uint64_t>(world.frame), unit->code);
  };
  for (Row& row : rows) CHECK(run(row.start, 1000) == run(backtracking, 1000));
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      uint64_t start = cpu_ns();
      run(row.start, 40'000);
      row.samples.add(static_cast<double>(cpu_ns() - start) / 40'000);
    }
  }
  std::printf("\ninteger loop on the frame, as stencils and as one unit\n");
  for (Row& row : rows) {
    int64_t few = count_instructions([&] { run(row.start, 20); });
    int64_t many = count_instructions([&] { run(row.start, 120); });
    std::printf("%-34s %6.2f ns %6.1f instructions %5u bytes\n", row.name, row.samples.at(0.5),
                static_cast<double>(many - few) / 100, row.bytes);
  }
  // What copying costs: 60 pieces of about this size with three holes each.
  std::vector<uint8_t> out(64 << 10);
  Samples copy;
  for (int round = 0; round < rounds * 10; ++round) {
    uint64_t start = cpu_ns();
    for (int unit = 0; unit < 100; ++unit) {
      uint8_t* to = out.data();
      for (int piece = 0; piece < 60; ++piece) {
        std::memcpy(to, framed.add->code, framed.add->code_size);
        for (uint32_t hole = 0; hole < 3; ++hole) std::memcpy(to + 8 + 16 * hole, &piece, 4);
        asm volatile("" ::"r"(to) : "memory");
        to += framed.add->code_size;
      }
    }
    copy.add(static_cast<double>(cpu_ns() - start) / 100 / 1e3);
  }
  std::printf("copying 60 such pieces and filling three holes in each: %.2f us\n", copy.at(0.5));
}

// The context in a register against a hidden first parameter of every unit.
void context_section(int rounds) {
  World pinned(true), hidden(false);
  World* worlds[] = {&pinned, &hidden};
  std::printf("\ncontext in r15 against a hidden parameter: nanoseconds, instructions, bytes\n");
  std::printf("%-18s %26s %26s %26s %26s\n", "", "baseline, r15", "baseline, parameter",
              "optimizing, r15", "optimizing, parameter");
  for (const Kernel* kernel = kKernels; kernel->name; ++kernel) {
    std::vector<Variant> variants;
    for (Tier tier : {Tier::baseline, Tier::optimizing}) {
      for (World* world : worlds) {
        CodeUnit* unit = world->install(kernel->unit(), tier, nullptr, kernel->name);
        variants.push_back({"", unit->code, {}, 0, unit->code_size});
      }
    }
    auto run = [&](uint32_t i, uint64_t count) {
      Runner{*worlds[i % 2], *kernel}.run(variants[i], count);
    };
    for (int round = 0; round < rounds; ++round) {
      for (uint32_t i = 0; i < variants.size(); ++i) {
        uint64_t start = cpu_ns();
        run(i, 40'000);
        variants[i].samples.add(static_cast<double>(cpu_ns() - start) / 40'000);
      }
    }
    std::printf("%-18s", kernel->name);
    for (uint32_t i = 0; i < variants.size(); ++i) {
      int64_t few = count_instructions([&] { run(i, 20); });
      int64_t many = count_instructions([&] { run(i, 120); });
      std::printf("  %6.2f ns %5.1f in %4u B", variants[i].samples.at(0.5),
                  static_cast<double>(many - few) / 100, variants[i].bytes);
    }
    std::printf("\n");
  }
}

// ---------------------------------------------------------------- leaving through an exit

[[gnu::noinline]] uint64_t native_exit(uint64_t* frame, MachineContext* context) {
  uint64_t values[10];
  for (int i = 0; i < 10; ++i) values[i] = frame[kFirst + i];
  asm volatile("" : "+m"(values));
  if (values[0] & 1) {
    for (int i = 0; i < 10; ++i) context->exit_values[i] = values[i];
    context->exit_id = 0;
    return kTookExit;
  }
  return values[0];
}

void exit_section(int rounds) {
  World world;
  world.prepare(1);
  // Ten values are computed and live; the guard fails or holds by the first.
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  std::vector<Val> live;
  for (uint32_t i = 0; i < 10; ++i)
    live.push_back(
        b.load(Type::i64, Region::frame, b.param(0), static_cast<int32_t>(8 * (kFirst + i))));
  ExitRef exit = b.exit(live);
  b.guard_false(b.band(live[0], b.iconst(1)), exit);
  Val sum = live[0];
  for (Val value : live) sum = b.bxor(sum, value);
  b.ret(sum);
  SsaBuffer words = b.finish();
  SsaBuilder plain(Conv::unit, Type::i64, {Type::i64});
  plain.ret(plain.param(0));
  const void* nothing = world.install(plain.finish(), Tier::optimizing)->code;
  std::printf(
      "\nleaving through an exit with ten live values, seen from C++ (enter, guard, exit, "
      "return)\n");
  for (auto [name, tier] :
       {std::pair{"baseline", Tier::baseline}, std::pair{"optimizing", Tier::optimizing}}) {
    CodeUnit* unit = world.install(words, tier);
    Samples taken, held, empty, native;
    uint64_t frame = reinterpret_cast<uint64_t>(world.frame);
    auto time = [&](Samples& samples, auto&& work) {
      uint64_t start = cpu_ns();
      for (int i = 0; i < 4000; ++i) work();
      samples.add(static_cast<double>(cpu_ns() - start) / 4000);
    };
    for (int round = 0; round < rounds; ++round) {
      world.frame[kFirst] = 1;
      CHECK(world.enter(&world.context, frame, unit->code) == kTookExit &&
            world.context.exit_values[9] == 10);
      time(taken, [&] { world.enter(&world.context, frame, unit->code); });
      time(native, [&] { native_exit(world.frame, &world.context); });
      world.frame[kFirst] = 2;
      time(held, [&] { world.enter(&world.context, frame, unit->code); });
      time(empty, [&] { world.enter(&world.context, frame, nothing); });
    }
    world.frame[kFirst] = 1;
    auto insts = [&](const void* code) {
      return count_instructions([&] { world.enter(&world.context, frame, code); });
    };
    std::printf(
        "%-12s exit taken %.1f ns, guard holds %.1f ns, an empty unit %.1f ns; so guard to C++ "
        "%.1f ns; the exit costs "
        "%lld instructions more than an empty unit; C++ function doing the same %.1f ns\n",
        name, taken.at(0.5), held.at(0.5), empty.at(0.5), taken.at(0.5) - empty.at(0.5),
        static_cast<long long>(insts(unit->code) - insts(nothing)), native.at(0.5));
  }
}

// ---------------------------------------------------------------- code for the disassembler

void dump_section(const char* directory) {
  World world;
  auto write = [&](const std::string& name, const CodeUnit* unit) {
    std::FILE* out = std::fopen((std::string(directory) + "/" + name + ".bin").c_str(), "wb");
    CHECK(out != nullptr);
    std::fwrite(unit->code, 1, unit->code_size, out);
    std::fclose(out);
  };
  for (const Kernel* kernel = kKernels; kernel->name; ++kernel) {
    write(std::string(kernel->name) + ".single_pass",
          world.install(kernel->unit(), Tier::ahead_of_time));
    write(std::string(kernel->name) + ".baseline", world.install(kernel->unit(), Tier::baseline));
    write(std::string(kernel->name) + ".optimizing",
          world.install(kernel->unit(), Tier::optimizing));
  }
  write("stencil_add.optimizing", world.install(stencil_add(), Tier::optimizing));
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  std::vector<Val> live;
  for (uint32_t i = 0; i < 10; ++i)
    live.push_back(b.load(Type::i64, Region::frame, b.param(0), static_cast<int32_t>(8 * i)));
  b.guard_false(b.band(live[0], b.iconst(1)), b.exit(live));
  b.ret(live[0]);
  write("exit_of_ten.optimizing", world.install(b.finish(), Tier::optimizing));
  write("enter.optimizing", world.install(enter_unit(), Tier::stubs));
  write("cold_thunk.optimizing", world.install(cold_thunk_unit(1, 1), Tier::stubs));
}

}  // namespace
}  // namespace dx::bench

int main(int argc, char** argv) {
  using namespace dx::bench;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::string section = argc > 1 ? argv[1] : "all";
  if (section == "dump" && argc > 2) return dump_section(argv[2]), 0;
  int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 0;
  auto wants = [&](const char* name) { return section == "all" || section == name; };
  if (wants("compile")) compile_section(rounds ? rounds : 200);
  if (wants("start")) start_section(rounds ? rounds : 31);
  if (wants("cache")) cache_section(rounds ? rounds : 51);
  if (wants("kernels")) kernels_section(rounds ? rounds : 101);
  if (wants("context")) context_section(rounds ? rounds : 51);
  if (wants("stencils")) stencil_section(rounds ? rounds : 101);
  if (wants("exit")) exit_section(rounds ? rounds : 101);
  return 0;
}
