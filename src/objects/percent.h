#pragma once
// % formatting, one engine for str and bytes: bytes are taken as Latin-1 text and turned back at
// the end.

#include "objects/str.h"

namespace dx {

enum class PercentMode : uint8_t { text, bytes };
Result<Ref<Str>> percent_format(Thread& thread, StrView format, Any arguments, PercentMode mode);

}  // namespace dx
