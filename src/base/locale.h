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

}  // namespace dx
