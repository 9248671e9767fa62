# only: dxpy, because what the terminal shows in which order is the console's business
# needs: pseudo-terminals
# timeout: 60
# On a terminal the line is edited by _pyrepl: results come, and Ctrl-D ends.
import os
import pty
import select
import sys
import time

child, terminal = pty.fork()
if not child:
    os.environ |= {"TERM": "xterm", "PYTHON_HISTORY": os.devnull}
    os.execv(sys.executable, [sys.executable, "-q"])
shown = b""


def until(text):
    global shown
    end = time.monotonic() + 40
    while text not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                return


until(b">>> ")
os.write(terminal, b"print(6 * 7, 'six')\n")
until(b"42 six")
print(b"42 six" in shown, b"pyrepl" in shown)  # expect: True False
shown = shown.partition(b"42 six")[2]
until(b">>> \x1b[0m\x1b[4D\x1b[?12l\x1b[?25h\x1b[4C")  # the next prompt, to its end: the terminal is read by character again
os.write(terminal, b"\x04")
until(b"never shown")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))  # expect: 0
