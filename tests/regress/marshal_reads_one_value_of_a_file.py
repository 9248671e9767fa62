# marshal.load leaves the file behind its value; tuples may hold themselves; slices may not.
import io, marshal

file = io.BytesIO()
for value in (1, "abc", [2.5, {"k": b"v"}], 1 << 100):
    marshal.dump(value, file)
    file.write(b"between")
file.seek(0)
for _ in range(4): print(marshal.load(file), file.read(7))
# expect: 1 b'between'
# expect: abc b'between'
# expect: [2.5, {'k': b'v'}] b'between'
# expect: 1267650600228229401496703205376 b'between'
marshal.load(io.BytesIO(b""))                         # raises EOFError
marshal.load(io.BytesIO(marshal.dumps("abcdef")[:4]))  # raises EOFError: EOF read where not expected
marshal.load(io.StringIO("N"))                        # raises TypeError: file.read() returned not bytes but str

class Boasting(io.BytesIO):
    def readinto(self, buffer):
        return super().readinto(buffer) + 10**6
marshal.load(Boasting(b"N"))  # raises ValueError: read() returned too much data: 1 bytes requested, 1000001 returned

circle = ([],)
circle[0].append(circle)
again = marshal.loads(marshal.dumps(circle))
print(type(again), again[0][0] is again)  # expect: <class 'tuple'> True
part = slice([], None)
part.start.append(part)
marshal.dumps(part)  # raises ValueError: unmarshallable object
print(marshal.loads(marshal.dumps([slice(1, 2), slice(1, 2)])))  # expect: [slice(1, 2, None), slice(1, 2, None)]
