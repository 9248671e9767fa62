#include "base/locale.h"

#include <langinfo.h>
#include <unistd.h>

#include <atomic>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace dx {

namespace {

std::atomic<bool> pending{false};
std::mutex settling;

// The locale the environment asks for, in the order of setlocale(3); null: none.
const char* asked_for() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* name = std::getenv(variable);
    if (name && *name) return name;
  }
  return nullptr;
}

}  // namespace

void locale_start() {
  const char* name = asked_for();
  if (name && std::strcmp(name, "C.UTF-8") == 0 && !std::getenv("LOCPATH") &&
      access("/usr/lib/locale/C.utf8/LC_CTYPE", R_OK) == 0) {
    pending.store(true, std::memory_order_relaxed);
    return;
  }
  std::setlocale(LC_CTYPE, "");
}

void locale_settle() {
  if (!pending.load(std::memory_order_acquire)) return;
  std::lock_guard<std::mutex> guard(settling);
  if (!pending.load(std::memory_order_relaxed)) return;
  // Not "": the program may have changed its environment since.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  pending.store(false, std::memory_order_release);
}

const char* locale_name() {
  if (pending.load(std::memory_order_acquire)) return "C.UTF-8";
  const char* name = std::setlocale(LC_CTYPE, nullptr);
  return name ? name : "C";
}

const char* locale_codeset() {
  if (pending.load(std::memory_order_acquire)) return "UTF-8";
  const char* codeset = nl_langinfo(CODESET);
  return codeset && *codeset ? codeset : "UTF-8";
}

bool locale_pending() { return pending.load(std::memory_order_acquire); }
void locale_set_pending(bool value) { pending.store(value, std::memory_order_release); }

}  // namespace dx
