# Text files: newline modes, positions, errors and what is written when.
import io
import os
import tempfile

path = tempfile.mktemp()

with open(path, "wb") as f:
    print(f.write(b"a\r\nb\rc\nd"))  # expect: 8
print(open(path).read().encode())  # expect: b'a\nb\nc\nd'
print([line for line in open(path)])  # expect: ['a\n', 'b\n', 'c\n', 'd']
print(open(path, newline="").readlines())  # expect: ['a\r\n', 'b\r', 'c\n', 'd']
print(open(path, newline="\n").readlines())  # expect: ['a\r\n', 'b\rc\n', 'd']
print(open(path, newline="\r\n").readlines())  # expect: ['a\r\n', 'b\rc\nd']
print(open(path, newline="\r").readlines())  # expect: ['a\r', '\nb\r', 'c\nd']
f = open(path)
f.read()
print(f.newlines)  # expect: ('\r', '\n', '\r\n')
f.close()

with open(path, "w", newline="\r\n") as f:
    print(f.write("x\ny\n"), f.tell())  # expect: 4 6
print(open(path, "rb").read())  # expect: b'x\r\ny\r\n'

with open(path, "w", encoding="utf-8") as f:
    f.write("h\u00e9llo\n\u20acuro\nend")
with open(path, encoding="utf-8") as f:
    print(f.readline(), end="")  # expect: héllo
    at = f.tell()
    print(at, f.read(2))  # expect: 7 €u
    here = f.tell()
    print(f.read(), f.seek(at), f.readline() == "\u20acuro\n")  # expect: ro
    # expect: end 7 True
    f.seek(here)
    print(repr(f.read()))  # expect: 'ro\nend'
    f.seek(0)
    next(f)
    f.tell()  # raises OSError: telling position disabled by next() call

# Encodings with a state: a byte order mark once, positions between characters.
with open(path, "w", encoding="utf-16") as f:
    f.write("ab")
    f.write("c")
with open(path, "a", encoding="utf-16") as f:
    f.write("d")
print(open(path, encoding="utf-16").read(), len(open(path, "rb").read()))  # expect: abcd 10

# Errors.
with open(path, "wb") as f:
    f.write(b"ok\xff\n")
open(path, encoding="utf-8").read()  # raises UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 2: invalid start byte
print(ascii(open(path, encoding="utf-8", errors="surrogateescape").read()))  # expect: 'ok\udcff\n'
print(ascii(open(path, encoding="utf-8", errors="replace").read()))  # expect: 'ok\ufffd\n'
with open(path, "w", encoding="ascii") as f:
    f.write("\u20ac")  # raises UnicodeEncodeError: 'ascii' codec can't encode character '\u20ac' in position 0: ordinal not in range(128)
f.write("x")  # raises ValueError: I/O operation on closed file.
open(path, "rw")  # raises ValueError: must have exactly one of create/read/write/append mode
open(path, "rb", encoding="utf-8")  # raises ValueError: binary mode doesn't take an encoding argument
open(path, encoding="nope")  # raises LookupError: unknown encoding: nope

# A character that is split between two reads.
class Drip(io.RawIOBase):
    def __init__(self, pieces):
        self.pieces = pieces

    def readable(self):
        return True

    def readinto(self, into):
        if not self.pieces:
            return 0
        piece = self.pieces.pop(0)
        into[: len(piece)] = piece
        return len(piece)


print(io.TextIOWrapper(io.BufferedReader(Drip([b"a\xe2", b"\x82", b"\xac\r", b"\nb"])), "utf-8").readlines())  # expect: ['a€\n', 'b']

# Writing reaches the file when it should.
class Log(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        print("raw", bytes(data))
        return len(data)


text = io.TextIOWrapper(io.BufferedWriter(Log()), "utf-8", line_buffering=True)
text.write("half")
text.write(" line\nrest")  # expect: raw b'half line\nrest'
text.reconfigure(line_buffering=False, write_through=True)
text.write("x")
text.flush()  # expect: raw b'x'
print(text.detach().write(b"y"))  # expect: raw b'y'
# expect: 1
del text
os.unlink(path)
