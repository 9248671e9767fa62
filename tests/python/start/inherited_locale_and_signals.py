# What a process has from the one that started it: the locale of its texts, and which signals are ignored.
import os
import signal
import sys

SHOW = """
import signal, sys
print(sys.stdout.encoding, sys.stdout.errors, sys.stderr.encoding, sys.getfilesystemencoding(), format(1234567.5, "n"))
for number in ("SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGINT", "SIGKILL"):
    handler = signal.getsignal(getattr(signal, number))
    print(getattr(handler, "__name__", handler) if callable(handler) else repr(handler).strip("<>").split(":")[0])
print(repr(signal.signal(signal.SIGUSR2, lambda *_: None)).strip("<>").split(":")[0])
"""


def child(**variables):
    reading, writing = os.pipe()
    plain = {name: text for name, text in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", SHOW], plain | variables,
                         file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)])
    os.close(writing)
    parts = []
    while part := os.read(reading, 65536):
        parts.append(part)
    os.close(reading)
    assert os.waitpid(pid, 0)[1] == 0
    return b"".join(parts).decode().splitlines()


# Three times: a program's own state may be kept from one start for the next.
wanted = [{}, {"LC_ALL": "C"}, {"LANG": "POSIX"}, {"LC_ALL": "C.UTF-8"}, {"LC_CTYPE": "C.UTF-8"}, {"LANG": "C.UTF-8"},
          {"LC_ALL": "", "LANG": "C.UTF-8"}, {"LC_ALL": "no_SUCH.UTF-8"}, {"LC_ALL": "C", "LC_CTYPE": "C.UTF-8"}]
for text in sorted({child(**variables)[0] for variables in wanted * 3}):
    print(text)  # expect: utf-8 surrogateescape utf-8 utf-8 1.23457e+06

print(*child()[1:])  # expect: Handlers.SIG_DFL Handlers.SIG_DFL Handlers.SIG_IGN default_int_handler Handlers.SIG_DFL Handlers.SIG_DFL
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(*child()[1:])  # expect: Handlers.SIG_IGN Handlers.SIG_DFL Handlers.SIG_IGN Handlers.SIG_IGN Handlers.SIG_DFL Handlers.SIG_DFL
print(*child()[1:])  # expect: Handlers.SIG_IGN Handlers.SIG_DFL Handlers.SIG_IGN Handlers.SIG_IGN Handlers.SIG_DFL Handlers.SIG_DFL
