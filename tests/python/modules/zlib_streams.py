# zlib: whole messages, streams in pieces, limits, dictionaries, copies, the end of a stream, many threads at one object.
import copy
import threading
import zlib

text = b"the quick brown fox jumps over the lazy dog\n" * 2000
packed = zlib.compress(text)
print(len(packed) < 1000, zlib.decompress(packed) == text, zlib.decompress(packed, bufsize=0) == text)  # expect: True True True
for wbits in (15, -15, 31, 9, -9):
    for level in (0, 1, 6, 9, -1):
        assert zlib.decompress(zlib.compress(text, level, wbits), wbits) == text
print(zlib.decompress(zlib.compress(b"gz", wbits=31), 47), zlib.decompress(zlib.compress(b"")))  # expect: b'gz' b''
zlib.compress(b"x", 10)  # raises error: Bad compression level
zlib.compress("x")  # raises TypeError: a bytes-like object is required, not 'str'
zlib.compress(b"x", 1 << 40)  # raises OverflowError: Python int too large to convert to C int
zlib.decompress(packed[:-1])  # raises error: Error -5 while decompressing data: incomplete or truncated stream
zlib.decompress(b"xx")  # raises error: Error -3 while decompressing data: incorrect header check
zlib.decompress(b"xx", 99)  # raises error: Error -2 while preparing to decompress data: inconsistent stream state
zlib.decompress(packed[:-1] + b"z")  # raises error: Error -3 while decompressing data: incorrect data check
zlib.decompress(packed, bufsize=-1)  # raises ValueError: bufsize must be non-negative
zlib.decompress(packed, bufsize=(1 << 63) - 1)  # raises MemoryError: Unable to allocate output buffer.

print(zlib.crc32(b"hello"), zlib.crc32(b"lo", zlib.crc32(b"hel")), zlib.crc32(b"x", -1), zlib.crc32(b"", 7))  # expect: 907060870 907060870 2703296241 7
print(zlib.adler32(b"hello"), zlib.adler32(bytearray(100000)), zlib.adler32(memoryview(b"x"), 1 << 70))  # expect: 103547413 2259615745 7864440

def pieces(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]

packer = zlib.compressobj(9)
half = b"".join(packer.compress(piece) for piece in pieces(text, 1000)) + packer.flush(zlib.Z_SYNC_FLUSH)
print(zlib.decompressobj().decompress(half) == text, packer.flush(zlib.Z_NO_FLUSH))  # expect: True b''
twin, third = packer.copy(), copy.deepcopy(packer)
print(zlib.decompress(half + twin.flush()) == text, zlib.decompress(half + third.compress(b"!") + third.flush()) == text + b"!")  # expect: True True
twin.flush()  # raises error: Error -2 while flushing: inconsistent stream state
twin.compress(b"a")  # raises error: Error -2 while compressing data: inconsistent stream state
twin.copy()  # raises ValueError: Inconsistent stream state
packer.flush(77)  # raises error: Error -2 while flushing: inconsistent stream state
zlib.compressobj(10)  # raises ValueError: Invalid initialization option
zlib.compressobj(wbits=31, zdict=b"x")  # raises ValueError: Invalid dictionary
type(packer)()  # raises TypeError: cannot create 'zlib.Compress' instances

opener = zlib.decompressobj()
out, data = b"", packed + b"tail"
while data:
    piece = opener.decompress(data, 777)
    assert len(piece) <= 777
    out, data = out + piece, opener.unconsumed_tail
print(out == text, opener.eof, opener.unused_data, opener.flush(), opener.flush())  # expect: True True b'tail' b'' b''
opener.decompress(b"more")  # raises error: Error -2 while decompressing data: inconsistent stream state
opener.eof = False  # raises AttributeError: readonly attribute
first = zlib.decompressobj()
print(first.decompress(zlib.compress(b"abcdef"), 2), first.flush(1), first.eof)  # expect: b'ab' b'cdef' True
ended = zlib.decompressobj()
ended.decompress(packed + b"1")
print(ended.decompress(b"23"), ended.unused_data, ended.copy().unused_data)  # expect: b'' b'123' b'123'
zlib.decompressobj().decompress(b"", -1)  # raises ValueError: max_length must be non-negative
zlib.decompressobj().flush(0)  # raises ValueError: length must be greater than zero
zlib.decompressobj(zdict="x")  # raises TypeError: zdict argument must support the buffer protocol
zlib.decompressobj(7)  # raises ValueError: Invalid initialization option

for wbits in (15, -15):
    packer = zlib.compressobj(wbits=wbits, zdict=b"hello world")
    primed = packer.compress(b"hello world, hello") + packer.flush()
    print(zlib.decompressobj(wbits, zdict=b"hello world").decompress(primed))  # expect: b'hello world, hello'
# expect: b'hello world, hello'
print(zlib._ZlibDecompressor(-15, zdict=bytearray(b"hello world")).decompress(primed))  # expect: b'hello world, hello'
primed = (lambda z: z.compress(b"hello") + z.flush())(zlib.compressobj(zdict=b"hello"))
zlib.decompress(primed)  # raises error: Error 2 while decompressing data
zlib.decompressobj(zdict=b"wrong").decompress(primed)  # raises error: Error -3 while setting zdict: invalid input data

slow = zlib._ZlibDecompressor()
got = [slow.decompress(packed[:100], max_length=0), slow.decompress(packed[100:] + b"rest", 10)]
print(slow.needs_input, slow.eof)  # expect: False False
while not slow.eof:
    got.append(slow.decompress(b"", max_length=5000))
print(b"".join(got) == text, slow.unused_data, slow.needs_input)  # expect: True b'rest' False
slow.decompress(b"")  # raises EOFError: End of stream already reached
one = zlib._ZlibDecompressor()
print(b"".join(one.decompress(bytes([byte])) for byte in packed) == text, one.eof)  # expect: True True

# Threads feed one compressor while others copy it: every piece arrives whole, in some order.
packer, parts, lock = zlib.compressobj(), [], threading.Lock()
def feed(byte):
    for _ in range(20):
        with lock:
            parts.append(packer.compress(bytes([byte]) * 5000))
        assert packer.copy().flush()
threads = [threading.Thread(target=feed, args=(byte,)) for byte in b"abcd"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(zlib.decompress(b"".join(parts) + packer.flush())) == sorted(b"abcd" * 100000))  # expect: True

# Without any order among the calls there is no result to speak of, but no harm either.
packer = zlib.compressobj(1)
threads = [threading.Thread(target=lambda: [packer.compress(text[:20000]) for _ in range(30)]) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(packer.flush()) > 0)  # expect: True
