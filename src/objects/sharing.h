#pragma once
// What a program's threads use together all the time: its functions, classes, code and constants.
// Their counts are given up before a second thread starts, for every call would else write to a
// cache line that all threads fight for.

#include "memory/thread.h"

namespace dx {

// Makes immortal what exists at the top level of modules and classes. What is made afterwards is
// counted as ever: closures, local classes and code of eval() die in threaded programs too.
// Requires: this is the only thread.
void objects_before_threads(Thread& thread);

}  // namespace dx
