#pragma once
// All hashes of the heap under another key: what a start image (runtime/start_image.h) needs when the process that maps it
// drew another key than the one that made it. Texts forget their hash, tuples and frozensets theirs, dicts and sets file
// their keys anew, and so does the table of interned texts.
//
// Only while one thread exists, and only when type_with_python_hash says that no key's hash comes from Python code.

#include "objects/type.h"

namespace dx {

// The type of a key of which that is not so, or null.
Type* type_with_python_hash(Thread& thread);
// What is left of keys that were removed: the hash of a thread's number is an address of the process.
void hashes_forget_removed(Thread& thread);
void rehash_all(Thread& thread);  // after hash_key_set

}  // namespace dx
