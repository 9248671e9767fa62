#pragma once
// The C library's LC_CTYPE, put off. Loading even C.UTF-8 reads three files, 35 of the 1,500 us of
// a start, and most programs ask no more of it than its name and codeset, which are known
// beforehand.
//
//   main: locale_start --> C.UTF-8, and its file is there: only noted
//                      --> any other: setlocale(LC_CTYPE, "") at once
//   before a multibyte or wide-character function of the C library: locale_settle
//
// C.UTF-8 classes the 256 single bytes as C does, so isalpha(3) and its like need no settling; nor
// do the other categories, which stay C. Code from outside (a C extension) is to find it settled.

#include "base/pile.h"

namespace dx {

// Main's first act, once, before another thread exists.
void locale_start();
// setlocale as it was put off. Any thread, any number of times.
void locale_settle();

// setlocale(LC_CTYPE, nullptr) and nl_langinfo(CODESET) of a settled process; never null.
const char* locale_name();
const char* locale_codeset();

// What a start image must not take over from the process that wrote it: see StartImage::map.
bool locale_pending();
void locale_set_pending(bool pending);

// setlocale, and what the C library keeps in static storage (localeconv, the names it gives),
// belong to the whole process: held, after settling, by whoever changes or reads them. Nothing that
// takes Thread& is called while one is held.
class LocaleLock {
 public:
  LocaleLock();
  ~LocaleLock();
  LocaleLock(const LocaleLock&) = delete;
  LocaleLock& operator=(const LocaleLock&) = delete;
};

// A text of the C library as it stands, and decoded by the LC_CTYPE of the locale that `category`
// is set to, which need not be the process's own: "\xa0" in LC_NUMERIC fr_FR.ISO8859-1 is a blank,
// whatever LC_CTYPE says.
struct LocaleText {
  static constexpr size_t kFine = ~size_t{0};
  Pile<char> bytes;
  Pile<char32_t> characters;
  size_t wrong = kFine;  // which byte no character starts with; `characters` ends before it
  bool no_memory = false;
};
// Requires: an empty `out`, text not null.
void locale_text(const LocaleLock& lock, const char* text, int category, LocaleText& out);

}  // namespace dx
