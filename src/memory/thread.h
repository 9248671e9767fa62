#pragma once
// Thread: the part of a thread's state that memory and interpreter touch all the time. Everything
// that may run Python, allocate, raise or let the collector in takes a `Thread&`.
//
// Tags: a thread counts plainly (without atomics) on objects whose owner equals its tag: those it
// made and has not yet stored where other threads can reach them (memory/publish.h). No two threads
// have the same tag, and none is ever 0, the owner of shared objects. A thread that got no tag,
// because all were used, has 0xFFFF, which is never an owner, and makes objects that are shared
// from the beginning.

#include <atomic>

#include "memory/object.h"

namespace dx {

struct Context;  // interpreter/context.h: VM stack, recursion depth, handled exceptions, current
                 // frame
struct Interpreter;  // runtime/interpreter_state.h: sys, modules, builtins, codecs ...
struct ThreadHeap;   // memory/heap.cpp

constexpr uint16_t kMainTag = 1;
constexpr uint16_t kSharedTag = 0xFFFF;

// Why a thread should look up at its next safepoint; bits of Thread::poll.
enum Poll : uint32_t {
  kPollStop = 1,     // a handshake (collector, fork, the first second thread) waits for this thread
  kPollGc = 2,       // the collector wants to run, or garbage waits for disposal
  kPollSignals = 4,  // main thread: a Python signal handler is due
  kPollEpoch = 8,    // retired memory waits for this thread's epoch
  kPollAsync = 16,   // an exception raised by another thread, pending calls
  kPollTrace = 32,   // tracing or monitoring was switched
  kPollDie = 64,     // shutdown: daemon threads park for ever
};

struct Thread {
  // -- hot: counting and allocation
  // ------------------------------------------------------------------------------
  uint16_t tag = kMainTag;
  uint16_t new_owner = kMainTag;  // owner of objects this thread allocates
  std::atomic<uint32_t> poll{0};
  ThreadHeap* heap = nullptr;

  // -- hot: execution
  // ------------------------------------------------------------------------------------------------
  Context* context = nullptr;
  Interpreter* interpreter = nullptr;
  Value exception;  // the pending exception (owned), or empty; non-empty exactly when a Result says
                    // raised
  char* native_stack_limit = nullptr;  // C++ recursion below this address raises RecursionError

  // -- deallocation: one explicit stack, so that a long chain does not recurse (memory/dealloc.cpp)
  // ---------------
  void* dealloc_state = nullptr;
  int64_t container_growth =
      0;  // containers allocated minus freed since the last collection, of this thread

  // -- threads, epochs
  // ---------------------------------------------------------------------------------------------
  std::atomic<uint64_t> epoch{0};
  std::atomic<uint32_t> state{0};  // memory/safepoint.h: running, offline, stopped
  void* epoch_state = nullptr;     // retired blocks of this thread
  uint64_t ident = 0;              // threading.get_ident()
  uint64_t native_id = 0;
  bool is_main = false;
  bool is_daemon = false;
  Thread* next = nullptr;  // list of all threads, guarded by the thread list's lock
  Thread* previous = nullptr;
  void* runtime = nullptr;     // runtime/: thread-local dict, handles ...
  void* type_cache = nullptr;  // objects/type.cpp: (type version, name) -> attribute
  void* attribute_cache =
      nullptr;         // interpreter/attribute_cache.cpp: (shape, name) -> what a cache cell holds
  Value context_vars;  // current contextvars.Context (owned), or empty
  Value trace_function, profile_function;        // sys.settrace, sys.setprofile: owned, or empty
  Value async_first_iteration, async_finalizer;  // sys.set_asyncgen_hooks: owned, or empty
  uint32_t coroutine_origin_depth = 0;           // sys.set_coroutine_origin_tracking_depth
  uint32_t observing = 0;                        // inside a tracing callback: no events meanwhile
  std::atomic<bool> observed{false};  // runs in the instrumented loop (interpreter/observe.h)
};

// Once, before any object is made: reserves the heap and the shape table and makes `main` the
// current thread. Ends the process with a message when there is no address space.
void memory_start(Thread& main);
// The calling native thread is the main thread that a start image (runtime/start_image.h) brought
// along.
void thread_adopt(Thread& main);
// Makes `thread` the calling native thread's current one, with a heap; false when memory is short.
// The second thread switches to multi-threaded counting, which waits for the others' safepoints
// (threads_share, memory/safepoint.h).
bool thread_attach(Thread& thread);
// The last thing a thread does; its heap goes to the next thread.
void thread_detach(Thread& thread);

extern thread_local constinit Thread* current_thread_ptr __attribute__((tls_model("initial-exec")));
inline Thread& current_thread() { return *current_thread_ptr; }

}  // namespace dx
