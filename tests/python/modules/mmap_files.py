# mmap: files and memory of nobody's as mutable bytes.
import mmap
import os
import re
import tempfile
file = tempfile.TemporaryFile()
file.write(b"first\nsecond\n\nlast")
file.flush()
m = mmap.mmap(file.fileno(), 0)
print(len(m), m.size(), m, m.closed, m.seekable(), bool(m))  # expect: 18 18 <mmap.mmap closed=False, access=ACCESS_DEFAULT, length=18, pos=0, offset=0> False True True
print(m[0], m[-1], m[:5], m[::-6], m[20:], list(m)[:2], list(reversed(m))[:2], b"f" in m, 102 in m, max(m))  # expect: 102 116 b'first' b'td\n' b'' [b'f', b'i'] [b't', b's'] True False b't'
print(m.readline(), m.readline(), m.readline(), m.readline(), m.readline(), m.tell())  # expect: b'first\n' b'second\n' b'\n' b'last' b'' 18
print(m.seek(2), m.read(3), m.seek(-2, 2), m.read(), m.read(-1), m.seek(0), m.read_byte(), m.seek(1, 1), m.read(None)[:4])  # expect: 2 b'rst' 16 b'st' b'' 0 102 2 b'rst\n'
print(m.find(b"s"), m.seek(0), m.find(b"s"), m.find(b"s", 4), m.find(b"s", -3), m.find(b"s", 0, 3), m.rfind(b"s"), m.rfind(b"s", 0, 10), m.find(b""), m.find(b"zz"), re.search(rb"l\w+", m))  # expect: -1 0 3 6 16 -1 16 6 0 -1 <re.Match object; span=(14, 18), match=b'last'>
m[0] = ord("F")
m[6:12] = b"SECOND"
m[1:5:2] = b"**"
print(m.seek(13), m.write(b"="), m.write_byte(ord("L")), m.tell(), m.flush(), m.move(0, 6, 3), m[:])  # expect: 13 1 None 15 None None b'SEC*t\nSECOND\n=Last'
with open(file.fileno(), "rb", closefd=False) as reader:
    print(os.pread(reader.fileno(), 99, 0))  # expect: b'SEC*t\nSECOND\n=Last'
print(m.resize(8), len(m), m.size(), m[:], m.tell(), m.read(), os.fstat(file.fileno()).st_size)  # expect: None 8 8 b'SEC*t\nSE' 15 b'' 8
print(m.resize(10000), len(m), m[5:10], m.madvise(mmap.MADV_WILLNEED), m.madvise(mmap.MADV_NORMAL, mmap.PAGESIZE, 4))  # expect: None 10000 b'\nSE\x00\x00' None None
m[8]
m["x"]  # raises TypeError: mmap indices must be integers
m[10000]  # raises IndexError: mmap index out of range
m[0] = 256  # raises ValueError: mmap item value must be in range(0, 256)
m[0] = b"x"  # raises TypeError: mmap item value must be an int
m[0:3] = b"x"  # raises IndexError: mmap slice assignment is wrong size
del m[0]  # raises TypeError: mmap doesn't support item deletion
del m[0:1]  # raises TypeError: mmap object doesn't support slice deletion
m.seek(10001)  # raises ValueError: seek out of range
m.seek(0, 5)  # raises ValueError: unknown seek type
m.move(0, 9999, 2)  # raises ValueError: source, destination, or count out of range
m.madvise(mmap.MADV_NORMAL, 10000)  # raises ValueError: madvise start out of bounds
m.write_byte(256)  # raises OverflowError: unsigned byte integer is greater than maximum
m.read("x")  # raises TypeError: argument should be integer or None, not 'str'

view = memoryview(m)
view[3] = 1
print(m[3], view.readonly, view.format, view.nbytes)  # expect: 1 False B 10000
m.close()  # raises BufferError: cannot close exported pointers exist
m.resize(20)  # raises BufferError: mmap can't resize with extant buffers exported.
view.release()
m.close()
print(m, m.closed, m.close())  # expect: <mmap.mmap closed=True> True None
m[0]  # raises ValueError: mmap closed or invalid
len(m)  # raises ValueError: mmap closed or invalid
m.read()  # raises ValueError: mmap closed or invalid
memoryview(m)  # raises ValueError: mmap closed or invalid

with mmap.mmap(file.fileno(), 5, access=mmap.ACCESS_READ) as r:
    print(r, memoryview(r).readonly, r.flush())  # expect: <mmap.mmap closed=False, access=ACCESS_READ, length=5, pos=0, offset=0> True None
    r[0] = 1  # raises TypeError: mmap can't modify a readonly memory map.
    r.write(b"x")  # raises TypeError: mmap can't modify a readonly memory map.
    r.resize(3)  # raises TypeError: mmap can't resize a readonly or copy-on-write memory map.
with mmap.mmap(file.fileno(), 5, access=mmap.ACCESS_COPY) as c:
    c[:] = b"12345"
    print(c[:], c, os.pread(file.fileno(), 5, 0) == b"12345")  # expect: b'12345' <mmap.mmap closed=False, access=ACCESS_COPY, length=5, pos=0, offset=0> False
with mmap.mmap(file.fileno(), 5, trackfd=False) as t:
    print(t[:2])  # expect: b'SE'
    t.size()  # raises OSError: [Errno 9] Bad file descriptor
    t.resize(3)  # raises ValueError: mmap can't resize with trackfd=False.
a = mmap.mmap(-1, 100)
a.resize(200)  # raises ValueError: mmap: can't expand a shared anonymous mapping
print(a.resize(50), len(a), a.write(b"x" * 50), a.read(), a.find(b"x", 0), mmap.error is OSError)  # expect: None 50 50 b'' 0 True
a.write(b"y")  # raises ValueError: data out of range
a.read_byte()  # raises ValueError: read byte out of range
p = mmap.mmap(-1, 100, flags=mmap.MAP_PRIVATE)
print(p.resize(10000), len(p), p.write(p[:10]))  # expect: None 10000 10
class Sub(mmap.mmap):
    def __new__(cls, size):
        return super().__new__(cls, -1, size)
s = Sub(3)
s.name = "with attributes"
print(type(s).__name__, len(s), s.name, s, bytes(s))  # expect: Sub 3 with attributes <Sub closed=False, access=ACCESS_DEFAULT, length=3, pos=0, offset=0> b'\x00\x00\x00'
class Ends:
    def __index__(self):
        s.close()
        return 0
s[Ends()]  # raises ValueError: mmap closed or invalid
mmap.mmap(-1, -1)  # raises OverflowError: memory mapped length must be positive
mmap.mmap(-1, 1, offset=-1)  # raises OverflowError: memory mapped offset must be positive
mmap.mmap(-1, 1, access=9)  # raises ValueError: mmap invalid access parameter.
mmap.mmap(-1, 1, access=1, flags=2)  # raises ValueError: mmap can't specify both access and flags, prot.
mmap.mmap(file.fileno(), 20000)  # raises ValueError: mmap length is greater than file size
mmap.mmap(file.fileno(), 0, offset=20480)  # raises ValueError: mmap offset is greater than file size
empty = tempfile.TemporaryFile()
mmap.mmap(empty.fileno(), 0)  # raises ValueError: cannot mmap an empty file
