#pragma once
// The kinds of items an array.array can hold: how a value becomes machine bytes and back.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct ArrayKind {
  char code;
  int8_t size;
  int8_t machine_format;  // numbers that pickles use
  const char* format;     // of exported buffers, in struct's syntax
  AnyResult (*load)(Thread& thread, const char* item);
  Result<void> (*store)(Thread& thread, Any value, char* item);  // item: 8 bytes of room

  bool is_text() const { return code == 'u' || code == 'w'; }
};
constexpr const char* kArrayTypecodes = "bBuwhHiIlLqQfd";
const ArrayKind* array_kind(char32_t code);  // null: no such typecode

struct MachineFormat {
  int8_t size;
  bool little, is_signed, real, text;
};
MachineFormat machine_format(Word number);  // Requires: 0 <= number <= 21
AnyResult machine_value(Thread& thread, MachineFormat format, const char* item);

}  // namespace dx
