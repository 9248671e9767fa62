// _socket: sockets of the families AF_INET, AF_INET6 and AF_UNIX, and looking names up.
//
// A socket with a timeout is non-blocking for the system: each operation first waits offline until
// the descriptor is ready, as long as the timeout allows, then tries, and begins again when
// somebody else was faster.

#include <arpa/inet.h>
#include <climits>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include "base/futex.h"
#include "modules/exception_class.h"
#include "modules/posix/posix.h"
#include "objects/bind.h"
#include "objects/codecs.h"
#include "objects/exception.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle socket_type;

namespace {

Type* gaierror_type;  // immortal, like herror_type
Type* herror_type;
std::atomic<int64_t> default_timeout{-1};  // nanoseconds; -1: blocking

struct Socket : Object {
  std::atomic<int> descriptor;  // -1: closed
  int family, type, protocol;
  std::atomic<int64_t> timeout;  // nanoseconds; 0: non-blocking; -1: blocking
};
Socket* socket_of(Any self) { return static_cast<Socket*>(self.object()); }

Raised raise_timeout(Thread& thread) { return raise<TimeoutError>(thread, "timed out"); }

// Waits until the descriptor is ready; false: the deadline passed.
Result<bool> wait_ready(Thread& thread, int descriptor, short events, int64_t deadline) {
  for (;;) {
    int wait = -1;
    if (deadline >= 0) {
      int64_t left = deadline - monotonic_ns();
      if (left < 0) left = 0;
      wait = static_cast<int>(std::min<int64_t>((left + 999999) / 1000000, INT_MAX));
    }
    struct pollfd state{descriptor, events, 0};
    int count, error;
    {
      OfflineScope offline(thread);
      count = ::poll(&state, 1, wait);
      error = errno;
    }
    if (count > 0) return true;
    if (count == 0) return false;
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
  }
}

// A call on a socket, with its timeout. The result is not negative.
template <class Call>
Result<long> socket_call(Thread& thread, Socket* self, short events, int64_t deadline, Call call) {
  for (;;) {
    int descriptor = self->descriptor;
    int64_t timeout = self->timeout;
    if (timeout > 0 && !TRY(wait_ready(thread, descriptor, events, deadline)))
      return raise_timeout(thread);
    long result;
    int error;
    {
      OfflineScope offline(thread);
      result = static_cast<long>(call(descriptor));
      error = errno;
    }
    if (result >= 0) return result;
    if (error == EINTR) {
      TRY(poll_signals(thread));
      continue;
    }
    if (timeout > 0 && (error == EWOULDBLOCK || error == EAGAIN)) continue;
    return raise_os_error(thread, error);
  }
}
int64_t deadline_of(Socket* self) {
  int64_t timeout = self->timeout;
  return timeout > 0 ? monotonic_ns() + timeout : -1;
}

// Seconds (or None) as a timeout.
Result<int64_t> timeout_from(Thread& thread, Any value) {
  if (value.is_none()) return int64_t{-1};
  double seconds = TRY(float_convert(thread, value));
  if (std::isnan(seconds)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (seconds < 0) return raise<ValueError>(thread, "Timeout value out of range");
  double nanoseconds = std::ceil(seconds * 1e9);
  if (nanoseconds > 9.2e18)
    return raise<OverflowError>(thread, "timeout doesn't fit into C timeval");
  return static_cast<int64_t>(nanoseconds);
}
AnyResult timeout_value(Thread& thread, int64_t timeout) {
  if (timeout < 0) return AnyRef::adopt(kNone);
  return AnyRef::adopt(double_to_value(thread, static_cast<double>(timeout) / 1e9));
}

Raised raise_lookup_error(Thread& thread, Type* type, int code, const char* text) {
  Result<Ref<Str>> message = str_from_filesystem(thread, text);
  if (message.raised()) return Raised{};
  AnyResult error = call(thread, Any(Value(type)), {small_int(code), Value(message.value())});
  if (error.raised()) return Raised{};
  return raise_object(thread, error.take());
}
Raised raise_gai(Thread& thread, int code) {
  if (code == EAI_SYSTEM) return raise_os_error(thread, errno);
  return raise_lookup_error(thread, gaierror_type, code, gai_strerror(code));
}

// ---- addresses ----------------------------------------------------------------------------------
struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// A host name as the system takes it: str (IDNA when it is not ASCII), bytes.
Result<std::string_view> host_text(Thread& thread, Any host, AnyRef& keep) {
  if (is_str(host)) {
    Borrowed<Str> text(host.value());
    if (text->ascii()) {
      keep = share(thread, host);
    } else {
      keep = TRY(
          encode_text(thread, text, Borrowed<Str>(NAME("idna")), Borrowed<Str>(NAME("strict"))));
    }
  } else if (is_bytes(host)) {
    keep = share(thread, host);
  } else if (has_buffer(host)) {
    BufferScope scope(thread);
    TRY(scope.acquire(host));
    keep = TRY(bytes_from(thread, scope.text()));
  } else {
    return raise<TypeError>(thread, "str, bytes or bytearray expected, not {}", type_name_in(host));
  }
  std::string_view text = is_str(keep.value()) ? str_view(Borrowed<Str>(keep.value())).text()
                                               : Borrowed<Bytes>(keep.value())->view();
  if (text.find('\0') != std::string_view::npos)
    return raise<ValueError>(thread, "host name must not contain null character");
  return text;
}
Result<void> resolve(Thread& thread, Any host, int family, Address& address) {
  AnyRef keep = AnyRef::adopt(kNone);
  std::string name(TRY(host_text(thread, host, keep)));
  if (name == "<broadcast>" || name == "255.255.255.255") {
    if (family != AF_INET && family != AF_UNSPEC)
      return raise<OSError>(thread, "address family mismatched");
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = INADDR_BROADCAST;
    address.size = sizeof(sockaddr_in);
    return {};
  }
  struct addrinfo hints{};
  struct addrinfo* found = nullptr;
  hints.ai_family = family;
  hints.ai_socktype = SOCK_DGRAM;  // one answer for each address
  if (name.empty()) hints.ai_flags = AI_PASSIVE;
  int code;
  {
    OfflineScope offline(thread);
    code = getaddrinfo(name.empty() ? nullptr : name.c_str(), name.empty() ? "0" : nullptr, &hints,
                       &found);
  }
  if (code) return raise_gai(thread, code);
  address.size = found->ai_addrlen;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return {};
}
Result<int> port_from(Thread& thread, Any value, const char* function) {
  Word port = TRY(index_word(thread, TRY(to_index(thread, value))));
  if (port < 0 || port > 0xffff)
    return raise<OverflowError>(thread, "{}(): port must be 0-65535.", function);
  return static_cast<int>(port);
}

Result<void> address_from(Thread& thread, Socket* self, Any value, const char* function,
                          Address& address) {
  switch (self->family) {
    case AF_UNIX: {
      auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
      AnyRef bytes = AnyRef::adopt(kNone);
      if (is_str(value))
        bytes = TRY(str_to_filesystem(thread, Borrowed<Str>(value.value())));
      else
        bytes = TRY(bytes_of_object(thread, value));
      std::string_view path = Borrowed<Bytes>(bytes.value())->view();
      bool abstract = !path.empty() && path[0] == 0;
      if (path.size() + !abstract > sizeof un->sun_path)
        return raise<OSError>(thread, "AF_UNIX path too long");
      un->sun_family = AF_UNIX;
      std::memcpy(un->sun_path, path.data(), path.size());
      address.size =
          static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + !abstract);
      return {};
    }
    case AF_INET: {
      if (!is_tuple(value))
        return raise<TypeError>(thread, "{}(): AF_INET address must be tuple, not {}", function,
                                type_name_in(value));
      Borrowed<Tuple> tuple(value.value());
      if (tuple->size != 2)
        return raise<TypeError>(thread, "{}(): AF_INET address must be a pair (host, port)",
                                function);
      TRY(resolve(thread, tuple->item(0), AF_INET, address));
      reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port =
          htons(static_cast<uint16_t>(TRY(port_from(thread, tuple->item(1), function))));
      return {};
    }
    case AF_INET6: {
      if (!is_tuple(value))
        return raise<TypeError>(thread, "{}(): AF_INET6 address must be tuple, not {}", function,
                                type_name_in(value));
      Borrowed<Tuple> tuple(value.value());
      if (tuple->size < 2 || tuple->size > 4) {
        return raise<TypeError>(
            thread, "{}(): AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])",
            function);
      }
      TRY(resolve(thread, tuple->item(0), AF_INET6, address));
      auto* in = reinterpret_cast<sockaddr_in6*>(&address.storage);
      in->sin6_port =
          htons(static_cast<uint16_t>(TRY(port_from(thread, tuple->item(1), function))));
      if (tuple->size > 2) {
        Word flow = TRY(index_word(thread, TRY(to_index(thread, tuple->item(2)))));
        if (flow < 0 || flow > 0xfffff)
          return raise<OverflowError>(thread, "{}(): flowinfo must be 0-1048575.", function);
        in->sin6_flowinfo = htonl(static_cast<uint32_t>(flow));
      }
      if (tuple->size > 3)
        in->sin6_scope_id =
            static_cast<uint32_t>(TRY(index_word(thread, TRY(to_index(thread, tuple->item(3))))));
      return {};
    }
    default: return raise<OSError>(thread, "{}(): bad family", function);
  }
}

AnyResult address_value(Thread& thread, const Address& address) {
  if (address.size == 0) return AnyRef::adopt(kNone);
  char text[INET6_ADDRSTRLEN];
  switch (address.storage.ss_family) {
    case AF_INET: {
      auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
      inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
      Ref<Str> host = TRY(str_from_ascii(thread, text));
      return tuple_of(thread, {host.value(), small_int(ntohs(in->sin_port))});
    }
    case AF_INET6: {
      auto* in = reinterpret_cast<const sockaddr_in6*>(&address.storage);
      inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text);
      std::string shown = text;
      char name[IF_NAMESIZE];
      if (in->sin6_scope_id && IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr)) {
        shown += '%';
        shown += if_indextoname(in->sin6_scope_id, name) ? name : std::to_string(in->sin6_scope_id);
      }
      Ref<Str> host = TRY(str_from_ascii(thread, shown));
      return tuple_of(thread, {host.value(), small_int(ntohs(in->sin6_port)),
                               small_int(ntohl(in->sin6_flowinfo)), small_int(in->sin6_scope_id)});
    }
    case AF_UNIX: {
      auto* un = reinterpret_cast<const sockaddr_un*>(&address.storage);
      size_t length = address.size > offsetof(sockaddr_un, sun_path)
                          ? address.size - offsetof(sockaddr_un, sun_path)
                          : 0;
      if (length && un->sun_path[0] == 0)
        return bytes_from(thread, std::string_view(un->sun_path, length));
      return str_from_filesystem(thread,
                                 std::string_view(un->sun_path, strnlen(un->sun_path, length)));
    }
    default: {
      Ref<Bytes> rest = TRY(bytes_from(
          thread,
          std::string_view(
              reinterpret_cast<const char*>(&address.storage) + sizeof(sa_family_t),
              address.size > sizeof(sa_family_t) ? address.size - sizeof(sa_family_t) : 0)));
      return tuple_of(thread, {small_int(address.storage.ss_family), rest.value()});
    }
  }
}

