#pragma once
// Struct sequences: tuples whose items also have names, some of them only names (time.struct_time,
// os.stat_result, sys.flags). A module describes one in a StructSequence and makes its type once,
// at initialization:
//
//   static const StructField terminal_size_fields[] = {{"columns", "width of the terminal window in
//   characters"}, ...}; StructSequence terminal_size{"os.terminal_size", "A tuple of (columns,
//   lines) ...", terminal_size_fields, 2}; TRY(structseq_ready(thread, terminal_size));
//
//   [Tuple header, size = visible] [visible items] [number of hidden items] [hidden items]

#include <span>

#include "objects/tuple.h"

namespace dx {

struct StructField {
  const char* name;  // null: unnamed (only among the visible ones)
  const char* doc;
};

struct StructSequence {
  const char* name;  // "os.stat_result"
  const char* doc;
  std::span<const StructField> fields;
  size_t visible;             // the first so many fields are items of the tuple
  bool constructible = true;  // Python may call the type
  TypeHandle type = {};
  TypeSpec spec = {};
};

Result<void> structseq_ready(Thread& thread, StructSequence& kind);
// One value a field, in order; moved in, also when it raises (dropped then).
Result<Ref<Tuple>> structseq_create(Thread& thread, StructSequence& kind, Value* fields);

}  // namespace dx
