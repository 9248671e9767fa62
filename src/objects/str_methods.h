#pragma once
// The methods of str, by file. All take the receiver as Borrowed<Str>, subclasses included, and
// return exact strs.

#include "objects/codecs.h"
#include "objects/str.h"

namespace dx {

struct Dict;

Result<Ref<Str>> str_repr(Thread& thread, Borrowed<Str> self);
Result<void> append_escaped(StrBuilder& builder, char32_t c);  // \xhh, \uhhhh, \Uhhhhhhhh
Result<Ref<Str>> str_repeat(Thread& thread, Borrowed<Str> self, Word count);
// tuple(iterable); TypeError "can only join an iterable" (bytes.cpp).
AnyResult sequence_tuple_for_join(Thread& thread, Any iterable);

// ---- str_find.cpp: searching, splitting, stripping, replacing -----------------------------------
Word view_rfind(StrView haystack, StrView needle, Word start, Word stop);
Word view_count(StrView haystack, StrView needle, Word start, Word stop,
                Word limit);  // at most limit
Result<Word> str_find_method(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end);
Result<Word> str_index(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end);
Result<Word> str_rfind(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end);
Result<Word> str_rindex(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end);
Result<Word> str_count(Thread& thread, Borrowed<Str> self, Any sub, Any start, Any end);
Result<bool> str_startswith(Thread& thread, Borrowed<Str> self, Any prefix, Any start, Any end);
Result<bool> str_endswith(Thread& thread, Borrowed<Str> self, Any suffix, Any start, Any end);
AnyResult str_replace(Thread& thread, Borrowed<Str> self, Borrowed<Str> old,
                      Borrowed<Str> replacement, Word count);
AnyResult str_split(Thread& thread, Borrowed<Str> self, Any separator, Word limit);
AnyResult str_rsplit(Thread& thread, Borrowed<Str> self, Any separator, Word limit);
AnyResult str_splitlines(Thread& thread, Borrowed<Str> self, bool keep_ends);
AnyResult str_partition(Thread& thread, Borrowed<Str> self, Any separator);
AnyResult str_rpartition(Thread& thread, Borrowed<Str> self, Any separator);
AnyResult str_strip(Thread& thread, Borrowed<Str> self, Any chars);
AnyResult str_lstrip(Thread& thread, Borrowed<Str> self, Any chars);
AnyResult str_rstrip(Thread& thread, Borrowed<Str> self, Any chars);
AnyResult str_removeprefix(Thread& thread, Borrowed<Str> self, Borrowed<Str> prefix);
AnyResult str_removesuffix(Thread& thread, Borrowed<Str> self, Borrowed<Str> suffix);

// ---- str_case.cpp: case, character classes, padding, translation --------------------------------
Result<Ref<Str>> str_lower(Thread& thread, Borrowed<Str> self);
Result<Ref<Str>> str_upper(Thread& thread, Borrowed<Str> self);
Result<Ref<Str>> str_title(Thread& thread, Borrowed<Str> self);
Result<Ref<Str>> str_capitalize(Thread& thread, Borrowed<Str> self);
Result<Ref<Str>> str_casefold(Thread& thread, Borrowed<Str> self);
Result<Ref<Str>> str_swapcase(Thread& thread, Borrowed<Str> self);
AnyResult str_center(Thread& thread, Borrowed<Str> self, Word width, Any fill);
AnyResult str_ljust(Thread& thread, Borrowed<Str> self, Word width, Any fill);
AnyResult str_rjust(Thread& thread, Borrowed<Str> self, Word width, Any fill);
AnyResult str_zfill(Thread& thread, Borrowed<Str> self, Word width);
AnyResult str_expandtabs(Thread& thread, Borrowed<Str> self, int tab_size);
bool str_isascii(Borrowed<Str> self);
bool str_islower(Borrowed<Str> self);
bool str_isupper(Borrowed<Str> self);
bool str_istitle(Borrowed<Str> self);
bool str_isspace(Borrowed<Str> self);
bool str_isdecimal(Borrowed<Str> self);
bool str_isdigit(Borrowed<Str> self);
bool str_isnumeric(Borrowed<Str> self);
bool str_isalpha(Borrowed<Str> self);
bool str_isalnum(Borrowed<Str> self);
bool str_isidentifier(Borrowed<Str> self);
bool str_isprintable(Borrowed<Str> self);
AnyResult str_translate(Thread& thread, Borrowed<Str> self, Any table);
AnyResult str_maketrans(Thread& thread, Any x, MaybeAny y, MaybeAny z);

// ---- str_format.cpp, percent.cpp ----------------------------------------------------------------
AnyResult str_format_method(Thread& thread, Borrowed<Str> self, Arguments arguments);
AnyResult str_format_map(Thread& thread, Borrowed<Str> self, Any mapping);
Result<Ref<Str>> str_format_dunder(Thread& thread, Borrowed<Str> self, Borrowed<Str> spec);
AnyResult str_mod(Thread& thread, Borrowed<Str> self, Any arguments);
AnyResult str_rmod(Thread& thread, Borrowed<Str> self, Any format);

}  // namespace dx
