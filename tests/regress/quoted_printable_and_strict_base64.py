# binascii.a2b_qp and b2a_qp; base64 in strict mode says what is wrong behind the padding.
import binascii

for text in (b"=", b"= ", b"==", b"=\nAB", b"=\r\nAB", b"=\rAB\nCD", b"=AB=ab=AX=XA", b"a_b", b"=A"):
    print(binascii.a2b_qp(text), binascii.a2b_qp(text, header=True))
# expect: b'' b''
# expect: b'= ' b'= '
# expect: b'=' b'='
# expect: b'AB' b'AB'
# expect: b'AB' b'AB'
# expect: b'CD' b'CD'
# expect: b'\xab\xab=AX=XA' b'\xab\xab=AX=XA'
# expect: b'a_b' b'a b'
# expect: b'=A' b'=A'
for text in (b"x \ny\t\n", b"a=b\xff\r\nc\n", b".\n..\n.", b"\t", b"a b_", b"0" * 75 + b"\xff", b"x" * 80):
    print(binascii.b2a_qp(text), binascii.b2a_qp(text, True, False, header=True))
# expect: b'x=20\ny=09\n' b'x=20=0Ay=09=0A'
# expect: b'a=3Db=FF\r\nc\r\n' b'a=3Db=FF=0D=0Ac=0A'
# expect: b'=2E\n..\n=2E' b'=2E=0A..=0A.'
# expect: b'=09' b'=09'
# expect: b'a b_' b'a=20b=5F'
# expect: b'000000000000000000000000000000000000000000000000000000000000000000000000000=\n=FF' b'000000000000000000000000000000000000000000000000000000000000000000000000000=\n=FF'
# expect: b'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\nxxxxx' b'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\nxxxxx'
print(binascii.b2a_qp(data=b"", istext=False), binascii.a2b_qp("=41"))  # expect: b'' b'A'
binascii.b2a_qp("text")  # raises TypeError: a bytes-like object is required, not 'str'
binascii.a2b_base64(b"ab==:", strict_mode=True)  # raises Error: Only base64 data is allowed
binascii.a2b_base64(b"ab==c", strict_mode=True)  # raises Error: Excess data after padding
binascii.a2b_base64(b"ab===", strict_mode=True)  # raises Error: Excess padding not allowed
binascii.a2b_base64(b"a=bc", strict_mode=True)   # raises Error: Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4
