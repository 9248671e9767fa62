# binascii: hexadecimal, base64 in both modes, uuencoding, checksums, and their errors.
import binascii

b = binascii
Error = binascii.Error

print(b.hexlify(b"abcdef", ":", 2), b.hexlify(b"abcdef", ":", -4), b.unhexlify("4aFF"))  # expect: b'6162:6364:6566' b'61626364:6566' b'J\xff'
b.unhexlify("abc")  # raises Error: Odd-length string
b.unhexlify(b"zz")  # raises Error: Non-hexadecimal digit found
print(b.b2a_base64(b"ab"), b.b2a_base64(b"abc", newline=False))  # expect: b'YWI=\n' b'YWJj'
print(b.a2b_base64(b"YW=J="), b.a2b_base64(b"YWJjZA==xx"), b.a2b_base64("\n YWJj!\n"))  # expect: b'ab' b'abcd\x0cq' b'abc'
b.a2b_base64(b"YWJ")  # raises Error: Incorrect padding
b.a2b_base64(b"YWJjZ")  # raises Error: Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4
b.a2b_base64(b"YWJjZA==xx", strict_mode=True)  # raises Error: Excess data after padding
b.a2b_base64(b"=YWJj", strict_mode=True)  # raises Error: Leading padding not allowed
b.a2b_base64(b"YW=J", strict_mode=True)  # raises Error: Discontinuous padding not allowed
b.a2b_base64(b"Y!WJj", strict_mode=True)  # raises Error: Only base64 data is allowed
print(b.b2a_uu(b"abc"), b.b2a_uu(b"\0\0", backtick=True), b.a2b_uu(b"#86)C\n"))  # expect: b'#86)C\n' b'"````\n' b'abc'
b.b2a_uu(b"x" * 46)  # raises Error: At most 45 bytes at once
b.a2b_uu(b"#86)Cx")  # raises Error: Trailing garbage
print(b.crc32(b"hello"), b.crc32(b"hello world " * 9, 5), b.crc_hqx(b"hello", 70000))  # expect: 907060870 2497186811 12060
for size in range(120):
    data = bytes(range(size))
    assert b.a2b_base64(b.b2a_base64(data)) == data and b.unhexlify(b.hexlify(data)) == data
    assert size > 45 or b.a2b_uu(b.b2a_uu(data)) == data
print(b.Error.__mro__[1], b.Incomplete.__mro__[1])  # expect: <class 'ValueError'> <class 'Exception'>
