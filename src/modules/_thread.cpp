// _thread: starting threads, joining them, and what threading.py needs to know about them.
//
// A started thread and its handles share a ThreadRecord, which outlives both. State: not_started ->
// starting -> running
// -> done; whoever joins waits on the state word. _excepthook is left to threading.py's own
// version.

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <mutex>
#include <new>

#include "interpreter/context.h"
#include "interpreter/observe.h"
#include "memory/heap.h"
#include "modules/thread_lock.h"
#include "runtime/interpreter_state.h"
#include "runtime/signals.h"
#include "runtime/start_image.h"
#include "objects/audit.h"
#include "objects/bytes.h"
#include "objects/codecs.h"
#include "objects/dict.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/sharing.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle thread_handle_type;

namespace {

constexpr size_t kVmStackBytes = size_t{1} << 30;  // reserved, not used: pages appear when touched
constexpr size_t kNativeStackMargin = size_t{64} << 10;
constexpr Word kSmallestNativeStack = 53248;

enum ThreadPhase : uint32_t { kNotStarted, kStarting, kRunning, kDone };

struct ThreadRecord {
  std::atomic<uint32_t> phase{kNotStarted};
  std::atomic<uint32_t> holders{1};
  std::atomic<uint64_t> ident{0};
  bool joined_at_exit = false;   // not a daemon
  bool started_here = false;     // else of a thread that was there already: the main thread
  bool listed = false;           // under records_lock
  ThreadRecord* next = nullptr;  // the list of threads that have handles
  ThreadRecord* previous = nullptr;
};

// The threads that were started and are not done, and those that a handle was made for; how many of
// the former run.
std::mutex records_lock;
ThreadRecord* records;
std::atomic<Word> running_count{0};
std::atomic<Word> native_stack_bytes{0};  // 0: the system's default
std::atomic<uint64_t> main_ident{0};

void release_record(ThreadRecord* record) {
  if (record->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete record;
}

void set_done(ThreadRecord* record) {
  record->phase.store(kDone, std::memory_order_release);
  futex_wake(record->phase, INT_MAX);
}

void list_record(ThreadRecord* record) {
  std::lock_guard<std::mutex> guard(records_lock);
  record->holders.fetch_add(1, std::memory_order_relaxed);
  record->listed = true;
  record->previous = nullptr;
  record->next = records;
  if (records) records->previous = record;
  records = record;
}
void unlist_record(ThreadRecord* record) {
  {
    std::lock_guard<std::mutex> guard(records_lock);
    if (!record->listed) return;
    record->listed = false;
    if (record->previous)
      record->previous->next = record->next;
    else
      records = record->next;
    if (record->next) record->next->previous = record->previous;
  }
  release_record(record);
}

// A fork finds the list whole, although a thread that is just ending changes it without being one
// that stop_all waits for.
void before_fork() { records_lock.lock(); }
void after_fork_in_parent() { records_lock.unlock(); }
// In the child only the forking thread is left: to those that hold their handles the others are
// done.
void after_fork_in_child() {
  records_lock.unlock();  // before_fork of this very thread
  const uint64_t self = static_cast<uint64_t>(pthread_self());
  Word running = 0;
  for (ThreadRecord* record = records; record;) {
    ThreadRecord* next = record->next;
    if (record->ident.load(std::memory_order_relaxed) == self &&
        record->phase.load(std::memory_order_relaxed) == kRunning) {
      running += record->started_here;
    } else {
      (record->previous ? record->previous->next : records) = next;
      if (next) next->previous = record->previous;
      record->listed = false;
      record->phase.store(kDone, std::memory_order_relaxed);
      release_record(record);  // the list's hold; the vanished thread's is lost with its stack
    }
    record = next;
  }
  running_count.store(running, std::memory_order_relaxed);
  main_ident.store(self, std::memory_order_relaxed);
}
void watch_forks() { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

// Waits until the thread is done; false at the deadline.
Result<bool> wait_done(Thread& thread, ThreadRecord* record, int64_t deadline) {
  for (;;) {
    uint32_t phase = record->phase.load(std::memory_order_acquire);
    if (phase == kDone) return true;
    Wait result;
    {
      OfflineScope waiting(thread);
      result = futex_wait(record->phase, phase, deadline);
    }
    if (result == Wait::timed_out) return record->phase.load(std::memory_order_acquire) == kDone;
    TRY(poll_signals(thread));
  }
}

// ---- handles ------------------------------------------------------------------------------------
struct ThreadHandle : Object {
  ThreadRecord* record;
};
ThreadHandle* handle_of(Any self) { return static_cast<ThreadHandle*>(self.object()); }

Result<Ref<Object>> handle_create(Thread& thread) {
  AnyRef made = TRY(allocate_instance(thread, thread_handle_type.type));
  handle_of(made)->record = new (std::nothrow) ThreadRecord;
  if (!handle_of(made)->record) return raise_memory_error(thread);
  return made;
}
AnyResult handle_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.count)
    return raise<TypeError>(thread, "_ThreadHandle expected 0 arguments, got {}", arguments.count);
  return handle_create(thread);
}
void handle_destroy(Thread&, Object* object) {
  ThreadRecord* record = static_cast<ThreadHandle*>(object)->record;
  if (!record) return;
  if (!record->started_here) unlist_record(record);
  release_record(record);
}
AnyResult handle_ident(Thread& thread, Any self) {
  return int_from_u64(thread, handle_of(self)->record->ident.load(std::memory_order_relaxed));
}
bool handle_is_done(Thread&, Any self) {
  return handle_of(self)->record->phase.load(std::memory_order_acquire) == kDone;
}
Result<void> handle_set_done(Thread& thread, Any self) {
  ThreadRecord* record = handle_of(self)->record;
  if (record->phase.load(std::memory_order_acquire) == kNotStarted) {
    return raise<RuntimeError>(thread, "thread not started");
  }
  set_done(record);
  return {};
}
Result<void> handle_join(Thread& thread, Any self, Any timeout) {
  ThreadRecord* record = handle_of(self)->record;
  int64_t deadline = kNoDeadline;
  if (!timeout.is_none()) {
    AnyRef zero = AnyRef::adopt(small_int(0));
    bool negative = TRY(compare_true(thread, timeout, zero, CompareOp::lt));
    if (!negative) deadline = TRY(deadline_in(thread, timeout));
  }
  uint32_t phase = record->phase.load(std::memory_order_acquire);
  if (phase == kNotStarted) return raise<RuntimeError>(thread, "thread not started");
  if (phase != kDone && record->ident.load(std::memory_order_relaxed) == thread.ident) {
    return raise<RuntimeError>(thread, "Cannot join current thread");
  }
  if (phase != kDone && interpreter_of(thread).finalizing) {
    return raise<PythonFinalizationError>(thread, "cannot join thread at interpreter shutdown");
  }
  TRY(wait_done(thread, record, deadline));
  return {};
}
AnyResult handle_repr(Thread& thread, Any self) {
  const FormatArgument parts[] = {type_name_in(self),
                                  handle_of(self)->record->ident.load(std::memory_order_relaxed)};
  return format_text(thread, "<{} object: ident={}>", parts, 2);
}

const Layout handle_layout{"_ThreadHandle", sizeof(ThreadHandle), false, nullptr, handle_destroy};
const SlotEntry handle_slots[] = {slot<SlotId::new_, handle_new>(),
                                  slot<SlotId::repr, handle_repr>()};
const GetSet handle_getsets[] = {getter<handle_ident>("ident")};
constexpr Method handle_methods[] = {
    method<handle_is_done>("is_done()"),
    method<handle_set_done>("_set_done()"),
    method<handle_join>("join(timeout=None, /)"),
};

// ---- starting -----------------------------------------------------------------------------------
struct ThreadStart {
  Value function, arguments, keywords;  // owned; keywords may be empty
  ThreadRecord* record;
  Interpreter* interpreter;
  uint32_t depth_limit;
  size_t stack_bytes;
  bool daemon;
  std::atomic<uint32_t> answer{0};  // 1 running, 2 not enough memory
};

void run(Thread& thread, ThreadStart& start) {
  AnyRef function = AnyRef::adopt(start.function);
  {
    AnyRef arguments = AnyRef::adopt(start.arguments);
    Maybe<Ref<Object>> keywords = Maybe<Ref<Object>>::adopt(start.keywords);
    AnyResult result = call_with(thread, function, Borrowed<Tuple>(arguments.value()),
                                 Maybe<Borrowed<Dict>>(keywords.value()));
    if (result.raised()) {
      if (pending_is<SystemExit>(thread))
        clear_exception(thread);
      else
        report_unraisable(thread, "Exception ignored in thread started by",
                          MaybeAny(function.value()));
    }
  }
}

// What the thread owns goes while it can still run Python.
void clear_thread(Thread& thread) {
  thread_locals_clear(thread);
  for (Value* slot :
       {&thread.exception, &thread.context_vars, &thread.trace_function, &thread.profile_function,
        &thread.async_first_iteration, &thread.async_finalizer}) {
    Value old = *slot;
    *slot = Value{};
    decref(thread, old);
  }
}

void answer_parent(ThreadStart& start, uint32_t answer) {
  start.answer.store(answer, std::memory_order_release);
  futex_wake(start.answer, 1);
}

void* thread_main(void* opaque) {
  auto* start = static_cast<ThreadStart*>(opaque);
  Thread thread;
  thread.interpreter = start->interpreter;
  thread.is_daemon = start->daemon;
  thread.native_stack_limit =
      static_cast<char*>(__builtin_frame_address(0)) - start->stack_bytes + kNativeStackMargin;
  if (!thread_attach(thread)) {
    answer_parent(*start, 2);
    return nullptr;
  }
  thread.context = context_create(kVmStackBytes);
  if (!thread.context) {
    thread_detach(thread);
    answer_parent(*start, 2);
    return nullptr;
  }
  thread.context->depth_limit = start->depth_limit;
  monitoring_join(thread);
  ThreadRecord* record = start->record;  // this thread's own hold on it
  record->ident.store(thread.ident, std::memory_order_relaxed);
  record->phase.store(kRunning, std::memory_order_release);
  running_count.fetch_add(1, std::memory_order_relaxed);
  ThreadStart mine{
      start->function, start->arguments, start->keywords, record, start->interpreter, 0, 0,
      start->daemon};
  answer_parent(*start, 1);  // the parent's frame, and *start with it, may be gone from here on
  run(thread, mine);
  clear_thread(thread);
  context_destroy(thread.context);
  thread.context = nullptr;
  thread_detach(thread);
  running_count.fetch_sub(1, std::memory_order_relaxed);
  set_done(record);
  unlist_record(record);
  release_record(record);
  return nullptr;
}

size_t default_native_stack() {
  pthread_attr_t attributes;
  size_t bytes = size_t{8} << 20;
  if (pthread_getattr_default_np(&attributes) == 0) {
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
  }
  return bytes;
}

// Takes nothing; record gets a hold of its own. On an error the record is as it was.
Result<void> start_thread(Thread& thread, ThreadRecord* record, Any function, Any arguments,
                          MaybeAny keywords, bool daemon) {
  if (interpreter_of(thread).finalizing) {
    return raise<PythonFinalizationError>(thread,
                                          "can't create new thread at interpreter shutdown");
  }
  if (!threads_are_shared()) objects_before_threads(thread);
  threads_share(thread);
  for (Value given : {function.value(), arguments.value(), keywords.value()})
    publish(thread, given);
  ThreadStart start;
  start.function = share(thread, function).release();
  start.arguments = share(thread, arguments).release();
  start.keywords = keywords ? share(thread, *keywords).release() : Value{};
  start.record = record;
  start.interpreter = thread.interpreter;
  start.depth_limit = thread.context->depth_limit;
  start.daemon = daemon;
  Word asked = native_stack_bytes.load(std::memory_order_relaxed);
  start.stack_bytes = asked ? static_cast<size_t>(asked) : default_native_stack();
  record->holders.fetch_add(1, std::memory_order_relaxed);
  record->joined_at_exit = !daemon;
  record->started_here = true;
  list_record(record);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (asked) pthread_attr_setstacksize(&attributes, start.stack_bytes);
  pthread_t native;
  int error = pthread_create(&native, &attributes, thread_main, &start);
  pthread_attr_destroy(&attributes);
  if (!error) {
    OfflineScope waiting(thread);
    while (start.answer.load(std::memory_order_acquire) == 0)
      futex_wait(start.answer, 0, kNoDeadline);
  }
  if (!error && start.answer.load(std::memory_order_acquire) == 1) return {};
  decref(thread, start.function);
  decref(thread, start.arguments);
  decref(thread, start.keywords);
  unlist_record(record);
  release_record(record);
  return raise<RuntimeError>(thread, "can't start new thread");
}

AnyResult thread_start_new_thread(Thread& thread, Arguments arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "_thread.start_new_thread() takes no keyword arguments");
  if (arguments.count < 2 || arguments.count > 3) {
    return raise<TypeError>(thread, "start_new_thread expected at {} {} arguments, got {}",
                            arguments.count < 2 ? "least" : "most", arguments.count < 2 ? 2 : 3,
                            arguments.count);
  }
  if (!is_callable(arguments[0])) return raise<TypeError>(thread, "first arg must be callable");
  if (!has_layout(arguments[1].value(), kShapeTuple))
    return raise<TypeError>(thread, "2nd arg must be a tuple");
  MaybeAny keywords;
  if (arguments.count == 3) {
    if (!is_dict(arguments[2]))
      return raise<TypeError>(thread, "optional 3rd arg must be a dictionary");
    keywords = MaybeAny(arguments[2].value());
  }
  TRY(audit(thread, "_thread.start_new_thread",
            {arguments[0].value(), arguments[1].value(), keywords ? keywords.value() : kNone}));
  AnyRef handle = TRY(handle_create(thread));
  ThreadRecord* record = handle_of(handle)->record;
  record->phase.store(kStarting, std::memory_order_relaxed);
  TRY(start_thread(thread, record, arguments[0], arguments[1], keywords, true));
  return int_from_u64(thread, record->ident.load(std::memory_order_relaxed));
}

