# Message digests, by their published test values.
import _md5, _sha1, _sha2, _sha3
print(_md5.md5(b"abc").hexdigest(), _sha1.sha1(b"abc").hexdigest())  # expect: 900150983cd24fb0d6963f7d28e17f72 a9993e364706816aba3e25717850c26c9cd0d89d
print(_sha2.sha256(b"abc").hexdigest())  # expect: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
print(_sha2.sha512(b"").hexdigest()[:32], _sha3.sha3_256(b"").hexdigest()[:32], _sha3.shake_128(b"").hexdigest(8))  # expect: cf83e1357eefb8bdf1542850d66d8007 a7ffc6f8bf1ed76651c14756a061d662 7f9c2ba4e88f827d
h = _sha2.sha224()
h.update(b"a")
other = h.copy()
h.update(bytearray(b"bc"))
print(h.hexdigest()[:16], other.digest()[:4], h.digest_size, h.block_size, h.name)  # expect: 23097d223405d822 b'\xab\xd3u4' 28 64 sha224
_md5.md5("a")  # raises TypeError: Strings must be encoded before hashing
_md5.md5(1)  # raises TypeError: object supporting the buffer API required
_md5.MD5Type()  # raises TypeError: cannot create '_md5.md5' instances
import random
random.seed("text")
print(random.random())  # expect: 0.8711565613554825
