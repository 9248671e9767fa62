// select: waiting until descriptors are ready, by select(2), poll(2) and epoll(7). Waiting is done
// offline, signal handlers run in between, and the deadline stays the same.

#include <climits>
#include <cmath>
#include <map>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>
#include <vector>

#include "base/futex.h"
#include "memory/byte_lock.h"
#include "modules/posix/posix.h"
#include "objects/bind.h"
#include "objects/float.h"
#include "objects/list.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle poll_type, epoll_type;

namespace {

// A time to wait in seconds or milliseconds as a deadline in nanoseconds; None: none. A negative
// one waits for ever where `negative_waits`.
Result<int64_t> deadline_from(Thread& thread, Any timeout, double unit, bool negative_waits) {
  if (timeout.is_none()) return kNoDeadline;
  if (!is_int(timeout) && !timeout.value().is_float() && !has_layout(timeout, kShapeFloat) &&
      !has_index(timeout)) {
    return raise<TypeError>(thread, "timeout must be a real number or None");
  }
  double amount = TRY(float_convert(thread, timeout));
  if (std::isnan(amount)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (amount < 0) {
    if (negative_waits) return kNoDeadline;
    return raise<ValueError>(thread, "timeout must be non-negative");
  }
  double nanoseconds = std::ceil(amount * unit);
  if (nanoseconds > 9.2e18)
    return raise<OverflowError>(thread, "timestamp too large to convert to C PyTime_t");
  int64_t now = monotonic_ns();
  return nanoseconds > static_cast<double>(INT64_MAX - now)
             ? INT64_MAX
             : now + static_cast<int64_t>(nanoseconds);
}
// What is left until then, in milliseconds rounded up; -1: no end.
int milliseconds_left(int64_t deadline) {
  if (deadline == kNoDeadline) return -1;
  int64_t left = deadline - monotonic_ns();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<int64_t>((left + 999999) / 1000000, INT_MAX));
}

// ---- select() -----------------------------------------------------------------------------------
struct Watched {
  Maybe<Ref<Object>> items;  // list of what was asked about
  std::vector<int> descriptors;
};
Result<void> watch(Thread& thread, Any sequence, Watched& watched, short events,
                   std::vector<struct pollfd>& all) {
  // A list is walked as it is: fileno() may shorten it.
  AnyRef source =
      is_list(sequence) ? share(thread, sequence) : TRY(sequence_list(thread, sequence));
  Ref<List> seen = TRY(list_create(thread));
  watched.items = Maybe<Ref<Object>>(AnyRef::share(thread, seen.borrow()));
  for (Word i = 0;; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, Borrowed<List>(source.value()), i);
    if (!item) break;
    int descriptor = TRY(descriptor_from(thread, item.borrow()));
    TRY(list_append(thread, seen, item.take()));
    if (descriptor >= FD_SETSIZE)
      return raise<ValueError>(thread, "filedescriptor out of range in select()");
    watched.descriptors.push_back(descriptor);
    all.push_back({descriptor, events, 0});
  }
  return {};
}
AnyResult ready_ones(Thread& thread, const Watched& watched, const struct pollfd* states,
                     short events) {
  Ref<List> ready = TRY(list_create(thread));
  Borrowed<List> items(watched.items.value());
  for (Word i = 0; i < static_cast<Word>(watched.descriptors.size()); ++i) {
    if (states[i].revents & events)
      TRY(list_append(thread, ready, list_item(thread, items, i).take()));
  }
  return ready;
}
AnyResult select_select(Thread& thread, Any rlist, Any wlist, Any xlist, Any timeout) {
  if (!timeout.is_none() && !is_int(timeout) && !timeout.value().is_float() &&
      !has_layout(timeout, kShapeFloat) && !has_index(timeout)) {
    return raise<TypeError>(thread, "timeout must be a float or None");
  }
  int64_t deadline = TRY(deadline_from(thread, timeout, 1e9, false));
  Watched sets[3];
  std::vector<struct pollfd> states;
  const short asked[] = {POLLIN, POLLOUT, POLLPRI};
  const short answered[] = {POLLIN | POLLHUP | POLLERR | POLLRDNORM, POLLOUT | POLLERR, POLLPRI};
  Any given[] = {rlist, wlist, xlist};
  for (int i = 0; i < 3; ++i) TRY(watch(thread, given[i], sets[i], asked[i], states));
  for (;;) {
    int count, error, wait = milliseconds_left(deadline);
    {
      OfflineScope offline(thread);
      count = ::poll(states.data(), states.size(), wait);
      error = errno;
    }
    if (count < 0 && error != EINTR) return raise_os_error(thread, error);
    if (count >= 0) {
      for (const struct pollfd& state : states) {
        if (state.revents & POLLNVAL) return raise_os_error(thread, EBADF);
      }
      if (count > 0 || wait != -1) break;
    }
    TRY(poll_signals(thread));
  }
  Value lists[3];
  const struct pollfd* at = states.data();
  for (int i = 0; i < 3; ++i) {
    AnyResult ready = ready_ones(thread, sets[i], at, answered[i]);
    if (ready.raised()) {
      while (i > 0) decref(thread, lists[--i]);
      return Raised{};
    }
    lists[i] = ready.release();
    at += sets[i].descriptors.size();
  }
  return tuple_adopt(thread, lists, 3);
}