AnyResult thread_start_joinable_thread(Thread& thread, Any function, Any handle, bool daemon) {
  if (!is_callable(function)) return raise<TypeError>(thread, "thread function must be callable");
  if (!handle.is_none() && type_of(handle) != thread_handle_type.type) {
    return raise<TypeError>(thread, "'handle' must be a _ThreadHandle");
  }
  TRY(audit(thread, "_thread.start_joinable_thread",
            {function.value(), small_int(daemon), handle.value()}));
  AnyRef owned = handle.is_none() ? TRY(handle_create(thread)) : share(thread, handle);
  ThreadRecord* record = handle_of(owned)->record;
  uint32_t phase = kNotStarted;
  if (!record->phase.compare_exchange_strong(phase, kStarting)) {
    return raise<RuntimeError>(thread, "thread already started");
  }
  if (start_thread(thread, record, function, Any(Value(tuple_empty())), {}, daemon).raised()) {
    record->phase.store(kNotStarted, std::memory_order_release);
    return Raised{};
  }
  return owned;
}

AnyResult thread_make_thread_handle(Thread& thread, Any ident) {
  AnyRef number = TRY(to_index(thread, ident));
  uint64_t value = TRY(int_u64(thread, number.value()));
  AnyRef handle = TRY(handle_create(thread));
  handle_of(handle)->record->ident.store(value, std::memory_order_relaxed);
  handle_of(handle)->record->phase.store(kRunning, std::memory_order_relaxed);
  list_record(handle_of(handle)->record);
  return handle;
}