// ---- construction and end -----------------------------------------------------------------------
void set_nonblocking(int descriptor, bool on) {
  int mode = on;
  ioctl(descriptor, FIONBIO, &mode);
}
void take_over(Socket* self, int descriptor, int family, int type, int protocol) {
  self->descriptor = descriptor;
  self->family = family;
  self->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  self->protocol = protocol;
  int64_t timeout = type & SOCK_NONBLOCK ? 0 : default_timeout.load();
  self->timeout = timeout;
  if (timeout >= 0) set_nonblocking(descriptor, true);
}
AnyResult socket_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  AnyRef made = TRY(allocate_instance(thread, type));
  socket_of(made)->descriptor = -1;
  socket_of(made)->timeout = -1;
  return made;
}
Result<int> option_int(Thread& thread, int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(descriptor, SOL_SOCKET, option, &value, &size) < 0)
    return raise_os_error(thread, errno);
  return value;
}
Result<void> socket_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"family", "type", "proto", "fileno"};
  Value given[4] = {};
  if (!bind_new(thread, {"socket", names, 4, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  auto number = [&](size_t i) -> Result<int> {
    if (!given[i]) return -1;
    return static_cast<int>(TRY(index_word(thread, TRY(to_index(thread, Any(given[i]))))));
  };
  int family = TRY(number(0)), type = TRY(number(1)), protocol = TRY(number(2));
  TRY(audit(thread, "socket.__new__",
            {any.value(), small_int(family), small_int(type), small_int(protocol)}));
  int descriptor;
  if (given[3] && !given[3].is_none()) {
    if (given[3].is_float())
      return raise<TypeError>(thread, "integer argument expected, got float");
    Word wanted = TRY(index_word(thread, TRY(to_index(thread, Any(given[3])))));
    if (wanted < 0) return raise<ValueError>(thread, "negative file descriptor");
    descriptor = static_cast<int>(wanted);
    Address name;
    if (getsockname(descriptor, name.get(), &name.size) < 0 &&
        (errno == EBADF || errno == ENOTSOCK))
      return raise_os_error(thread, errno);
    if (family == -1) family = TRY(option_int(thread, descriptor, SO_DOMAIN));
    if (type == -1) type = TRY(option_int(thread, descriptor, SO_TYPE));
    if (protocol == -1) protocol = TRY(option_int(thread, descriptor, SO_PROTOCOL));
  } else {
    if (family == -1) family = AF_INET;
    if (type == -1) type = SOCK_STREAM;
    if (protocol == -1) protocol = 0;
    {
      OfflineScope offline(thread);
      descriptor = ::socket(family, type | SOCK_CLOEXEC, protocol);
    }
    if (descriptor < 0) return raise_os_error(thread, errno);
  }
  take_over(socket_of(any), descriptor, family, type, protocol);
  return {};
}
Result<void> socket_close(Thread& thread, Any any) {
  int descriptor = socket_of(any)->descriptor.exchange(-1);
  if (descriptor < 0) return {};
  int failed, error;
  {
    OfflineScope offline(thread);
    failed = ::close(descriptor);
    error = errno;
  }
  if (failed < 0 && error != ECONNRESET) return raise_os_error(thread, error);
  return {};
}
Result<void> socket_del(Thread& thread, Any any) {
  if (socket_of(any)->descriptor < 0) return {};
  Result<void> warned = warn<ResourceWarning>(thread, 1, "unclosed {}", repr_of(any));
  if (warned.raised()) report_unraisable(thread, "Exception ignored while finalizing socket", any);
  return socket_close(thread, any);
}
AnyResult socket_repr(Thread& thread, Any any) {
  Socket* self = socket_of(any);
  const FormatArgument parts[] = {self->descriptor.load(), self->family, self->type,
                                  self->protocol};
  return format_text(thread, "<socket object, fd={}, family={}, type={}, proto={}>", parts, 4);
}
Word socket_detach(Thread&, Any any) { return socket_of(any)->descriptor.exchange(-1); }
Word socket_fileno(Thread&, Any any) { return socket_of(any)->descriptor; }

// ---- connecting ---------------------------------------------------------------------------------
Result<void> socket_bind(Thread& thread, Any any, Any address_argument) {
  Address address;
  TRY(address_from(thread, socket_of(any), address_argument, "bind", address));
  TRY(audit(thread, "socket.bind", {any.value(), address_argument.value()}));
  return done(system_call(
      thread, [&] { return ::bind(socket_of(any)->descriptor, address.get(), address.size); }));
}
Result<void> socket_listen(Thread& thread, Any any, Any backlog) {
  Word waiting = TRY(index_word(thread, TRY(to_index(thread, backlog))));
  int count = static_cast<int>(std::max<Word>(0, std::min<Word>(waiting, INT_MAX)));
  return done(system_call(thread, [&] { return ::listen(socket_of(any)->descriptor, count); }));
}
AnyResult socket_accept(Thread& thread, Any any) {
  Socket* self = socket_of(any);
  Address address;
  long descriptor = TRY(socket_call(thread, self, POLLIN, deadline_of(self), [&](int fd) {
    address.size = sizeof address.storage;
    return ::accept4(fd, address.get(), &address.size, SOCK_CLOEXEC);
  }));
  AnyResult peer = address_value(thread, address);
  if (peer.raised()) {
    ::close(static_cast<int>(descriptor));
    return Raised{};
  }
  AnyRef where = peer.take();
  return tuple_of(thread, {small_int(descriptor), where.value()});
}
// 0, or the error number.
Result<int> do_connect(Thread& thread, Socket* self, Address& address) {
  int failed, error;
  {
    OfflineScope offline(thread);
    failed = ::connect(self->descriptor, address.get(), address.size);
    error = errno;
  }
  if (failed == 0) return 0;
  bool wait = false;
  if (error == EINTR) {
    TRY(poll_signals(thread));
    wait = self->timeout != 0;
  } else if (error == EINPROGRESS) {
    wait = self->timeout > 0;
  }
  if (!wait) return error;
  if (!TRY(wait_ready(thread, self->descriptor, POLLOUT, deadline_of(self)))) {
    (void)raise_timeout(thread);
    return Raised{};
  }
  return TRY(option_int(thread, self->descriptor, SO_ERROR));
}
Result<void> socket_connect(Thread& thread, Any any, Any address_argument) {
  Address address;
  TRY(address_from(thread, socket_of(any), address_argument, "connect", address));
  TRY(audit(thread, "socket.connect", {any.value(), address_argument.value()}));
  int error = TRY(do_connect(thread, socket_of(any), address));
  if (error) return raise_os_error(thread, error);
  return {};
}
Result<int> socket_connect_ex(Thread& thread, Any any, Any address_argument) {
  Address address;
  TRY(address_from(thread, socket_of(any), address_argument, "connect_ex", address));
  TRY(audit(thread, "socket.connect", {any.value(), address_argument.value()}));
  Result<int> error = do_connect(thread, socket_of(any), address);
  if (error.raised() && pending_is<TimeoutError>(thread)) {
    clear_exception(thread);
    return EWOULDBLOCK;
  }
  return error;
}
Result<void> socket_shutdown(Thread& thread, Any any, int how) {
  return done(system_call(thread, [&] { return ::shutdown(socket_of(any)->descriptor, how); }));
}
AnyResult socket_getsockname(Thread& thread, Any any) {
  Address address;
  (void)TRY(system_call(thread, [&] {
    return ::getsockname(socket_of(any)->descriptor, address.get(), &address.size);
  }));
  return address_value(thread, address);
}
AnyResult socket_getpeername(Thread& thread, Any any) {
  Address address;
  (void)TRY(system_call(thread, [&] {
    return ::getpeername(socket_of(any)->descriptor, address.get(), &address.size);
  }));
  return address_value(thread, address);
}

// ---- transfer -----------------------------------------------------------------------------------
AnyResult socket_recv(Thread& thread, Any any, Word size, int flags) {
  if (size < 0) return raise<ValueError>(thread, "negative buffersize in recv");
  Socket* self = socket_of(any);
  Ref<Bytes> room = TRY(bytes_create(thread, static_cast<size_t>(size)));
  if (size == 0) return room;
  long got = TRY(socket_call(thread, self, POLLIN, deadline_of(self), [&](int fd) {
    return ::recv(fd, room->data(), static_cast<size_t>(size), flags);
  }));
  return bytes_resize(thread, std::move(room), static_cast<size_t>(got));
}
Result<void> target_buffer(Thread& thread, BufferScope& scope, Any buffer, const char* function,
                           Word& size) {
  TRY(scope.acquire(buffer, kBufferWritable));
  if (scope.view.readonly)
    return raise<TypeError>(thread, "{}() argument 1 must be read-write bytes-like object, not {}",
                            function, type_name_in(buffer));
  if (size < 0) return raise<ValueError>(thread, "negative buffersize in {}", function);
  if (size == 0) size = scope.view.size;
  if (size > scope.view.size)
    return raise<ValueError>(thread, "buffer too small for requested bytes");
  return {};
}
AnyResult socket_recv_into(Thread& thread, Any any, Any buffer, Word nbytes, int flags) {
  Socket* self = socket_of(any);
  BufferScope scope(thread);
  TRY(target_buffer(thread, scope, buffer, "recv_into", nbytes));
  if (nbytes == 0) return AnyRef::adopt(small_int(0));
  return int_from_word(thread,
                       TRY(socket_call(thread, self, POLLIN, deadline_of(self), [&](int fd) {
                         return ::recv(fd, scope.view.data, static_cast<size_t>(nbytes), flags);
                       })));
}
AnyResult socket_recvfrom(Thread& thread, Any any, Word size, int flags) {
  if (size < 0) return raise<ValueError>(thread, "negative buffersize in recvfrom");
  Socket* self = socket_of(any);
  Address address;
  Ref<Bytes> room = TRY(bytes_create(thread, static_cast<size_t>(size)));
  long got = TRY(socket_call(thread, self, POLLIN, deadline_of(self), [&](int fd) {
    address.size = sizeof address.storage;
    return ::recvfrom(fd, room->data(), static_cast<size_t>(size), flags, address.get(),
                      &address.size);
  }));
  Ref<Bytes> data = TRY(bytes_resize(thread, std::move(room), static_cast<size_t>(got)));
  AnyRef from = TRY(address_value(thread, address));
  return tuple_of(thread, {data.value(), from.value()});
}
AnyResult socket_recvfrom_into(Thread& thread, Any any, Any buffer, Word nbytes, int flags) {
  Socket* self = socket_of(any);
  BufferScope scope(thread);
  TRY(target_buffer(thread, scope, buffer, "recvfrom_into", nbytes));
  Address address;
  long got = TRY(socket_call(thread, self, POLLIN, deadline_of(self), [&](int fd) {
    address.size = sizeof address.storage;
    return ::recvfrom(fd, scope.view.data, static_cast<size_t>(nbytes), flags, address.get(),
                      &address.size);
  }));
  AnyRef from = TRY(address_value(thread, address));
  return tuple_of(thread, {small_int(got), from.value()});
}
AnyResult socket_send(Thread& thread, Any any, Any data, int flags) {
  Socket* self = socket_of(any);
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  std::string_view bytes = scope.text();
  return int_from_word(thread,
                       TRY(socket_call(thread, self, POLLOUT, deadline_of(self), [&](int fd) {
                         return ::send(fd, bytes.data(), bytes.size(), flags);
                       })));
}
Result<void> socket_sendall(Thread& thread, Any any, Any data, int flags) {
  Socket* self = socket_of(any);
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  std::string_view bytes = scope.text();
  int64_t deadline = deadline_of(self);  // for all of it
  while (!bytes.empty()) {
    long sent = TRY(socket_call(thread, self, POLLOUT, deadline, [&](int fd) {
      return ::send(fd, bytes.data(), bytes.size(), flags);
    }));
    bytes.remove_prefix(static_cast<size_t>(sent));
    TRY(poll_signals(thread));
  }
  return {};
}
AnyResult socket_sendto(Thread& thread, Any any, Rest arguments) {
  if (arguments.count < 2 || arguments.count > 3)
    return raise<TypeError>(thread, "sendto() takes 2 or 3 arguments ({} given)", arguments.count);
  Socket* self = socket_of(any);
  int flags = arguments.count == 3
                  ? static_cast<int>(TRY(index_word(thread, TRY(to_index(thread, arguments[1])))))
                  : 0;
  Address address;
  TRY(address_from(thread, self, arguments[arguments.count - 1], "sendto", address));
  TRY(audit(thread, "socket.sendto", {any.value(), arguments[arguments.count - 1].value()}));
  BufferScope scope(thread);
  TRY(scope.acquire(arguments[0]));
  std::string_view bytes = scope.text();
  return int_from_word(
      thread, TRY(socket_call(thread, self, POLLOUT, deadline_of(self), [&](int fd) {
        return ::sendto(fd, bytes.data(), bytes.size(), flags, address.get(), address.size);
      })));
}

// Control messages as [(level, type, data), ...].
AnyResult control_list(Thread& thread, struct msghdr& message) {
  Ref<List> list = TRY(list_create(thread));
  for (struct cmsghdr* at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
    size_t size = at->cmsg_len > CMSG_LEN(0) ? at->cmsg_len - CMSG_LEN(0) : 0;
    Ref<Bytes> data = TRY(
        bytes_from(thread, std::string_view(reinterpret_cast<const char*>(CMSG_DATA(at)), size)));
    TRY(list_append(thread, list,
                    TRY(tuple_of(thread, {small_int(at->cmsg_level), small_int(at->cmsg_type),
                                          data.value()}))));
  }
  return list;
}
AnyResult receive_message(Thread& thread, Socket* self, struct iovec* parts, size_t count,
                          Word control_size, int flags, AnyRef data, bool sized) {
  if (control_size < 0) return raise<ValueError>(thread, "invalid ancillary data buffer length");
  Address address;
  std::vector<char> control(static_cast<size_t>(control_size) + 1);
  struct msghdr message{};
  long got = TRY(socket_call(thread, self, POLLIN, deadline_of(self), [&](int fd) {
    message.msg_name = address.get();
    message.msg_namelen = sizeof address.storage;
    message.msg_iov = parts;
    message.msg_iovlen = count;
    message.msg_control = control_size ? control.data() : nullptr;
    message.msg_controllen = static_cast<size_t>(control_size);
    return ::recvmsg(fd, &message, flags);
  }));
  address.size = message.msg_namelen;
  AnyRef ancillary = TRY(control_list(thread, message));
  AnyRef from = TRY(address_value(thread, address));
  if (sized)
    data = AnyRef::adopt(small_int(got));
  else
    data = TRY(bytes_resize(thread, Ref<Bytes>::adopt(data.release()), static_cast<size_t>(got)));
  return tuple_of(thread,
                  {data.value(), ancillary.value(), small_int(message.msg_flags), from.value()});
}
AnyResult socket_recvmsg(Thread& thread, Any any, Word size, Word control_size, int flags) {
  if (size < 0) return raise<ValueError>(thread, "negative buffer size in recvmsg()");
  Ref<Bytes> room = TRY(bytes_create(thread, static_cast<size_t>(size)));
  struct iovec part{room->data(), static_cast<size_t>(size)};
  return receive_message(thread, socket_of(any), &part, 1, control_size, flags, std::move(room),
                         false);
}
AnyResult socket_recvmsg_into(Thread& thread, Any any, Any buffers, Word control_size, int flags) {
  AnyRef items = TRY(sequence_tuple(thread, buffers));
  Borrowed<Tuple> tuple(items.value());
  std::vector<BufferView> views;
  std::vector<struct iovec> parts;
  bool good = true;
  for (Word i = 0; i < tuple->size && good; ++i) {
    BufferView view;
    good = !buffer_get(thread, tuple->item(i), view, kBufferWritable).raised();
    if (!good) break;
    views.push_back(view);
    parts.push_back({view.data, static_cast<size_t>(view.size)});
  }
  AnyResult result = good ? receive_message(thread, socket_of(any), parts.data(), parts.size(),
                                            control_size, flags, AnyRef::adopt(kNone), true)
                          : AnyResult(Raised{});
  for (BufferView& view : views) buffer_release(thread, view);
  return result;
}
AnyResult socket_sendmsg(Thread& thread, Any any, Any buffers, MaybeAny ancdata, int flags,
                         Any address_argument) {
  TRY(audit(thread, "socket.sendmsg", {any.value(), address_argument.value()}));
  Socket* self = socket_of(any);
  std::string data, control;
  AnyRef items = TRY(sequence_tuple(thread, buffers));
  for (Word i = 0; i < Borrowed<Tuple>(items.value())->size; ++i) {
    BufferScope scope(thread);
    TRY(scope.acquire(Borrowed<Tuple>(items.value())->item(i)));
    data += scope.text();
  }
  if (ancdata) {
    AnyRef messages = TRY(sequence_tuple(thread, *ancdata));
    for (Word i = 0; i < Borrowed<Tuple>(messages.value())->size; ++i) {
      AnyRef triple = TRY(sequence_tuple(thread, Borrowed<Tuple>(messages.value())->item(i)));
      Borrowed<Tuple> fields(triple.value());
      if (fields->size != 3)
        return raise<TypeError>(thread,
                                "[sendmsg() ancillary data items must be tuples of 3 items]");
      BufferScope scope(thread);
      TRY(scope.acquire(fields->item(2)));
      size_t at = control.size(), size = scope.text().size();
      control.resize(at + CMSG_SPACE(size));
      auto* header = reinterpret_cast<struct cmsghdr*>(control.data() + at);
      header->cmsg_level = static_cast<int>(TRY(index_word(thread, fields->item(0))));
      header->cmsg_type = static_cast<int>(TRY(index_word(thread, fields->item(1))));
      header->cmsg_len = CMSG_LEN(size);
      std::memcpy(CMSG_DATA(header), scope.text().data(), size);
    }
  }
  Address address;
  struct iovec part{data.data(), data.size()};
  struct msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!control.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  if (!address_argument.is_none()) {
    TRY(address_from(thread, self, address_argument, "sendmsg", address));
    message.msg_name = address.get();
    message.msg_namelen = address.size;
  }
  return int_from_word(thread,
                       TRY(socket_call(thread, self, POLLOUT, deadline_of(self),
                                       [&](int fd) { return ::sendmsg(fd, &message, flags); })));
}

// ---- options ------------------------------------------------------------------------------------
AnyResult socket_getsockopt(Thread& thread, Any any, int level, int option, Word buflen) {
  int descriptor = socket_of(any)->descriptor;
  if (buflen == 0) {
    int value = 0;
    socklen_t size = sizeof value;
    if (getsockopt(descriptor, level, option, &value, &size) < 0)
      return raise_os_error(thread, errno);
    return int_from_word(thread, value);
  }
  if (buflen < 0 || buflen > 1024) return raise<OSError>(thread, "getsockopt buflen out of range");
  char room[1024];
  socklen_t size = static_cast<socklen_t>(buflen);
  if (getsockopt(descriptor, level, option, room, &size) < 0) return raise_os_error(thread, errno);
  return bytes_from(thread, std::string_view(room, size));
}
Result<void> socket_setsockopt(Thread& thread, Any any, int level, int option, Any value,
                               MaybeAny optlen) {
  int descriptor = socket_of(any)->descriptor, failed;
  if (value.is_none()) {
    if (!optlen)
      return raise<TypeError>(thread,
                              "setsockopt() requires 4 arguments when the third argument is None");
    failed = setsockopt(descriptor, level, option, nullptr,
                        static_cast<socklen_t>(TRY(index_word(thread, *optlen))));
  } else if (has_index(value)) {
    int number = static_cast<int>(TRY(index_word(thread, TRY(to_index(thread, value)))));
    failed = setsockopt(descriptor, level, option, &number, sizeof number);
  } else {
    BufferScope scope(thread);
    TRY(scope.acquire(value));
    failed = setsockopt(descriptor, level, option, scope.text().data(),
                        static_cast<socklen_t>(scope.text().size()));
  }
  if (failed < 0) return raise_os_error(thread, errno);
  return {};
}
void set_timeout(Socket* self, int64_t timeout) {
  self->timeout = timeout;
  set_nonblocking(self->descriptor, timeout >= 0);
}
Result<void> socket_settimeout(Thread& thread, Any any, Any value) {
  set_timeout(socket_of(any), TRY(timeout_from(thread, value)));
  return {};
}
AnyResult socket_gettimeout(Thread& thread, Any any) {
  return timeout_value(thread, socket_of(any)->timeout);
}
void socket_setblocking(Thread&, Any any, bool flag) { set_timeout(socket_of(any), flag ? -1 : 0); }
bool socket_getblocking(Thread&, Any any) { return socket_of(any)->timeout != 0; }
AnyResult socket_family(Thread& thread, Any any) {
  return int_from_word(thread, socket_of(any)->family);
}
AnyResult socket_kind(Thread& thread, Any any) {
  return int_from_word(thread, socket_of(any)->type);
}
AnyResult socket_protocol(Thread& thread, Any any) {
  return int_from_word(thread, socket_of(any)->protocol);
}

const Layout socket_layout{"socket", sizeof(Socket), false, nullptr, nullptr};
const SlotEntry socket_slots[] = {
    slot<SlotId::new_, socket_new>(), slot<SlotId::init, socket_init>(),
    slot<SlotId::repr, socket_repr>(), slot<SlotId::del, socket_del>()};
constexpr Method socket_methods[] = {
    method<socket_accept>("_accept()"),
    method<socket_bind>("bind(address, /)"),
    method<socket_close>("close()"),
    method<socket_connect>("connect(address, /)"),
    method<socket_connect_ex>("connect_ex(address, /)"),
    method<socket_detach>("detach()"),
    method<socket_fileno>("fileno()"),
    method<socket_getpeername>("getpeername()"),
    method<socket_getsockname>("getsockname()"),
    method<socket_getsockopt>("getsockopt(level, option, buffersize=0, /)"),
    method<socket_setsockopt>("setsockopt(level, option, value, optlen=?, /)"),
    method<socket_listen>("listen(backlog=128, /)"),
    method<socket_recv>("recv(buffersize, flags=0, /)"),
    method<socket_recv_into>("recv_into(buffer, nbytes=0, flags=0)"),
    method<socket_recvfrom>("recvfrom(buffersize, flags=0, /)"),
    method<socket_recvfrom_into>("recvfrom_into(buffer, nbytes=0, flags=0)"),
    method<socket_recvmsg>("recvmsg(bufsize, ancbufsize=0, flags=0, /)"),
    method<socket_recvmsg_into>("recvmsg_into(buffers, ancbufsize=0, flags=0, /)"),
    method<socket_send>("send(data, flags=0, /)"),
    method<socket_sendall>("sendall(data, flags=0, /)"),
    method<socket_sendto>("sendto(*args)"),
    method<socket_sendmsg>("sendmsg(buffers, ancdata=?, flags=0, address=None, /)"),
    method<socket_setblocking>("setblocking(flag, /)"),
    method<socket_getblocking>("getblocking()"),
    method<socket_settimeout>("settimeout(timeout, /)"),
    method<socket_gettimeout>("gettimeout()"),
    method<socket_shutdown>("shutdown(flag, /)"),
};
const GetSet socket_getsets[] = {getter<socket_family>("family", "the socket family"),
                                 getter<socket_kind>("type", "the socket type"),
                                 getter<socket_protocol>("proto", "the socket protocol"),
                                 getter<socket_gettimeout>("timeout", "the socket timeout")};
const TypeSpec socket_spec{.name = "_socket.socket",
                           .doc = "Open a socket of the given type.",
                           .flags = kTypeBase | kTypeImmutable,
                           .layout = &socket_layout,
                           .slots = socket_slots,
                           .methods = socket_methods,
                           .getsets = socket_getsets};

// ---- names --------------------------------------------------------------------------------------
AnyResult socket_getaddrinfo(Thread& thread, Any host, Any port, int family, int type, int proto,
                             int flags) {
  TRY(audit(thread, "socket.getaddrinfo",
            {host.value(), port.value(), small_int(family), small_int(type), small_int(proto)}));
  AnyRef keep = AnyRef::adopt(kNone);
  std::string host_name, service;
  if (!host.is_none()) host_name = TRY(host_text(thread, host, keep));
  bool has_service = !port.is_none();
  if (is_int(port)) {
    service = std::to_string(TRY(int_word(thread, port.value())));
  } else if (is_str(port)) {
    service = TRY(str_utf8(thread, Borrowed<Str>(port.value())));
  } else if (is_bytes(port)) {
    service = Borrowed<Bytes>(port.value())->view();
  } else if (has_service) {
    return raise<OSError>(thread, "Int or String expected");
  }
  struct addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = type;
  hints.ai_protocol = proto;
  hints.ai_flags = flags;
  struct addrinfo* found = nullptr;
  int code;
  {
    OfflineScope offline(thread);
    code = getaddrinfo(host.is_none() ? nullptr : host_name.c_str(),
                       has_service ? service.c_str() : nullptr, &hints, &found);
  }
  if (code) return raise_gai(thread, code);
  struct Free {
    struct addrinfo* list;
    ~Free() { freeaddrinfo(list); }
  } free_list{found};
  Ref<List> list = TRY(list_create(thread));
  for (struct addrinfo* at = found; at; at = at->ai_next) {
    Address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    AnyRef where = TRY(address_value(thread, address));
    Ref<Str> canonical = TRY(str_from_filesystem(thread, at->ai_canonname ? at->ai_canonname : ""));
    TRY(list_append(
        thread, list,
        TRY(tuple_of(thread, {small_int(at->ai_family), small_int(at->ai_socktype),
                              small_int(at->ai_protocol), canonical.value(), where.value()}))));
  }
  return list;
}
AnyResult socket_getnameinfo(Thread& thread, Any where, int flags) {
  if (!is_tuple(where)) return raise<TypeError>(thread, "getnameinfo() argument 1 must be a tuple");
  Borrowed<Tuple> tuple(where.value());
  if (tuple->size < 2 || tuple->size > 4 || !is_str(tuple->item(0)))
    return raise<TypeError>(
        thread, "getnameinfo() argument 1 must be a tuple (host, port[, flowinfo[, scopeid]])");
  TRY(audit(thread, "socket.getnameinfo", {where.value()}));
  std::string host(TRY(str_utf8(thread, Borrowed<Str>(tuple->item(0).value()))));
  std::string port = std::to_string(TRY(index_word(thread, tuple->item(1))));
  struct addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICHOST;
  struct addrinfo* found = nullptr;
  char host_room[NI_MAXHOST], service[NI_MAXSERV];
  int code;
  {
    OfflineScope offline(thread);
    code = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (code == 0) {
      code = getnameinfo(found->ai_addr, found->ai_addrlen, host_room, sizeof host_room, service,
                         sizeof service, flags);
      freeaddrinfo(found);
    }
  }
  if (code) return raise_gai(thread, code);
  Ref<Str> name = TRY(str_from_filesystem(thread, host_room)),
           number = TRY(str_from_filesystem(thread, service));
  return tuple_of(thread, {name.value(), number.value()});
}
AnyResult socket_gethostbyname(Thread& thread, Any host) {
  TRY(audit(thread, "socket.gethostbyname", {host.value()}));
  Address address;
  TRY(resolve(thread, host, AF_INET, address));
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&address.storage)->sin_addr, text,
            sizeof text);
  return str_from_ascii(thread, text);
}
// (name, aliases, addresses)
AnyResult host_entry(Thread& thread, const struct hostent* entry, int code) {
  if (!entry) return raise_lookup_error(thread, herror_type, code, hstrerror(code));
  Ref<Str> name = TRY(str_from_filesystem(thread, entry->h_name));
  Ref<List> aliases = TRY(list_create(thread)), addresses = TRY(list_create(thread));
  for (char** alias = entry->h_aliases; alias && *alias; ++alias)
    TRY(list_append(thread, aliases, TRY(str_from_filesystem(thread, *alias))));
  for (char** address = entry->h_addr_list; address && *address; ++address) {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(entry->h_addrtype, *address, text, sizeof text);
    TRY(list_append(thread, addresses, TRY(str_from_ascii(thread, text))));
  }
  return tuple_of(thread, {name.value(), aliases.value(), addresses.value()});
}
AnyResult socket_gethostbyname_ex(Thread& thread, Any host) {
  TRY(audit(thread, "socket.gethostbyname", {host.value()}));
  AnyRef keep = AnyRef::adopt(kNone);
  std::string name(TRY(host_text(thread, host, keep)));
  struct hostent entry, *found = nullptr;
  char room[16384];
  int code = 0;
  {
    OfflineScope offline(thread);
    gethostbyname_r(name.c_str(), &entry, room, sizeof room, &found, &code);
  }
  return host_entry(thread, found, code);
}
AnyResult socket_gethostbyaddr(Thread& thread, Any host) {
  TRY(audit(thread, "socket.gethostbyaddr", {host.value()}));
  Address address;
  TRY(resolve(thread, host, AF_UNSPEC, address));
  bool six = address.storage.ss_family == AF_INET6;
  const void* data =
      six ? static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_addr)
          : &reinterpret_cast<sockaddr_in*>(&address.storage)->sin_addr;
  struct hostent entry, *found = nullptr;
  char room[16384];
  int code = 0;
  {
    OfflineScope offline(thread);
    gethostbyaddr_r(data, six ? 16 : 4, six ? AF_INET6 : AF_INET, &entry, room, sizeof room, &found,
                    &code);
  }
  return host_entry(thread, found, code);
}
AnyResult socket_gethostname(Thread& thread) {
  TRY(audit(thread, "socket.gethostname"));
  char name[256];
  if (gethostname(name, sizeof name - 1) < 0) return raise_os_error(thread, errno);
  name[255] = 0;
  return str_from_filesystem(thread, name);
}
AnyResult socket_getservbyname(Thread& thread, Borrowed<Str> name, Maybe<Borrowed<Str>> protocol) {
  TRY(audit(thread, "socket.getservbyname", {name.value(), protocol ? protocol.value() : kNone}));
  std::string service(TRY(str_utf8(thread, name))), proto;
  if (protocol) proto = TRY(str_utf8(thread, *protocol));
  struct servent entry, *found = nullptr;
  char room[4096];
  {
    OfflineScope offline(thread);
    getservbyname_r(service.c_str(), protocol ? proto.c_str() : nullptr, &entry, room, sizeof room,
                    &found);
  }
  if (!found) return raise<OSError>(thread, "service/proto not found");
  return int_from_word(thread, ntohs(static_cast<uint16_t>(found->s_port)));
}
AnyResult socket_getservbyport(Thread& thread, Any port_value, Maybe<Borrowed<Str>> protocol) {
  TRY(audit(thread, "socket.getservbyport",
            {port_value.value(), protocol ? protocol.value() : kNone}));
  int port = TRY(port_from(thread, port_value, "getservbyport"));
  std::string proto;
  if (protocol) proto = TRY(str_utf8(thread, *protocol));
  struct servent entry, *found = nullptr;
  char room[4096];
  {
    OfflineScope offline(thread);
    getservbyport_r(htons(static_cast<uint16_t>(port)), protocol ? proto.c_str() : nullptr, &entry,
                    room, sizeof room, &found);
  }
  if (!found) return raise<OSError>(thread, "port/proto not found");
  return str_from_filesystem(thread, found->s_name);
}
AnyResult socket_getprotobyname(Thread& thread, Borrowed<Str> name) {
  std::string protocol(TRY(str_utf8(thread, name)));
  struct protoent entry, *found = nullptr;
  char room[4096];
  {
    OfflineScope offline(thread);
    getprotobyname_r(protocol.c_str(), &entry, room, sizeof room, &found);
  }
  if (!found) return raise<OSError>(thread, "protocol not found");
  return int_from_word(thread, found->p_proto);
}
AnyResult socket_if_nameindex(Thread& thread) {
  struct if_nameindex* names = if_nameindex();
  if (!names) return raise_os_error(thread, errno);
  struct Free {
    struct if_nameindex* list;
    ~Free() { if_freenameindex(list); }
  } free_list{names};
  Ref<List> list = TRY(list_create(thread));
  for (struct if_nameindex* at = names; at->if_index && at->if_name; ++at) {
    Ref<Str> name = TRY(str_from_filesystem(thread, at->if_name));
    TRY(list_append(thread, list, TRY(tuple_of(thread, {small_int(at->if_index), name.value()}))));
  }
  return list;
}
AnyResult socket_if_nametoindex(Thread& thread, Any name_value) {
  Ref<Bytes> name = TRY(bytes_from_path(thread, name_value));
  unsigned index = if_nametoindex(name->data());
  if (!index) return raise<OSError>(thread, "no interface with this name");
  return int_from_word(thread, index);
}
AnyResult socket_if_indextoname(Thread& thread, Word index) {
  char name[IF_NAMESIZE];
  if (!if_indextoname(static_cast<unsigned>(index), name)) return raise_os_error(thread, errno);
  return str_from_filesystem(thread, name);
}

