// dx-dpb: bytecode from the command line, for people and for tests.
//
//   dx-dpb compile FILE.py OUT.dpb     compiles and writes an image
//   dx-dpb dis FILE                    prints the code of an image, or of a Python source
//   dx-dpb asm FILE.txt OUT.dpb        reads what dis prints
//   dx-dpb verify FILE...              checks images
//   dx-dpb sweep [--quiet]             for every Python source named on standard input: parse,
//                                      compile, write, check, disassemble, assemble, compare the
//                                      bytes; prints failures and counts
//   dx-dpb time FILE.py                microseconds of each step for one source
//   dx-dpb seeds FOLDER [FILE.py...]   writes a corpus for tests/fuzz/dpb_fuzz.cpp
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

#include <unistd.h>

#include "compiler/compile.h"
#include "dpb/assembler.h"
#include "dpb/disassembler.h"
#include "dpb/file.h"
#include "dpb/verifier.h"
#include "syntax/parse.h"

namespace {

using namespace dx::dpb;

bool read_file(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  text.assign(std::istreambuf_iterator<char>(file), {});
  return true;
}

bool write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  return bool(file.flush());
}

int complain(const std::string& what) {
  std::fprintf(stderr, "dx-dpb: %s\n", what.c_str());
  return 1;
}

bool ends_with(const std::string& text, const char* end) {
  size_t size = std::strlen(end);
  return text.size() >= size && text.compare(text.size() - size, size, end) == 0;
}

// Source -> unit; a syntax error is an ordinary outcome for a sweep, so it is told apart from other
// failures.
enum class Outcome { good, syntax_error, failed };
Outcome compile_source(const std::string& source, std::shared_ptr<CodeUnit>& unit,
                       std::string& error) {
  dx::ast::Arena arena;
  dx::syntax::ParseResult parsed =
      dx::syntax::parse(arena, source, dx::syntax::ParseMode::exec, {});
  if (!parsed.mod) {
    error = parsed.error.message + " (line " + std::to_string(parsed.error.line) + ")";
    return Outcome::syntax_error;
  }
  dx::compiler::CompileResult compiled =
      dx::compiler::compile(parsed.mod, dx::compiler::CompileMode::exec, {});
  if (!compiled.code) {
    error = compiled.error.message;
    return Outcome::syntax_error;
  }
  unit = compiled.code;
  return Outcome::good;
}

// Image of a .dpb file, or of a Python source compiled on the way.
bool image_of(const std::string& path, ImageBytes& bytes, std::string& error) {
  std::string text;
  if (!read_file(path, text)) return error = "cannot read " + path, false;
  if (!ends_with(path, ".py")) {
    bytes.assign(text.begin(), text.end());
    return true;
  }
  std::shared_ptr<CodeUnit> unit;
  if (compile_source(text, unit, error) != Outcome::good) return false;
  auto wrong = write_image(*unit, bytes);
  if (wrong) error = *wrong;
  return !wrong;
}