// ---- the rest -----------------------------------------------------------------------------------
// Waits for every thread that is not a daemon, those started meanwhile included.
Result<void> thread_shutdown(Thread& thread) {
  for (;;) {
    ThreadRecord* record = nullptr;
    {
      std::lock_guard<std::mutex> guard(records_lock);
      for (record = records; record; record = record->next) {
        if (record->joined_at_exit &&
            record->ident.load(std::memory_order_relaxed) != thread.ident &&
            record->phase.load(std::memory_order_acquire) != kDone) {
          break;
        }
      }
      if (!record) return {};
      record->holders.fetch_add(1, std::memory_order_relaxed);
    }
    Result<bool> waited = wait_done(thread, record, kNoDeadline);
    release_record(record);
    TRY(std::move(waited));
  }
}

AnyResult thread_get_ident(Thread& thread) { return int_from_u64(thread, thread.ident); }
Word thread_get_native_id(Thread& thread) { return static_cast<Word>(thread.native_id); }
AnyResult thread_get_main_thread_ident(Thread& thread) {
  return int_from_u64(thread, main_ident.load());
}
bool thread_is_main_interpreter(Thread&) { return true; }
bool thread_daemon_threads_allowed(Thread&) { return true; }
Word thread_count(Thread&) { return running_count.load(std::memory_order_relaxed); }
AnyResult thread_allocate_lock(Thread& thread) {
  return allocate_instance(thread, thread_lock_type.type);
}
AnyResult thread_exit(Thread& thread) { return raise_value(thread, EXCEPTION(SystemExit), kNone); }

