// termios: the modes of terminals.
//
// termios.error is no OSError, though it carries the same two arguments. Calls that may wait for
// the line run offline; a signal ends them with EINTR, as in CPython.

#include <linux/tty.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "modules/exception_class.h"
#include "modules/posix/posix.h"
#include "objects/list.h"

namespace dx {

namespace {

Type* termios_error;  // termios.error; immortal

// A call that returns 0, or -1 with errno set.
template <class Call>
Result<void> terminal_call(Thread& thread, Call call) {
  int result, error;
  {
    OfflineScope offline(thread);
    result = call();
    error = errno;
  }
  if (result != -1) return {};
  return raise_numbered(thread, termios_error, error);
}

// ---- modes --------------------------------------------------------------------------------------
AnyResult termios_tcgetattr(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  termios mode;
  TRY(terminal_call(thread, [&] { return ::tcgetattr(descriptor, &mode); }));
  bool raw = !(mode.c_lflag & ICANON);
  Ref<List> characters = TRY(list_create(thread, NCCS));
  for (int i = 0; i < NCCS; ++i) {
    // A count and a time, where lines are not gathered.
    if (raw && (i == VMIN || i == VTIME)) {
      TRY(list_append(thread, characters, AnyRef::adopt(small_int(mode.c_cc[i]))));
    } else {
      char c = static_cast<char>(mode.c_cc[i]);
      TRY(list_append(thread, characters, TRY(bytes_from(thread, std::string_view(&c, 1)))));
    }
  }
  const Value items[] = {
      small_int(mode.c_iflag), small_int(mode.c_oflag),       small_int(mode.c_cflag),
      small_int(mode.c_lflag), small_int(cfgetispeed(&mode)), small_int(cfgetospeed(&mode)),
      characters.value()};
  return list_from(thread, items, std::size(items));
}

// A C long, of which the low bits count.
Result<tcflag_t> flags_from(Thread& thread, Any value) {
  AnyRef index = TRY(to_index(thread, value));
  return static_cast<tcflag_t>(
      TRY(int_word(thread, index.value(), "Python int too large to convert to C long")));
}
Result<void> termios_tcsetattr(Thread& thread, Any fd, int when, Any attributes) {
  int descriptor = TRY(descriptor_from(thread, fd));
  if (!is_list(attributes.value()) || list_length(Borrowed<List>(attributes.value())) != 7)
    return raise<TypeError>(thread, "tcsetattr, arg 3: must be 7 element list");
  // The items as they are now: converting one may run Python, which may change the list.
  AnyRef copy = TRY(sequence_tuple(thread, attributes));
  Borrowed<Tuple> items(copy.value());
  if (items->size != 7) return raise<TypeError>(thread, "tcsetattr, arg 3: must be 7 element list");
  // What the system keeps in the structure besides stays as it is.
  termios mode;
  TRY(terminal_call(thread, [&] { return ::tcgetattr(descriptor, &mode); }));
  mode.c_iflag = TRY(flags_from(thread, items->item(0)));
  mode.c_oflag = TRY(flags_from(thread, items->item(1)));
  mode.c_cflag = TRY(flags_from(thread, items->item(2)));
  mode.c_lflag = TRY(flags_from(thread, items->item(3)));
  speed_t in = TRY(flags_from(thread, items->item(4))),
          out = TRY(flags_from(thread, items->item(5)));
  Any given = items->item(6);
  if (!is_list(given.value()) || list_length(Borrowed<List>(given.value())) != NCCS) {
    return raise<TypeError>(thread, "tcsetattr: attributes[6] must be {} element list",
                            static_cast<int>(NCCS));
  }
  for (int i = 0; i < NCCS; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, Borrowed<List>(given.value()), i);
    if (item && is_bytes(item.value()) && Borrowed<Bytes>(item.value())->size == 1)
      mode.c_cc[i] = static_cast<cc_t>(*Borrowed<Bytes>(item.value())->data());
    else if (item && is_int(item.value()))
      mode.c_cc[i] = static_cast<cc_t>(
          TRY(int_word(thread, item.value(), "Python int too large to convert to C long")));
    else
      return raise<TypeError>(thread,
                              "tcsetattr: elements of attributes must be bytes objects of length 1 "
                              "or integers");
  }
  if (cfsetispeed(&mode, in) == -1 || cfsetospeed(&mode, out) == -1)
    return raise_numbered(thread, termios_error, errno);
  return terminal_call(thread, [&] { return ::tcsetattr(descriptor, when, &mode); });
}

// ---- the line -----------------------------------------------------------------------------------
Result<void> termios_tcsendbreak(Thread& thread, Any fd, int duration) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return terminal_call(thread, [&] { return ::tcsendbreak(descriptor, duration); });
}
Result<void> termios_tcdrain(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return terminal_call(thread, [&] { return ::tcdrain(descriptor); });
}
Result<void> termios_tcflush(Thread& thread, Any fd, int queue) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return terminal_call(thread, [&] { return ::tcflush(descriptor, queue); });
}
Result<void> termios_tcflow(Thread& thread, Any fd, int action) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return terminal_call(thread, [&] { return ::tcflow(descriptor, action); });
}

