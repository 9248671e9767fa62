# What runs Python in the middle of hex() and hash() cannot take the bytes away; and smaller things.
import copy, pickle

class Separator(bytes):
    def __len__(self):
        data.clear()
        return 1
data = bytearray(b"ab")
data.hex(Separator(b":"))  # raises BufferError: Existing exports of data: object cannot be re-sized
data.append(1)
print(data.hex(":"))       # expect: 61:62:01
b"ab".hex(None)            # raises TypeError: object of type 'NoneType' has no len()

class Releasing(bytes):
    def __hash__(self):
        view.release()
        return 3
view = memoryview(Releasing(b"abc"))
hash(view)  # raises BufferError: memoryview has 1 exported buffer
view.release()

class Slotted(bytearray):
    __slots__ = ("x", "__dict__")
slotted = Slotted(b"ab")
slotted.x, slotted.y = 1, 2
for twin in copy.copy(slotted), copy.deepcopy(slotted), *(pickle.loads(pickle.dumps(slotted, n)) for n in (0, 2, 5)):
    print(twin, twin.x, twin.y)
# expect: Slotted(b'ab') 1 2
# expect: Slotted(b'ab') 1 2
# expect: Slotted(b'ab') 1 2
# expect: Slotted(b'ab') 1 2
# expect: Slotted(b'ab') 1 2
print(bytearray(b"a").__reduce_ex__(2), bytearray().__reduce_ex__(3))  # expect: (<class 'bytearray'>, ('a', 'latin-1'), None) (<class 'bytearray'>, (), None)

class Shown(str):
    def __str__(self):
        return "shown"
text = Shown("text")
print(f"{text}", format(text), "{}".format(text), f"{text:5}|", "%s" % text)  # expect: shown shown shown text | shown
