#include "jit/code_names.h"

#include <elf.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <mutex>

#include "base/check.h"
#include "jit/code_memory.h"

// The names and the layout of these three are gdb's; it looks them up in the executable.
extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  uint64_t symfile_size;
};
struct jit_descriptor {
  uint32_t version;
  uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};
[[gnu::visibility("default"), gnu::used]] jit_descriptor __jit_debug_descriptor = {1, 0, nullptr,
                                                                                   nullptr};
[[gnu::visibility("default"), gnu::noinline, gnu::used]] void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}
}

namespace dx::jit {
namespace {
enum : uint32_t { kGdbNothing, kGdbRegister, kGdbUnregister };
std::mutex gdb_mutex;
}  // namespace

struct CodeNames::GdbEntry {
  jit_code_entry links{};
  std::vector<uint8_t> object;
};

CodeNames::CodeNames(const Options& options) : gdb_(options.gdb) {
  if (options.perf) {
    std::string path = options.perf_path;
    if (path.empty()) path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
    perf_ = std::fopen(path.c_str(), "ae");
    if (!perf_)
      std::fprintf(stderr, "dx-py: cannot write %s, so perf will not know machine code\n",
                   path.c_str());
  }
}

CodeNames::~CodeNames() {
  CHECK(entries_.empty());
  if (perf_) std::fclose(perf_);
}

void CodeNames::added(const CodeUnit& unit) {
  if (perf_) {
    std::string name = unit.name;
    for (char& c : name) {
      if (c == '\n' || c == '\r') c = ' ';
    }
    std::fprintf(perf_, "%lx %x %s\n", reinterpret_cast<unsigned long>(unit.code), unit.code_size,
                 name.c_str());
    std::fflush(perf_);
  }
  if (!gdb_) return;
  auto* entry = new GdbEntry;
  entry->object = object_file(reinterpret_cast<uint64_t>(unit.code), unit.code_size, unit.name);
  entry->links.symfile_addr = reinterpret_cast<const char*>(entry->object.data());
  entry->links.symfile_size = entry->object.size();
  entries_[unit.code] = entry;
  std::lock_guard lock(gdb_mutex);
  entry->links.next_entry = __jit_debug_descriptor.first_entry;
  if (entry->links.next_entry) entry->links.next_entry->prev_entry = &entry->links;
  __jit_debug_descriptor.first_entry = &entry->links;
  __jit_debug_descriptor.relevant_entry = &entry->links;
  __jit_debug_descriptor.action_flag = kGdbRegister;
  __jit_debug_register_code();
}

void CodeNames::removed(const CodeUnit& unit) {
  auto found = entries_.find(unit.code);
  if (found == entries_.end()) return;
  GdbEntry* entry = found->second;
  entries_.erase(found);
  {
    std::lock_guard lock(gdb_mutex);
    jit_code_entry& links = entry->links;
    if (links.prev_entry) links.prev_entry->next_entry = links.next_entry;
    if (links.next_entry) links.next_entry->prev_entry = links.prev_entry;
    if (__jit_debug_descriptor.first_entry == &links)
      __jit_debug_descriptor.first_entry = links.next_entry;
    __jit_debug_descriptor.relevant_entry = &links;
    __jit_debug_descriptor.action_flag = kGdbUnregister;
    __jit_debug_register_code();
    __jit_debug_descriptor.relevant_entry = nullptr;
    __jit_debug_descriptor.action_flag = kGdbNothing;
  }
  delete entry;
}

// sections: null, .text (no bytes, only addresses), .symtab, .strtab (symbol and section names
// together)
std::vector<uint8_t> CodeNames::object_file(uint64_t address, uint64_t size,
                                            const std::string& name) {
  std::string strings("\0.text\0.symtab\0.strtab\0", 23);
  uint32_t name_at = static_cast<uint32_t>(strings.size());
  strings += name;
  strings += '\0';

  struct Layout {
    Elf64_Ehdr header;
    Elf64_Shdr sections[4];
    Elf64_Sym symbols[2];
  } layout = {};
  std::memcpy(layout.header.e_ident, ELFMAG, SELFMAG);
  layout.header.e_ident[EI_CLASS] = ELFCLASS64;
  layout.header.e_ident[EI_DATA] = ELFDATA2LSB;
  layout.header.e_ident[EI_VERSION] = EV_CURRENT;
  layout.header.e_type = ET_REL;
#if defined(__x86_64__)
  layout.header.e_machine = EM_X86_64;
#elif defined(__aarch64__)
  layout.header.e_machine = EM_AARCH64;
#endif
  layout.header.e_version = EV_CURRENT;
  layout.header.e_ehsize = sizeof(Elf64_Ehdr);
  layout.header.e_shentsize = sizeof(Elf64_Shdr);
  layout.header.e_shnum = 4;
  layout.header.e_shoff = offsetof(Layout, sections);
  layout.header.e_shstrndx = 3;

  Elf64_Shdr& text = layout.sections[1];
  text.sh_name = 1;
  text.sh_type = SHT_NOBITS;
  text.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
  text.sh_addr = address;
  text.sh_size = size;
  text.sh_addralign = 16;
  Elf64_Shdr& symtab = layout.sections[2];
  symtab.sh_name = 7;
  symtab.sh_type = SHT_SYMTAB;
  symtab.sh_offset = offsetof(Layout, symbols);
  symtab.sh_size = sizeof layout.symbols;
  symtab.sh_link = 3;
  symtab.sh_info = 1;
  symtab.sh_addralign = 8;
  symtab.sh_entsize = sizeof(Elf64_Sym);
  Elf64_Shdr& strtab = layout.sections[3];
  strtab.sh_name = 15;
  strtab.sh_type = SHT_STRTAB;
  strtab.sh_offset = sizeof layout;
  strtab.sh_size = strings.size();
  strtab.sh_addralign = 1;

  Elf64_Sym& symbol = layout.symbols[1];
  symbol.st_name = name_at;
  symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
  symbol.st_shndx = 1;
  symbol.st_value = 0;  // relative to .text
  symbol.st_size = size;

  std::vector<uint8_t> out(sizeof layout + strings.size());
  std::memcpy(out.data(), &layout, sizeof layout);
  std::memcpy(out.data() + sizeof layout, strings.data(), strings.size());
  return out;
}

}  // namespace dx::jit