Result<Word> check_stack_size(Thread& thread, Word size) {
  if (size != 0 && size < kSmallestNativeStack) {
    return raise<ValueError>(thread, "size must be at least {} bytes", kSmallestNativeStack);
  }
  if (size > (Word{1} << 40)) return raise<ValueError>(thread, "size not valid: {} bytes", size);
  return size;
}
// stack_size() asks, stack_size(n) sets; both return what it was.
Result<Word> thread_stack_size(Thread& thread, MaybeAny size) {
  if (!size) return native_stack_bytes.load();
  AnyRef number = TRY(to_index(thread, *size));
  Word bytes =
      TRY(int_word(thread, number.value(), "Python int too large to convert to C ssize_t"));
  bytes = TRY(check_stack_size(thread, bytes));
  return native_stack_bytes.exchange(bytes);
}

constexpr size_t kNameBytes = 15;
Result<void> thread_set_name(Thread& thread, Borrowed<Str> name) {
  Ref<Bytes> bytes = TRY(str_to_filesystem(thread, name));
  std::string_view text = bytes->view();
  char buffer[kNameBytes + 1] = {};
  std::memcpy(buffer, text.data(), std::min(text.size(), kNameBytes));
  pthread_setname_np(pthread_self(), buffer);
  return {};
}
AnyResult thread_get_name(Thread& thread) {
  char buffer[64] = {};
  pthread_getname_np(pthread_self(), buffer, sizeof buffer);
  return str_from_filesystem(thread, buffer);
}

