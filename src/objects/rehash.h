#pragma once
// All hashes of the heap under another key: what a start image (runtime/start_image.h) needs when
// the process that maps it drew another key than the one that made it. Before it is stored, texts,
// tuples and frozensets forget their hashes (hashes_forget) and the dicts and sets with keys whose
// hash depends on the key are listed (rehash_prepare); after it was mapped, those file their keys
// anew. So a start touches no object that it does not need. (The table of interned texts has a key
// of its own.)
//
// Only while one thread exists, and only when type_with_python_hash says that no key's hash comes
// from Python code.

#include "objects/type.h"

namespace dx {

// The type of a key of which that is not so, or null.
Type* type_with_python_hash(Thread& thread);
// What is left of keys that were removed: the hash of a thread's number is an address of the
// process.
void hashes_forget_removed(Thread& thread);
void rehash_prepare(Thread& thread);
// In a copy of the heap: `place` gives where an object's word is in it.
void hashes_forget(Thread& thread, void* (*place)(void* state, void* word), void* state);
void rehash_all(Thread& thread);  // after hash_key_set

}  // namespace dx