// ---- the window ---------------------------------------------------------------------------------
AnyResult termios_tcgetwinsize(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  struct winsize size;
  TRY(terminal_call(thread, [&] { return ::ioctl(descriptor, TIOCGWINSZ, &size); }));
  return tuple_of(thread, {small_int(size.ws_row), small_int(size.ws_col)});
}
Result<void> termios_tcsetwinsize(Thread& thread, Any fd, Any winsize) {
  int descriptor = TRY(descriptor_from(thread, fd));
  bool sequence = type_of(winsize)->slot<SlotId::getitem>() && !has_layout(winsize, kShapeDict);
  if (!sequence || TRY(length(thread, winsize)) != 2)
    return raise<TypeError>(thread, "tcsetwinsize, arg 2: must be a two-item sequence");
  Word given[2];
  for (Word i = 0; i < 2; ++i) {
    AnyRef item = TRY(get_item(thread, winsize, small_int(i)));
    AnyRef index = TRY(to_index(thread, item));
    given[i] = TRY(int_word(thread, index.value(), "Python int too large to convert to C long"));
  }
  // Its size in pixels stays as it is.
  struct winsize size;
  TRY(terminal_call(thread, [&] { return ::ioctl(descriptor, TIOCGWINSZ, &size); }));
  size.ws_row = static_cast<unsigned short>(given[0]);
  size.ws_col = static_cast<unsigned short>(given[1]);
  if (size.ws_row != given[0] || size.ws_col != given[1])
    return raise<OverflowError>(thread, "winsize value(s) out of range.");
  return terminal_call(thread, [&] { return ::ioctl(descriptor, TIOCSWINSZ, &size); });
}

// ---- the module ---------------------------------------------------------------------------------
Result<void> termios_initialize(Thread& thread, Borrowed<Module> module) {
  return exception_class(thread, module, "termios", "error", EXCEPTION(Exception), termios_error);
}