// ---- poll objects -------------------------------------------------------------------------------
struct Poll : Object {
  std::map<int, short>* watched;
  std::atomic<bool> running;
};
Poll* poll_of(Any self) { return static_cast<Poll*>(self.object()); }
AnyResult select_poll(Thread& thread) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(poll_type.type)));
  poll_of(made)->watched = new std::map<int, short>;
  return made;
}
void poll_destroy(Thread&, Object* object) { delete static_cast<Poll*>(object)->watched; }
Result<short> mask_from(Thread& thread, Any value) {
  Word mask = TRY(index_word(thread, TRY(to_index(thread, value))));
  if (mask < 0) return raise<ValueError>(thread, "value must be positive");
  if (mask > USHRT_MAX)
    return raise<OverflowError>(thread, "Python int too large for C unsigned short");
  return static_cast<short>(mask);
}
Result<void> poll_register(Thread& thread, Any self, Any fd, Any eventmask) {
  int descriptor = TRY(descriptor_from(thread, fd));
  short mask = TRY(mask_from(thread, eventmask));
  ObjectLock lock(thread, self.object());
  (*poll_of(self)->watched)[descriptor] = mask;
  return {};
}
Result<void> poll_modify(Thread& thread, Any self, Any fd, Any eventmask) {
  int descriptor = TRY(descriptor_from(thread, fd));
  short mask = TRY(mask_from(thread, eventmask));
  {
    ObjectLock lock(thread, self.object());
    auto found = poll_of(self)->watched->find(descriptor);
    if (found != poll_of(self)->watched->end()) {
      found->second = mask;
      return {};
    }
  }
  return raise_os_error(thread, ENOENT);
}
Result<void> poll_unregister(Thread& thread, Any self, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  size_t removed;
  {
    ObjectLock lock(thread, self.object());
    removed = poll_of(self)->watched->erase(descriptor);
  }
  if (!removed) {
    AnyRef key = TRY(int_from_word(thread, descriptor));
    return raise_key_error(thread, key);
  }
  return {};
}
AnyResult poll_poll(Thread& thread, Any any, Any timeout) {
  Poll* self = poll_of(any);
  int64_t deadline = TRY(deadline_from(thread, timeout, 1e6, true));
  std::vector<struct pollfd> states;
  {
    ObjectLock lock(thread, self);
    for (auto& [descriptor, mask] : *self->watched) states.push_back({descriptor, mask, 0});
  }
  if (self->running.exchange(true))
    return raise<RuntimeError>(thread, "concurrent poll() invocation");
  struct Leave {
    Poll* poll;
    ~Leave() { poll->running = false; }
  } leave{self};
  for (;;) {
    int count, error, wait = milliseconds_left(deadline);
    {
      OfflineScope offline(thread);
      count = ::poll(states.data(), states.size(), wait);
      error = errno;
    }
    if (count >= 0) break;
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
  }
  Ref<List> events = TRY(list_create(thread));
  for (const struct pollfd& state : states) {
    if (!state.revents) continue;
    TRY(list_append(
        thread, events,
        TRY(tuple_of(thread, {small_int(state.fd),
                              small_int(static_cast<unsigned short>(state.revents))}))));
  }
  return events;
}
const Layout poll_layout{"poll", sizeof(Poll), false, nullptr, poll_destroy};
constexpr Method poll_methods[] = {
    method<poll_register>("register(fd, eventmask=7, /)",
                          "Register a file descriptor with the polling object."),
    method<poll_modify>("modify(fd, eventmask, /)",
                        "Modify an already registered file descriptor."),
    method<poll_unregister>("unregister(fd, /)",
                            "Remove a file descriptor being tracked by the polling object."),
    method<poll_poll>("poll(timeout=None, /)", "Polls the set of registered file descriptors."),
};

