#include "base/locale.h"

#include <langinfo.h>
#include <unistd.h>

#include <atomic>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <mutex>

namespace dx {

namespace {

std::atomic<bool> pending{false};
std::mutex settling;
std::mutex in_use;

// The locale the environment asks for, in the order of setlocale(3); null: none.
const char* asked_for() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* name = std::getenv(variable);
    if (name && *name) return name;
  }
  return nullptr;
}

// Makes this thread's LC_CTYPE that of `category` for a while. Other threads do not notice, as they
// would setlocale.
class BorrowedEncoding {
 public:
  explicit BorrowedEncoding(int category) {
    if (category == LC_CTYPE) return;
    const char* name = std::setlocale(category, nullptr);
    const char* own = std::setlocale(LC_CTYPE, nullptr);
    if (!name || (own && std::strcmp(name, own) == 0)) return;
    locale_ = newlocale(LC_CTYPE_MASK, name, nullptr);
    if (locale_) before_ = uselocale(locale_);
  }
  ~BorrowedEncoding() {
    if (!locale_) return;
    uselocale(before_);
    freelocale(locale_);
  }
  BorrowedEncoding(const BorrowedEncoding&) = delete;
  BorrowedEncoding& operator=(const BorrowedEncoding&) = delete;

 private:
  locale_t locale_ = nullptr, before_ = nullptr;
};

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

LocaleLock::LocaleLock() {
  locale_settle();
  in_use.lock();
}
LocaleLock::~LocaleLock() { in_use.unlock(); }

void locale_text(const LocaleLock&, const char* text, int category, LocaleText& out) {
  bool plain = true;
  for (const char* c = text; *c && !out.no_memory; ++c) {
    plain = plain && static_cast<unsigned char>(*c) < 128;
    out.no_memory = !out.bytes.push(*c);
  }
  BorrowedEncoding encoding(plain ? LC_CTYPE : category);
  std::mbstate_t state{};
  for (size_t at = 0, size = out.bytes.size(); at < size && !out.no_memory;) {
    wchar_t c = static_cast<wchar_t>(text[at]);
    size_t used = plain ? 1 : std::mbrtowc(&c, text + at, size - at, &state);
    if (used == 0 || used > size - at) {
      out.wrong = at;
      break;
    }
    out.no_memory = !out.characters.push(static_cast<char32_t>(c));
    at += used;
  }
}

}  // namespace dx
