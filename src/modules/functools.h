#pragma once
// The types of the _functools module: partial and the rest (functools.cpp), lru_cache
// (functools_cache.cpp).

#include "objects/module.h"

namespace dx {

extern TypeHandle lru_cache_wrapper_type;
extern const TypeSpec lru_cache_wrapper_spec;

}  // namespace dx
