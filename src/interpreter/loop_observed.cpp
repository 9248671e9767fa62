// The dispatch loop once more, for threads that are observed (observe.h): before every instruction
// it asks what is due.

#define DX_OBSERVED 1
#include "interpreter/loop.cpp"