// ---- epoll objects ------------------------------------------------------------------------------
struct Epoll : Object {
  std::atomic<int> descriptor;
};
Epoll* epoll_of(Any self) { return static_cast<Epoll*>(self.object()); }
AnyResult epoll_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"sizehint", "flags"};
  Value given[2] = {};
  if (!bind_new(thread, {"epoll", names, 2, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  if (given[0]) {
    Word hint = TRY(index_word(thread, Any(given[0])));
    if (hint != -1 && hint <= 0)
      return raise<ValueError>(thread, "sizehint must be greater than zero or -1");
  }
  if (given[1] && (TRY(index_word(thread, Any(given[1]))) & ~Word{EPOLL_CLOEXEC}))
    return raise_os_error(thread, EINVAL);
  AnyRef made = TRY(allocate_instance(thread, type));
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  epoll_of(made)->descriptor = descriptor;
  if (descriptor < 0) return raise_os_error(thread, errno);
  return made;
}
AnyResult epoll_fromfd(Thread& thread, Borrowed<Type> type, int fd) {
  AnyRef made = TRY(allocate_instance(thread, type));
  epoll_of(made)->descriptor = fd;
  return made;
}
Result<int> epoll_open(Thread& thread, Any self) {
  int descriptor = epoll_of(self)->descriptor;
  if (descriptor < 0) return raise<ValueError>(thread, "I/O operation on closed epoll object");
  return descriptor;
}
Result<void> epoll_close(Thread& thread, Any self) {
  int descriptor = epoll_of(self)->descriptor.exchange(-1);
  if (descriptor < 0) return {};
  OfflineScope offline(thread);
  ::close(descriptor);
  return {};
}
void epoll_destroy(Thread&, Object* object) {
  int descriptor = static_cast<Epoll*>(object)->descriptor;
  if (descriptor >= 0) ::close(descriptor);
}
Result<void> epoll_control(Thread& thread, Any self, int operation, Any fd, Word events) {
  int epoll = TRY(epoll_open(thread, self)), descriptor = TRY(descriptor_from(thread, fd));
  struct epoll_event event{};
  event.events = static_cast<uint32_t>(events);
  event.data.fd = descriptor;
  (void)TRY(system_call(thread, [&] { return epoll_ctl(epoll, operation, descriptor, &event); }));
  return {};
}
Result<void> epoll_register(Thread& thread, Any self, Any fd, Word eventmask) {
  return epoll_control(thread, self, EPOLL_CTL_ADD, fd, eventmask);
}
Result<void> epoll_modify(Thread& thread, Any self, Any fd, Word eventmask) {
  return epoll_control(thread, self, EPOLL_CTL_MOD, fd, eventmask);
}
Result<void> epoll_unregister(Thread& thread, Any self, Any fd) {
  return epoll_control(thread, self, EPOLL_CTL_DEL, fd, 0);
}
AnyResult epoll_poll(Thread& thread, Any self, Any timeout, int maxevents) {
  int epoll = TRY(epoll_open(thread, self));
  int64_t deadline = TRY(deadline_from(thread, timeout, 1e9, true));
  if (maxevents == -1) maxevents = FD_SETSIZE - 1;
  if (maxevents < 1)
    return raise<ValueError>(thread, "maxevents must be greater than 0, got {}", maxevents);
  std::vector<struct epoll_event> found(static_cast<size_t>(maxevents));
  int count;
  for (;;) {
    int error, wait = milliseconds_left(deadline);
    {
      OfflineScope offline(thread);
      count = epoll_wait(epoll, found.data(), maxevents, wait);
      error = errno;
    }
    if (count >= 0) break;
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
  }
  Ref<List> events = TRY(list_create(thread));
  for (int i = 0; i < count; ++i) {
    TRY(list_append(thread, events,
                    TRY(tuple_of(thread, {small_int(found[static_cast<size_t>(i)].data.fd),
                                          small_int(found[static_cast<size_t>(i)].events)}))));
  }
  return events;
}
Result<int> epoll_fileno(Thread& thread, Any self) { return epoll_open(thread, self); }
bool epoll_closed(Thread&, Any self) { return epoll_of(self)->descriptor < 0; }
AnyResult epoll_enter(Thread& thread, Any self) {
  (void)TRY(epoll_open(thread, self));
  return share(thread, self);
}
Result<void> epoll_exit(Thread& thread, Any self, Rest) { return epoll_close(thread, self); }
const Layout epoll_layout{"epoll", sizeof(Epoll), false, nullptr, epoll_destroy};
const SlotEntry epoll_slots[] = {slot<SlotId::new_, epoll_new>()};
constexpr Method epoll_methods[] = {
    class_method<epoll_fromfd>("fromfd(fd, /)", "Create an epoll object from a given control fd."),
    method<epoll_close>("close()", "Close the epoll control file descriptor."),
    method<epoll_fileno>("fileno()", "Return the epoll control file descriptor."),
    method<epoll_register>(
        "register(fd, eventmask=7)",
        "Registers a new fd or raises an OSError if the fd is already registered."),
    method<epoll_modify>("modify(fd, eventmask)",
                         "Modify event mask for a registered file descriptor."),
    method<epoll_unregister>("unregister(fd)",
                             "Remove a registered file descriptor from the epoll object."),
    method<epoll_poll>("poll(timeout=None, maxevents=-1)",
                       "Wait for events on the epoll file descriptor."),
    method<epoll_enter>("__enter__()"),
    method<epoll_exit>("__exit__(*exc_info)"),
};
const GetSet epoll_getsets[] = {
    getter<epoll_closed>("closed", "True if the epoll handler is closed")};

const TypeSpec poll_spec{.name = "select.poll",
                         .flags = kTypeImmutable | kTypeDisallowNew,
                         .layout = &poll_layout,
                         .methods = poll_methods};
const TypeSpec epoll_spec{.name = "select.epoll",
                          .doc = "Returns an epolling object.",
                          .flags = kTypeBase | kTypeImmutable,
                          .layout = &epoll_layout,
                          .slots = epoll_slots,
                          .methods = epoll_methods,
                          .getsets = epoll_getsets};

constexpr Method functions[] = {
    function<select_select>(
        "select(rlist, wlist, xlist, timeout=None, /)",
        "Wait until one or more file descriptors are ready for some kind of I/O."),
    function<select_poll>("poll()", "Returns a polling object."),
};
#define C(name) constant(#name, static_cast<Word>(name))
constexpr ModuleConstant constants[] = {
    C(POLLIN),
    C(POLLPRI),
    C(POLLOUT),
    C(POLLERR),
    C(POLLHUP),
    C(POLLNVAL),
    C(POLLRDNORM),
    C(POLLRDBAND),
    C(POLLWRNORM),
    C(POLLWRBAND),
    C(POLLMSG),
    C(POLLRDHUP),
    constant("EPOLLIN", 0x1),
    constant("EPOLLPRI", 0x2),
    constant("EPOLLOUT", 0x4),
    constant("EPOLLERR", 0x8),
    constant("EPOLLHUP", 0x10),
    constant("EPOLLRDNORM", 0x40),
    constant("EPOLLRDBAND", 0x80),
    constant("EPOLLWRNORM", 0x100),
    constant("EPOLLWRBAND", 0x200),
    constant("EPOLLMSG", 0x400),
    constant("EPOLLRDHUP", 0x2000),
    constant("EPOLLEXCLUSIVE", 1 << 28),
    constant("EPOLLWAKEUP", 1 << 29),
    constant("EPOLLONESHOT", 1 << 30),
    constant("EPOLLET", Word{1} << 31),
    C(EPOLL_CLOEXEC),
    constant("PIPE_BUF", 4096),
};
#undef C
const ModuleType types[] = {{&epoll_spec, &epoll_type}};
Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  TRY(type_from_spec(thread, poll_spec, poll_type));
  return module_set(thread, module, "error", Any(Value(EXCEPTION(OSError))));
}

}  // namespace

extern const ModuleSpec select_module{
    .name = "select",
    .doc = "This module supports asynchronous I/O on multiple file descriptors.",
    .functions = functions,
    .constants = constants,
    .types = types,
    .initialize = initialize};

}  // namespace dx