// As if the signal had arrived: nothing happens when Python does not handle it.
Result<void> thread_interrupt_main(Thread& thread, int number) {
  if (number < 1 || number >= NSIG) return raise<ValueError>(thread, "signal number out of range");
  signal_simulate(number);
  return poll_signals(thread);  // on the main thread itself the handler runs before the next line
}

void adopt_main(Thread* main, bool fresh) {
  main_ident.store(main ? main->ident : 0);
  if (fresh) watch_forks();
}

Result<void> thread_initialize(Thread& thread, Borrowed<Module> module) {
  if (main_ident.load() == 0) {
    // Imported by the main thread in every program that has threads; otherwise the process's first
    // thread is asked for.
    main_ident.store(thread.is_main ? thread.ident : static_cast<uint64_t>(pthread_self()));
    watch_forks();
    thread_module_adopt = adopt_main;
  }
  TRY(module_set(thread, module, "error", Value(EXCEPTION(RuntimeError))));
  return module_set(thread, module, "LockType", Value(thread_lock_type.type));
}

constexpr const char* kStartDoc =
    "Start a new thread that calls function(*args, **kwargs), and return its identifier. The "
    "thread is a daemon.";
constexpr Method thread_functions[] = {
    function<thread_start_new_thread>("start_new_thread(function, args, kwargs=?, /)", kStartDoc),
    function<thread_start_new_thread>("start_new(function, args, kwargs=?, /)",
                                      "An obsolete synonym of start_new_thread()."),
    function<thread_start_joinable_thread>(
        "start_joinable_thread(function, handle=None, daemon=True)",
        "Start a new thread that calls function(), and return a handle to join it with."),
    function<thread_make_thread_handle>("_make_thread_handle(ident, /)"),
    function<thread_daemon_threads_allowed>("daemon_threads_allowed()"),
    function<thread_allocate_lock>("allocate_lock()", "Create a new lock."),
    function<thread_allocate_lock>("allocate()", "An obsolete synonym of allocate_lock()."),
    function<thread_exit>("exit()", "Raise SystemExit, which ends the current thread quietly."),
    function<thread_exit>("exit_thread()", "An obsolete synonym of exit()."),
    function<thread_interrupt_main>(
        "interrupt_main(signum=2, /)",
        "Simulate the arrival of a signal in the main thread, SIGINT by default."),
    function<thread_get_ident>(
        "get_ident()", "A nonzero number that identifies the current thread while it lives."),
    function<thread_get_native_id>("get_native_id()",
                                   "The operating system's number of the current thread."),
    function<thread_count>("_count()",
                           "The number of threads started by this module that are running."),
    function<thread_stack_size>(
        "stack_size(size=?, /)",
        "The native stack size of threads started later (0: the system's default);\n"
        "with an argument, set it and return the old one."),
    function<thread_set_name>("set_name(name)", "Set the name of the current thread."),
    function<thread_get_name>("_get_name()", "Get the name of the current thread."),
    function<thread_get_main_thread_ident>("_get_main_thread_ident()"),
    function<thread_is_main_interpreter>("_is_main_interpreter()"),
    function<thread_shutdown>("_shutdown()", "Wait for all threads that are not daemons."),
};
constexpr ModuleConstant thread_constants[] = {
    constant("_NAME_MAXLEN", kNameBytes),
    constant_real("TIMEOUT_MAX", kTimeoutMax),
};
const ModuleType thread_types[] = {
    {&thread_lock_spec, &thread_lock_type},
    {&thread_rlock_spec, &thread_rlock_type},
    {&thread_local_spec, &thread_local_type},
    {&thread_handle_spec, &thread_handle_type},
};

}  // namespace

const TypeSpec thread_handle_spec{
    .name = "_thread._ThreadHandle",
    .layout = &handle_layout,
    .slots = handle_slots,
    .methods = handle_methods,
    .getsets = handle_getsets,
};

extern const ModuleSpec _thread_module;
const ModuleSpec _thread_module{
    .name = "_thread",
    .doc =
        "Primitives for threads that share everything: starting them, locks, thread-local data. "
        "See threading.",
    .functions = thread_functions,
    .constants = thread_constants,
    .types = thread_types,
    .initialize = thread_initialize,
};

}  // namespace dx
