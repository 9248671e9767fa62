# Signals: handlers run on the main thread, soon after the signal.
import signal, _thread, time
seen = []
def handler(number, frame):
    seen.append((number, frame.f_code.co_name))
print(signal.signal(signal.SIGUSR1, handler), signal.getsignal(signal.SIGUSR1) is handler)  # expect: 0 True
signal.raise_signal(signal.SIGUSR1)
print(seen)  # expect: [(10, '<module>')]
signal.setitimer(signal.ITIMER_REAL, 0.02)
signal.signal(signal.SIGALRM, handler)
started = time.monotonic()
while len(seen) < 2 and time.monotonic() - started < 5:
    pass
print(seen[1][0], signal.getitimer(signal.ITIMER_REAL))  # expect: 14 (0.0, 0.0)
def failing(number, frame):
    raise ValueError("from the handler")
signal.signal(signal.SIGUSR2, failing)
signal.raise_signal(signal.SIGUSR2)  # raises ValueError: from the handler
signal.raise_signal(signal.SIGINT)  # raises KeyboardInterrupt
_thread.interrupt_main(); None  # raises KeyboardInterrupt
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.signal(signal.SIGINT, signal.SIG_IGN) is signal.default_int_handler)  # expect: True True
signal.raise_signal(signal.SIGINT)
print(signal.signal(signal.SIGINT, signal.default_int_handler) == signal.SIG_IGN, signal.SIGINT.name, signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN)  # expect: True SIGINT True
# A signal that is held back waits.
old = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
signal.raise_signal(signal.SIGUSR1)
print(len(seen), signal.sigpending() == {signal.SIGUSR1})  # expect: 2 True
signal.pthread_sigmask(signal.SIG_SETMASK, old)
print(len(seen))  # expect: 3
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
signal.pthread_kill(_thread.get_ident(), signal.SIGUSR1)
print(signal.sigwait([signal.SIGUSR1]), signal.sigtimedwait([signal.SIGUSR1], 0.001))  # expect: 10 None
signal.raise_signal(signal.SIGUSR1)
info = signal.sigwaitinfo([signal.SIGUSR1])
print(info.si_signo, info[0], len(info), type(info).__name__)  # expect: 10 10 7 struct_siginfo
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
print(signal.strsignal(2), 9 in signal.valid_signals(), signal.alarm(100), signal.alarm(0), signal.set_wakeup_fd(-1))  # expect: Interrupt True 0 100 -1
errors = []
def elsewhere():
    try:
        signal.signal(signal.SIGUSR1, handler)
    except ValueError as error:
        errors.append(str(error))
lock = _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(lambda: (elsewhere(), lock.release()), ())
lock.acquire()
print(errors)  # expect: ['signal only works in main thread of the main interpreter']
signal.signal(100, 1)  # raises ValueError: signal number out of range
signal.signal(2, 5)  # raises TypeError: signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object
signal.signal(9, handler)  # raises OSError: [Errno 22] Invalid argument
signal.set_wakeup_fd(1000)  # raises OSError: [Errno 9] Bad file descriptor
signal.sigtimedwait([10], -1)  # raises ValueError: timeout must be non-negative
signal.pthread_sigmask(0, [100])  # raises ValueError: signal number 100 out of range [1; 64]
signal.setitimer(5, 1)  # raises ItimerError: [Errno 22] Invalid argument
