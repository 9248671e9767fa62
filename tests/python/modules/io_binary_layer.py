# Buffered and raw files, memory streams, finalizers.
import io
import os
import sys
import tempfile
import warnings

path = tempfile.mktemp()
with open(path, "wb+") as f:
    print(f.write(b"hello world"), f.tell(), f.seek(6), f.read(2), f.write(b"XX"), f.tell())  # expect: 11 11 6 b'wo' 2 10
    f.seek(0)
    print(f.read(), f.truncate(5), f.seek(0, 2))  # expect: b'hello woXXd' 5 5
with open(path, "rb") as f:
    print(f.peek(1)[:2], f.read1(3), f.readinto(into := bytearray(4)), bytes(into))  # expect: b'he' b'hel' 2 b'lo\x00\x00'
    f.write(b"x")  # raises UnsupportedOperation: write
with open(path, "ab", buffering=0) as f:
    print(type(f).__name__, f.mode, f.write(b"!"), f.tell())  # expect: FileIO ab 1 6
open(path, "xb")  # raises FileExistsError
print(isinstance(f, io.RawIOBase), f.closed)  # expect: True True
f.write(b"")  # raises ValueError: I/O operation on closed file

# A raw stream in Python that would block, writes little, or lies.
class Raw(io.RawIOBase):
    answers = []

    def writable(self):
        return True

    def write(self, data):
        return self.answers.pop(0)


raw = Raw()
writer = io.BufferedWriter(raw, 8)
writer.write(b"12345")
raw.answers = [2, None]
try:
    writer.write(b"6789abcdef")
except BlockingIOError as error:
    print(error.characters_written)  # expect: 5
raw.answers = [99]
writer.flush()  # raises OSError: raw write() returned invalid length 99 (should have been between 0 and 8)
raw.answers = [8]
writer.flush()

# Memory streams.
b = io.BytesIO(b"one\ntwo\n")
print(b.readline(), b.read(), b.write(b"three"), b.getvalue())  # expect: b'one\n' b'two\n' 5 b'one\ntwo\nthree'
view = b.getbuffer()
view[0] = 79
b.write(b"x")  # raises BufferError: Existing exports of data: object cannot be re-sized
view.release()
print(b.getvalue()[:3], b.truncate(3), b.seek(5), b.write(b"!"), b.getvalue())  # expect: b'One' 3 5 1 b'One\x00\x00!'
s = io.StringIO("a\nb", newline=None)
print(s.read(1), s.write("\u20ac"), s.getvalue(), s.tell())  # expect: a 1 a€b 2
s = io.StringIO(newline="\r\n")
print(s.write("a\nb\n"), repr(s.getvalue()), s.seek(0), s.readline() == "a\r\n")  # expect: 4 'a\r\nb\r\n' 0 True
s.read("x")  # raises TypeError: argument should be integer or None, not 'str'
s.close()
s.read()  # raises ValueError: I/O operation on closed file

# A file that is forgotten is closed at once, with a warning; what it held is written.
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    f = open(path, "w")
    f.write("kept")
    del f
with open(path) as f:
    print(seen[0].category.__name__, f.read())  # expect: ResourceWarning kept
# close() runs even when flush() fails, and both errors show.
class Bad(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        raise OSError("write failed")

    def close(self):
        if not self.closed:
            print("closed")
        super().close()


writer = io.BufferedWriter(Bad())
writer.write(b"x")
writer.close()  # raises OSError: write failed
# expect: closed
pair = io.BufferedRWPair(io.BytesIO(b"in"), out := io.BytesIO())
print(pair.read(), pair.write(b"out"), pair.flush(), out.getvalue())  # expect: b'in' 3 None b'out'
decoder = io.IncrementalNewlineDecoder(None, translate=True)
print(repr(decoder.decode("a\r")), repr(decoder.decode("\nb")), decoder.newlines == "\r\n")  # expect: 'a' '\nb' True
os.unlink(path)
