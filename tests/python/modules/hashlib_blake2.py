# hashlib: BLAKE2 with its parameters; importing hashlib is silent.
import hashlib

print(hashlib.blake2b(b"abc").hexdigest()[:32])  # expect: ba80a53f981c4d0d6a2797b69f12f6e9
print(hashlib.blake2s(b"abc").hexdigest()[:32])  # expect: 508c5e8c327c14e2e1a72ba34eeb452f
h = hashlib.blake2b(digest_size=20, key=b"key", salt=b"salt", person=b"person", fanout=2, depth=3, leaf_size=4096, node_offset=5,
                    node_depth=1, inner_size=32, last_node=True)
for part in (b"x" * 127, b"y", b"", b"z" * 1000):
    h.update(part)
print(h.hexdigest())  # expect: 494f119ef5a36f36cea39c0a6923b8a00f8741b0
copy = h.copy()
copy.update(b"more")
print(copy.digest() != h.digest(), h.name, h.digest_size, h.block_size)  # expect: True blake2b 20 128
print(hashlib.blake2s(b"q" * 64, digest_size=5, key=b"k" * 32, node_offset=2**48 - 1).hexdigest())  # expect: 5fbac3b0ce
print(hashlib.blake2b.SALT_SIZE, hashlib.blake2s.MAX_KEY_SIZE, hashlib.blake2b.MAX_DIGEST_SIZE)  # expect: 16 32 64
hashlib.blake2b(b"", digest_size=65)  # raises ValueError
hashlib.blake2b(b"", salt=b"s" * 17)  # raises ValueError: maximum salt length is 16 bytes
hashlib.blake2s(b"", key=b"s" * 33)  # raises ValueError: maximum key length is 32 bytes
hashlib.blake2b(b"", b"")  # raises TypeError
hashlib.blake2b("text")  # raises TypeError: Strings must be encoded before hashing
print(hashlib.new("blake2s", b"a").hexdigest() == hashlib.blake2s(b"a").hexdigest())  # expect: True