constexpr Method functions[] = {
    function<termios_tcgetattr>(
        "tcgetattr(fd, /)",
        "Get the tty attributes for file descriptor fd.\n\n"
        "A list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc]; cc is a list of the special "
        "characters,\nbytes of length 1, but for those at VMIN and VTIME, integers when they "
        "mean something."),
    function<termios_tcsetattr>("tcsetattr(fd, when, attributes, /)",
                                "Set the tty attributes for file descriptor fd.\n\n"
                                "attributes is a list like tcgetattr()'s; when is TCSANOW, "
                                "TCSADRAIN or TCSAFLUSH."),
    function<termios_tcsendbreak>("tcsendbreak(fd, duration, /)",
                                  "Send a break on file descriptor fd."),
    function<termios_tcdrain>(
        "tcdrain(fd, /)",
        "Wait until all output written to file descriptor fd has been transmitted."),
    function<termios_tcflush>("tcflush(fd, queue, /)",
                              "Discard queued data on file descriptor fd.\n\n"
                              "queue is TCIFLUSH, TCOFLUSH or TCIOFLUSH."),
    function<termios_tcflow>("tcflow(fd, action, /)",
                             "Suspend or resume input or output on file descriptor fd.\n\n"
                             "action is TCOOFF, TCOON, TCIOFF or TCION."),
    function<termios_tcgetwinsize>(
        "tcgetwinsize(fd, /)",
        "Get the tty winsize for file descriptor fd.\n\nReturns a tuple (ws_row, ws_col)."),
    function<termios_tcsetwinsize>("tcsetwinsize(fd, winsize, /)",
                                   "Set the tty winsize for file descriptor fd.\n\n"
                                   "winsize is a two-item tuple (ws_row, ws_col)."),
};
#define C(name) constant(#name, static_cast<Word>(name))
constexpr ModuleConstant constants[] = {
    C(B0),
    C(B50),
    C(B75),
    C(B110),
    C(B134),
    C(B150),
    C(B200),
    C(B300),
    C(B600),
    C(B1200),
    C(B1800),
    C(B2400),
    C(B4800),
    C(B9600),
    C(B19200),
    C(B38400),
    C(B57600),
    C(B115200),
    C(B230400),
    C(B460800),
    C(B500000),
    C(B576000),
    C(B921600),
    C(B1000000),
    C(B1152000),
    C(B1500000),
    C(B2000000),
    C(B2500000),
    C(B3000000),
    C(B3500000),
    C(B4000000),
    C(CBAUD),
    C(CBAUDEX),
    C(CIBAUD),
    C(EXTA),
    C(EXTB),
    C(TCSANOW),
    C(TCSADRAIN),
    C(TCSAFLUSH),
    C(TCIFLUSH),
    C(TCOFLUSH),
    C(TCIOFLUSH),
    C(TCOOFF),
    C(TCOON),
    C(TCIOFF),
    C(TCION),
    C(IGNBRK),
    C(BRKINT),
    C(IGNPAR),
    C(PARMRK),
    C(INPCK),
    C(ISTRIP),
    C(INLCR),
    C(IGNCR),
    C(ICRNL),
    C(IUCLC),
    C(IXON),
    C(IXANY),
    C(IXOFF),
    C(IMAXBEL),
    C(IUTF8),
    C(OPOST),
    C(OLCUC),
    C(ONLCR),
    C(OCRNL),
    C(ONOCR),
    C(ONLRET),
    C(OFILL),
    C(OFDEL),
    C(NLDLY),
    C(CRDLY),
    C(TABDLY),
    C(BSDLY),
    C(VTDLY),
    C(FFDLY),
    C(NL0),
    C(NL1),
    C(CR0),
    C(CR1),
    C(CR2),
    C(CR3),
    C(TAB0),
    C(TAB1),
    C(TAB2),
    C(TAB3),
    C(XTABS),
    C(BS0),
    C(BS1),
    C(VT0),
    C(VT1),
    C(FF0),
    C(FF1),
    C(CSIZE),
    C(CSTOPB),
    C(CREAD),
    C(PARENB),
    C(PARODD),
    C(HUPCL),
    C(CLOCAL),
    C(CRTSCTS),
    C(CS5),
    C(CS6),
    C(CS7),
    C(CS8),
    C(ISIG),
    C(ICANON),
    C(XCASE),
    C(ECHO),
    C(ECHOE),
    C(ECHOK),
    C(ECHONL),
    C(ECHOCTL),
    C(ECHOPRT),
    C(ECHOKE),
    C(FLUSHO),
    C(NOFLSH),
    C(TOSTOP),
    C(PENDIN),
    C(IEXTEN),
    C(EXTPROC),
    C(NCCS),
    C(VINTR),
    C(VQUIT),
    C(VERASE),
    C(VKILL),
    C(VEOF),
    C(VTIME),
    C(VMIN),
    C(VSWTC),
    C(VSTART),
    C(VSTOP),
    C(VSUSP),
    C(VEOL),
    C(VREPRINT),
    C(VDISCARD),
    C(VWERASE),
    C(VLNEXT),
    C(VEOL2),
    C(CDSUSP),
    C(CEOF),
    C(CEOL),
    C(CEOT),
    C(CERASE),
    C(CFLUSH),
    C(CINTR),
    C(CKILL),
    C(CLNEXT),
    C(CQUIT),
    C(CRPRNT),
    C(CSTART),
    C(CSTOP),
    C(CSUSP),
    C(CWERASE),
    C(FIOASYNC),
    C(FIOCLEX),
    C(FIONBIO),
    C(FIONCLEX),
    C(FIONREAD),
    C(IOCSIZE_MASK),
    C(IOCSIZE_SHIFT),
    C(N_MOUSE),
    C(N_PPP),
    C(N_SLIP),
    C(N_STRIP),
    C(N_TTY),
    C(TCFLSH),
    C(TCGETS),
    C(TCSBRK),
    C(TCSBRKP),
    C(TCSETS),
    C(TCSETSF),
    C(TCSETSW),
    C(TCXONC),
    C(TIOCCONS),
    C(TIOCEXCL),
    C(TIOCGETD),
    C(TIOCGICOUNT),
    C(TIOCGLCKTRMIOS),
    C(TIOCGPGRP),
    C(TIOCGSERIAL),
    C(TIOCGSOFTCAR),
    C(TIOCGWINSZ),
    C(TIOCINQ),
    C(TIOCLINUX),
    C(TIOCMBIC),
    C(TIOCMBIS),
    C(TIOCMGET),
    C(TIOCMIWAIT),
    C(TIOCMSET),
    C(TIOCM_CAR),
    C(TIOCM_CD),
    C(TIOCM_CTS),
    C(TIOCM_DSR),
    C(TIOCM_DTR),
    C(TIOCM_LE),
    C(TIOCM_RI),
    C(TIOCM_RNG),
    C(TIOCM_RTS),
    C(TIOCM_SR),
    C(TIOCM_ST),
    C(TIOCNOTTY),
    C(TIOCNXCL),
    C(TIOCOUTQ),
    C(TIOCPKT),
    C(TIOCPKT_DATA),
    C(TIOCPKT_DOSTOP),
    C(TIOCPKT_FLUSHREAD),
    C(TIOCPKT_FLUSHWRITE),
    C(TIOCPKT_NOSTOP),
    C(TIOCPKT_START),
    C(TIOCPKT_STOP),
    C(TIOCSCTTY),
    C(TIOCSERCONFIG),
    C(TIOCSERGETLSR),
    C(TIOCSERGETMULTI),
    C(TIOCSERGSTRUCT),
    C(TIOCSERGWILD),
    C(TIOCSERSETMULTI),
    C(TIOCSERSWILD),
    C(TIOCSER_TEMT),
    C(TIOCSETD),
    C(TIOCSLCKTRMIOS),
    C(TIOCSPGRP),
    C(TIOCSSERIAL),
    C(TIOCSSOFTCAR),
    C(TIOCSTI),
    C(TIOCSWINSZ),
#ifdef B7200
    C(B7200),
    C(B14400),
    C(B28800),
    C(B76800),
#endif
    // Names that the headers for programs leave out.
    constant("VSWTCH", VSWTC),
    constant("IBSHIFT", 16),
    constant("_POSIX_VDISABLE", _POSIX_VDISABLE),
};
#undef C

}  // namespace

extern const ModuleSpec termios_module{
    .name = "termios",
    .doc =
        "This module provides an interface to the Posix calls for tty I/O control.\n\n"
        "All functions take a file descriptor fd as their first argument: an integer, as\n"
        "sys.stdin.fileno() gives it, or an object with a fileno() method.",
    .functions = functions,
    .constants = constants,
    .initialize = termios_initialize};

}  // namespace dx
