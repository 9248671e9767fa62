#pragma once
// See printer.cpp.

#include "objects/protocol.h"

namespace dx {
AnyResult printer_create(Thread& thread, int descriptor);
}  // namespace dx