int print_code(const std::string& path) {
  ImageBytes bytes;
  std::string error;
  if (!image_of(path, bytes, error)) return complain(path + ": " + error);
  CodeUnit unit;
  if (auto wrong = check_image(bytes, &unit)) return complain(path + ": " + *wrong);
  std::string text = disassemble(unit);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int store(const std::string& path, const CodeUnit& unit) {
  ImageBytes bytes;
  if (auto wrong = write_image(unit, bytes)) return complain(*wrong);
  if (auto wrong = store_image_file(path, bytes)) return complain(path + ": " + *wrong);
  return 0;
}

// Every way through the room for one unit; an empty string when all agree.
std::string round_trip(const CodeUnit& unit) {
  ImageBytes bytes, again;
  if (auto wrong = write_image(unit, bytes)) return "verify: " + *wrong;
  CodeUnit decoded, assembled;
  if (auto wrong = check_image(bytes, &decoded)) return "check: " + *wrong;
  if (!same_unit(unit, decoded)) return "decoding gives another unit";
  if (auto wrong = assemble(disassemble(decoded), assembled)) return "assemble: " + *wrong;
  if (auto wrong = write_image(assembled, again)) return "verify after assembling: " + *wrong;
  return bytes == again ? "" : "assembling the disassembly gives other bytes";
}

// A failed CHECK ends the process; the sweep then says which source it was.
std::string sweeping;
void name_source(int) { std::fprintf(stderr, "dx-dpb: while sweeping %s\n", sweeping.c_str()); }

int sweep(bool quiet) {
  std::signal(SIGABRT, name_source);
  int good = 0, syntax_errors = 0, failed = 0;
  for (std::string path; std::getline(std::cin, path);) {
    std::string source, error;
    if (path.empty()) continue;
    sweeping = path;
    if (!read_file(path, source)) {
      ++failed;
      std::printf("FAILED %s: cannot read\n", path.c_str());
      continue;
    }
    std::shared_ptr<CodeUnit> unit;
    if (compile_source(source, unit, error) != Outcome::good) {
      ++syntax_errors;
      if (!quiet) std::printf("SYNTAX %s: %s\n", path.c_str(), error.c_str());
      continue;
    }
    error = round_trip(*unit);
    if (error.empty()) {
      ++good;
    } else {
      ++failed;
      std::printf("FAILED %s: %s\n", path.c_str(), error.c_str());
    }
  }
  std::printf("%d round trips, %d sources with errors, %d failed\n", good, syntax_errors, failed);
  return failed ? 1 : 0;
}

int show_times(const std::string& path) {
  std::string source, error;
  if (!read_file(path, source)) return complain("cannot read " + path);
  std::shared_ptr<CodeUnit> unit;
  using Clock = std::chrono::steady_clock;
  ImageBytes bytes;
  CodeUnit decoded;
  std::string text;
  bool good = true;
  auto timed = [&](const char* what, auto&& step) {
    double best = 1e9;
    for (int round = 0; round < 20; ++round) {
      auto start = Clock::now();
      good &= step();
      best =
          std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    std::printf("%-22s %10.1f us\n", what, best);
  };
  timed("parse and compile", [&] { return compile_source(source, unit, error) == Outcome::good; });
  if (!good) return complain(path + ": " + error);
  timed("verify", [&] { return !verify(*unit); });
  timed("verify and write", [&] { return !write_image(*unit, bytes); });
  timed("hash", [&] { return image_hash(bytes)[0] != 256; });
  timed("decode", [&] { return !decode_image(bytes, decoded); });
  timed("check (untrusted)", [&] { return !check_image(bytes); });
  timed("disassemble", [&] { return !(text = disassemble(decoded)).empty(); });
  timed("assemble", [&] { return !assemble(text, decoded); });
  char folder[] = "/tmp/dx-dpb-XXXXXX";
  if (!mkdtemp(folder)) return complain("cannot make a folder");
  std::unique_ptr<ImageCache> cache;
  if (auto wrong = ImageCache::open(folder, "time", cache)) return complain(*wrong);
  timed("store", [&] { return !cache->store("m.dpb", bytes); });
  timed("load, verdict known", [&] { return bool(cache->load("m.dpb").image); });
  unlink((std::string(folder) + "/m.dpb").c_str());
  unlink((std::string(folder) + "/verdicts").c_str());
  rmdir(folder);
  std::printf("%zu lines, %zu bytes of image, %u code objects\n",
              size_t(std::count(source.begin(), source.end(), '\n')), bytes.size(),
              ImageView(bytes).unit_count());
  return good ? 0 : complain("a step failed");
}

// The first byte of a seed chooses what dpb_fuzz does with the rest.
int write_seeds(const std::string& folder, int count, char** paths) {
  int written = 0;
  for (int i = 0; i < count; ++i) {
    ImageBytes bytes;
    std::string error;
    if (!image_of(paths[i], bytes, error)) return complain(std::string(paths[i]) + ": " + error);
    CodeUnit unit;
    if (auto wrong = check_image(bytes, &unit)) return complain(*wrong);
    std::string image(bytes.begin(), bytes.end());
    std::string code(reinterpret_cast<const char*>(unit.instructions.data()),
                     unit.instructions.size() * 8);
    std::string base = folder + "/" + std::to_string(i);
    if (!write_file(base + ".image", "I" + image) ||
        !write_file(base + ".text", "T" + disassemble(unit)) ||
        !write_file(base + ".code", "C" + code)) {
      return complain("cannot write into " + folder);
    }
    written += 3;
  }
  std::printf("%d seeds\n", written);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  std::string command = count > 1 ? words[1] : "";
  if (command == "dis" && count == 3) return print_code(words[2]);
  if (command == "sweep" && count <= 3)
    return sweep(count == 3 && std::string(words[2]) == "--quiet");
  if (command == "time" && count == 3) return show_times(words[2]);
  if (command == "seeds" && count >= 3) return write_seeds(words[2], count - 3, words + 3);
  if (command == "asm" && count == 4) {
    std::string text;
    if (!read_file(words[2], text)) return complain(std::string("cannot read ") + words[2]);
    CodeUnit unit;
    if (auto wrong = assemble(text, unit)) return complain(std::string(words[2]) + ": " + *wrong);
    return store(words[3], unit);
  }
  if (command == "compile" && count == 4) {
    std::string source, error;
    if (!read_file(words[2], source)) return complain(std::string("cannot read ") + words[2]);
    std::shared_ptr<CodeUnit> unit;
    if (compile_source(source, unit, error) != Outcome::good)
      return complain(std::string(words[2]) + ": " + error);
    return store(words[3], *unit);
  }
  if (command == "verify" && count >= 3) {
    int status = 0;
    for (int i = 2; i < count; ++i) {
      LoadedImage loaded = load_image_file(words[i]);
      if (loaded.image) continue;
      status = complain(std::string(words[i]) + ": " +
                        (loaded.error.empty() ? "no such file" : loaded.error));
    }
    return status;
  }
  std::fprintf(stderr,
               "usage: dx-dpb compile FILE.py OUT | dis FILE | asm FILE.txt OUT | verify FILE... | "
               "sweep [--quiet] | "
               "time FILE.py | seeds FOLDER FILE...\n");
  return 2;
}
