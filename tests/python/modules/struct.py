# struct packs and unpacks every kind of value.
import struct
from struct import *
print(pack("bBhHiIqQ", -1, 255, -2, 65535, -3, 4294967295, -4, 2**64 - 1), calcsize("bBhHiIqQ"), calcsize("<bBhHiIqQ"), calcsize("bq"), calcsize("b0q"))
# expect: b'\xff\xff\xfe\xff\xff\xff\x00\x00\xfd\xff\xff\xff\xff\xff\xff\xff\xfc\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' 32 30 16 8
print(pack("<hIq", 1, 2, 3), pack(">hIq", 1, 2, 3), pack("!h", 1), pack("=lL", 1, 2), pack("lL", 1, 2))
# expect: b'\x01\x00\x02\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00' b'\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x03' b'\x00\x01' b'\x01\x00\x00\x00\x02\x00\x00\x00' b'\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00'
print(pack("c?xs5s3s0s", b"a", [], b"bc", b"hello!", b"x", b""), pack("5p3p", b"ab", b"wxyz"), unpack("5p", b"\x02abcd"))
# expect: b'a\x00\x00bhellox\x00\x00' b'\x02ab\x00\x00\x02wx' (b'ab',)
print(pack("<fde", 1.5, -2.25, 0.1), unpack("<fde", pack("<fde", 1.5, -2.25, 0.1)), unpack(">d", pack(">d", 1e300)), pack("<e", 65504.0), unpack("<e", b"\x01\x00"))
# expect: b'\x00\x00\xc0?\x00\x00\x00\x00\x00\x00\x02\xc0f.' (1.5, -2.25, 0.0999755859375) (1e+300,) b'\xff{' (5.960464477539063e-08,)
print(unpack("<bBhHiIqQ", pack("<bBhHiIqQ", -1, 255, -2, 65535, -3, 4294967295, -4, 2**64 - 1)), unpack("3c?", b"abc\x07"), pack("P", -1), pack("nN", -5, 5))
# expect: (-1, 255, -2, 65535, -3, 4294967295, -4, 18446744073709551615) (b'a', b'b', b'c', True) b'\xff\xff\xff\xff\xff\xff\xff\xff' b'\xfb\xff\xff\xff\xff\xff\xff\xff\x05\x00\x00\x00\x00\x00\x00\x00'
print(pack("F", 1 + 2j), unpack("D", pack("D", 1 - 2j)))  # expect: b'\x00\x00\x80?\x00\x00\x00@' ((1-2j),)
b = bytearray(12)
pack_into("<hi", b, 2, -1, 7)
pack_into("B", b, -1, 9)
print(b, unpack_from("<h", b, 2), unpack_from("B", b, -1), unpack_from("<i", buffer=b, offset=4), list(iter_unpack("<hb", b"\x01\x00\x02\x03\x00\x04")))
# expect: bytearray(b'\x00\x00\xff\xff\x07\x00\x00\x00\x00\x00\x00\t') (-1,) (9,) (7,) [(1, 2), (3, 4)]
s = Struct("<2hI")
print(s, s.size, s.format, s.pack(1, 2, 3), s.unpack(s.pack(1, 2, 3)), len(list(s.iter_unpack(bytes(24)))), s.unpack_from(bytes(9), 1))
# expect: Struct('<2hI') 8 <2hI b'\x01\x00\x02\x00\x03\x00\x00\x00' (1, 2, 3) 3 (0, 0, 0)
pack("b", 200)  # raises error: 'b' format requires -128 <= number <= 127
pack("Q", -1)  # raises error: 'Q' format requires 0 <= number <= 18446744073709551615
pack("<q", 2**63)  # raises error: 'q' format requires -9223372036854775808 <= number <= 9223372036854775807
pack("i", "a")  # raises error: required argument is not an integer
pack("i")  # raises error: pack expected 1 items for packing (got 0)
pack("d", "a")  # raises error: required argument is not a float
pack("f", 1e300)  # raises OverflowError: float too large to pack with f format
pack("c", b"ab")  # raises error: char format requires a bytes object of length 1
pack("s", "a")  # raises error: argument for 's' must be a bytes object
pack("Z", 1)  # raises error: bad char in struct format
pack("3", 1)  # raises error: repeat count given without format specifier
calcsize("<P")  # raises error: bad char in struct format
calcsize("9223372036854775807i")  # raises error: total struct size too long
unpack("i", b"")  # raises error: unpack requires a buffer of 4 bytes
pack_into("i", bytearray(2), 0, 1)  # raises error: pack_into requires a buffer of at least 4 bytes for packing 4 bytes at offset 0 (actual buffer size is 2)
unpack_from("i", b"abcdef", -7)  # raises error: offset -7 out of range for 6-byte buffer
list(iter_unpack("i", b"12345"))  # raises error: iterative unpacking requires a buffer of a multiple of 4 bytes
Struct(5)  # raises TypeError: Struct() argument 1 must be a str or bytes object, not int
print(struct.error, struct.error.__mro__)
# expect: <class 'struct.error'> (<class 'struct.error'>, <class 'Exception'>, <class 'BaseException'>, <class 'object'>)
