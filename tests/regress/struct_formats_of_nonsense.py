# Random struct formats and offsets raise struct.error or work.
import struct
s = 777
def rnd(n):
    global s
    s = (s * 6364136223846793005 + 1442695040888963407) % 2**64
    return (s >> 33) % n
for i in range(20000):
    f = "".join("xcbB?hHiIlLqQnNefdspP@=<>!0123 "[rnd(31)] for _ in range(rnd(8)))
    try:
        n = struct.calcsize(f)
        if n < 10000:
            v = struct.unpack(f, bytes(n)); struct.pack(f, *v)
    except (struct.error, MemoryError, OverflowError, UnicodeDecodeError): pass
b = bytearray(10)
class X:
    def __index__(self): b.clear(); return 1
try: struct.pack_into("i", b, 0, X())
except (struct.error, BufferError) as e: print(type(e).__name__)
try: struct.unpack_from("i", b, -5)
except struct.error as e: print(e)
try: struct.unpack_from("i", b, 2**62)
except struct.error as e: print(e)
print("done")
# expect: BufferError
# expect: unpack_from requires a buffer of at least 4611686018427387908 bytes for unpacking 4 bytes at offset 4611686018427387904 (actual buffer size is 10)
# expect: done