// ---- numbers and texts of addresses -------------------------------------------------------------
Result<uint64_t> unsigned_of(Thread& thread, Any value, uint64_t most, const char* function,
                             const char* type) {
  AnyRef index = TRY(to_index(thread, value));
  if (int_sign(index.value()) < 0)
    return raise<OverflowError>(thread, "{}: can't convert negative Python int to C {}", function,
                                type);
  uint64_t number = TRY(int_u64(thread, index.value()));
  if (number > most)
    return raise<OverflowError>(thread, "{}: Python int too large to convert to C {}", function,
                                type);
  return number;
}
Result<Word> socket_htons(Thread& thread, Any x) {
  return Word{htons(static_cast<uint16_t>(
      TRY(unsigned_of(thread, x, 0xffff, "htons", "16-bit unsigned integer"))))};
}
Result<Word> socket_ntohs(Thread& thread, Any x) {
  return Word{ntohs(static_cast<uint16_t>(
      TRY(unsigned_of(thread, x, 0xffff, "ntohs", "16-bit unsigned integer"))))};
}
Result<Word> socket_htonl(Thread& thread, Any x) {
  return Word{htonl(static_cast<uint32_t>(
      TRY(unsigned_of(thread, x, 0xffffffff, "htonl", "32-bit unsigned integer"))))};
}
Result<Word> socket_ntohl(Thread& thread, Any x) {
  return Word{ntohl(static_cast<uint32_t>(
      TRY(unsigned_of(thread, x, 0xffffffff, "ntohl", "32-bit unsigned integer"))))};
}
AnyResult socket_inet_aton(Thread& thread, Borrowed<Str> address) {
  std::string text(TRY(str_utf8(thread, address)));
  struct in_addr packed;
  if (!inet_aton(text.c_str(), &packed))
    return raise<OSError>(thread, "illegal IP address string passed to inet_aton");
  return bytes_from(thread,
                    std::string_view(reinterpret_cast<const char*>(&packed), sizeof packed));
}
AnyResult socket_inet_ntoa(Thread& thread, Any packed) {
  BufferScope scope(thread);
  TRY(scope.acquire(packed));
  if (scope.view.size != 4) return raise<OSError>(thread, "packed IP wrong length");
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, scope.view.data, text, sizeof text);
  return str_from_ascii(thread, text);
}
AnyResult socket_inet_pton(Thread& thread, int family, Borrowed<Str> address) {
  std::string text(TRY(str_utf8(thread, address)));
  char packed[16];
  int good = inet_pton(family, text.c_str(), packed);
  if (good < 0) return raise_os_error(thread, errno);
  if (good == 0) return raise<OSError>(thread, "illegal IP address string passed to inet_pton");
  return bytes_from(thread, std::string_view(packed, family == AF_INET ? 4 : 16));
}
AnyResult socket_inet_ntop(Thread& thread, int family, Any packed) {
  BufferScope scope(thread);
  TRY(scope.acquire(packed));
  if (family != AF_INET && family != AF_INET6)
    return raise<ValueError>(thread, "unknown address family {}", family);
  if (scope.view.size != (family == AF_INET ? 4 : 16))
    return raise<ValueError>(thread, "invalid length of packed IP address string");
  char text[INET6_ADDRSTRLEN];
  if (!inet_ntop(family, scope.view.data, text, sizeof text)) return raise_os_error(thread, errno);
  return str_from_ascii(thread, text);
}

