# needs: pseudo-terminals
# termios on a pseudo-terminal: modes, special characters, the line, the window.
import os
import termios
import tty
master, slave = os.openpty()
mode = termios.tcgetattr(slave)
print([type(item).__name__ for item in mode], len(mode[6]) == termios.NCCS, set(map(type, mode[6])), mode[6][termios.VINTR])  # expect: ['int', 'int', 'int', 'int', 'int', 'int', 'list'] True {<class 'bytes'>} b'\x03'
raw = termios.tcgetattr(slave)
tty.cfmakeraw(raw)
raw[6][termios.VMIN], raw[6][termios.VTIME], raw[6][termios.VINTR] = 3, 7, b"\x05"
print(termios.tcsetattr(slave, termios.TCSANOW, raw))  # expect: None
now = termios.tcgetattr(slave)
print(now == raw, now[6][termios.VMIN], now[6][termios.VTIME], now[6][termios.VINTR], bool(now[3] & termios.ICANON))  # expect: True 3 7 b'\x05' False
now[6][termios.VINTR] = 6
now[4] = now[5] = termios.B9600
termios.tcsetattr(slave, termios.TCSAFLUSH, now)
print(termios.tcgetattr(slave)[6][termios.VINTR], termios.tcgetattr(slave)[4] == termios.B9600)  # expect: b'\x06' True
termios.tcsetwinsize(slave, (24, 80))
print(termios.tcgetwinsize(slave), termios.tcgetwinsize(master), os.get_terminal_size(slave))  # expect: (24, 80) (24, 80) os.terminal_size(columns=80, lines=24)
termios.tcsetwinsize(slave, [50, 132])
print(termios.tcgetwinsize(open(slave, "rb", buffering=0, closefd=False)))  # expect: (50, 132)
print(os.write(slave, b"text\n"), termios.tcdrain(slave), os.read(master, 9), termios.tcflush(slave, termios.TCIOFLUSH), termios.tcsendbreak(slave, 0), termios.tcflow(slave, termios.TCION))  # expect: 5 None b'text\n' None None None
print(termios.error, termios.error.__mro__[1:], termios.VSWTCH == termios.VSWTC, termios.IBSHIFT)  # expect: <class 'termios.error'> (<class 'Exception'>, <class 'BaseException'>, <class 'object'>) True 16
nothing = os.open("/dev/null", os.O_RDONLY)
termios.tcgetattr(nothing)  # raises error: (25, 'Inappropriate ioctl for device')
termios.tcsetattr(slave, 99, mode)  # raises error: (22, 'Invalid argument')
termios.tcflush(slave, 99)  # raises error: (22, 'Invalid argument')
termios.tcgetattr(-1)  # raises ValueError: file descriptor cannot be a negative integer (-1)
termios.tcgetattr("x")  # raises TypeError: argument must be an int, or have a fileno() method.
termios.tcsetattr(slave, 0, tuple(mode))  # raises TypeError: tcsetattr, arg 3: must be 7 element list
termios.tcsetattr(slave, 0, mode[:6] + [[b"a"]])  # raises TypeError: tcsetattr: attributes[6] must be 32 element list
termios.tcsetattr(slave, 0, mode[:6] + [[b"ab"] * 32])  # raises TypeError: tcsetattr: elements of attributes must be bytes objects of length 1 or integers
termios.tcsetattr(slave, 0, mode[:5] + ["x", mode[6]])  # raises TypeError: 'str' object cannot be interpreted as an integer
termios.tcsetwinsize(slave, (1,))  # raises TypeError: tcsetwinsize, arg 2: must be a two-item sequence
termios.tcsetwinsize(slave, {0: 1, 1: 2})  # raises TypeError: tcsetwinsize, arg 2: must be a two-item sequence
termios.tcsetwinsize(slave, (1, 70000))  # raises OverflowError: winsize value(s) out of range.