AnyResult socket_socketpair(Thread& thread, int family, int type, int proto) {
  int ends[2];
  (void)TRY(
      system_call(thread, [&] { return ::socketpair(family, type | SOCK_CLOEXEC, proto, ends); }));
  AnyResult made[2] = {Raised{}, Raised{}};
  for (int i = 0; i < 2; ++i) {
    made[i] = socket_new(thread, Borrowed<Type>(socket_type.type), {});
    if (made[i].raised()) {
      ::close(ends[i]);
      if (i == 0) ::close(ends[1]);
      return Raised{};
    }
    take_over(static_cast<Socket*>(made[i].value().object()), ends[i], family, type, proto);
  }
  return tuple_of(thread, {made[0].value(), made[1].value()});
}
Result<void> socket_close_descriptor(Thread& thread, Any fd) {
  Word descriptor = TRY(index_word(thread, TRY(to_index(thread, fd))));
  int failed, error;
  {
    OfflineScope offline(thread);
    failed = ::close(static_cast<int>(descriptor));
    error = errno;
  }
  if (failed < 0 && error != ECONNRESET) return raise_os_error(thread, error);
  return {};
}
AnyResult socket_dup(Thread& thread, Any fd) {
  Word descriptor = TRY(index_word(thread, TRY(to_index(thread, fd))));
  return int_from_word(thread, TRY(system_call(thread, [&] {
                         return fcntl(static_cast<int>(descriptor), F_DUPFD_CLOEXEC, 0);
                       })));
}
AnyResult socket_getdefaulttimeout(Thread& thread) {
  return timeout_value(thread, default_timeout);
}
Result<void> socket_setdefaulttimeout(Thread& thread, Any timeout) {
  default_timeout = TRY(timeout_from(thread, timeout));
  return {};
}
Result<Word> socket_CMSG_LEN(Thread& thread, Word length) {
  if (length < 0 || length > INT_MAX)
    return raise<OverflowError>(thread, "CMSG_LEN() argument out of range");
  return static_cast<Word>(CMSG_LEN(static_cast<size_t>(length)));
}
Result<Word> socket_CMSG_SPACE(Thread& thread, Word length) {
  if (length < 0 || length > INT_MAX)
    return raise<OverflowError>(thread, "CMSG_SPACE() argument out of range");
  return static_cast<Word>(CMSG_SPACE(static_cast<size_t>(length)));
}

constexpr Method functions[] = {
    function<socket_getaddrinfo>("getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)",
                                 "Resolve host and port into addrinfo struct."),
    function<socket_getnameinfo>("getnameinfo(sockaddr, flags, /)",
                                 "Get host and port for a sockaddr."),
    function<socket_gethostbyname>("gethostbyname(host, /)", "Return the IP address for a host."),
    function<socket_gethostbyname_ex>("gethostbyname_ex(host, /)"),
    function<socket_gethostbyaddr>("gethostbyaddr(host, /)"),
    function<socket_gethostname>("gethostname()", "Return the current host name."),
    function<socket_getservbyname>("getservbyname(servicename, protocolname=?, /)"),
    function<socket_getservbyport>("getservbyport(port, protocolname=?, /)"),
    function<socket_getprotobyname>("getprotobyname(name, /)"),
    function<socket_if_nameindex>("if_nameindex()"),
    function<socket_if_nametoindex>("if_nametoindex(oname, /)"),
    function<socket_if_indextoname>("if_indextoname(index, /)"),
    function<socket_htons>("htons(x, /)"),
    function<socket_ntohs>("ntohs(x, /)"),
    function<socket_htonl>("htonl(x, /)"),
    function<socket_ntohl>("ntohl(x, /)"),
    function<socket_inet_aton>("inet_aton(ip_addr, /)"),
    function<socket_inet_ntoa>("inet_ntoa(packed_ip, /)"),
    function<socket_inet_pton>("inet_pton(af, ip, /)"),
    function<socket_inet_ntop>("inet_ntop(af, packed_ip, /)"),
    function<socket_socketpair>("socketpair(family=1, type=1, proto=0, /)"),
    function<socket_close_descriptor>("close(fd, /)", "Close an integer socket file descriptor."),
    function<socket_dup>("dup(fd, /)", "Return a new socket descriptor that is a duplicate of fd."),
    function<socket_getdefaulttimeout>("getdefaulttimeout()"),
    function<socket_setdefaulttimeout>("setdefaulttimeout(timeout, /)"),
    function<socket_CMSG_LEN>("CMSG_LEN(length, /)"),
    function<socket_CMSG_SPACE>("CMSG_SPACE(length, /)"),
};
constexpr ModuleConstant constants[] = {
#include "modules/posix/socket_constants.inc"
};
const ModuleType types[] = {{&socket_spec, &socket_type}};

Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  TRY(exception_class(thread, module, "socket", "gaierror", EXCEPTION(OSError), gaierror_type));
  TRY(exception_class(thread, module, "socket", "herror", EXCEPTION(OSError), herror_type));
  TRY(module_set(thread, module, "error", Any(Value(EXCEPTION(OSError)))));
  TRY(module_set(thread, module, "timeout", Any(Value(EXCEPTION(TimeoutError)))));
  TRY(module_set(thread, module, "SocketType", Any(Value(socket_type.type))));
  return module_set(thread, module, "has_ipv6", Any(kTrue));
}

}  // namespace

extern const ModuleSpec _socket_module{.name = "_socket",
                                       .doc = "Implementation module for socket operations.",
                                       .functions = functions,
                                       .constants = constants,
                                       .types = types,
                                       .initialize = initialize};

}  // namespace dx
