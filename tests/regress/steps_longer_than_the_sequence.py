# A slice's step may be as large as an int gets: the first item is the only one, and the position behind it is never formed.
import array
import sys

huge = sys.maxsize
for whole in ([0, 1, 2, 3], (0, 1, 2, 3), "0123", b"0123", bytearray(b"0123"), array.array("b", b"0123"), memoryview(b"0123")):
    parts = [whole[3::huge], whole[3::-huge], whole[::huge ** 2], whole[1:0:huge], whole[:0][::-huge]]
    print([len(part) for part in parts], parts[0] == whole[3:], parts[1] == whole[3:], parts[2] == whole[:1])
# expect: [1, 1, 1, 0, 0] True True True
# expect: [1, 1, 1, 0, 0] True True True
# expect: [1, 1, 1, 0, 0] True True True
# expect: [1, 1, 1, 0, 0] True True True
# expect: [1, 1, 1, 0, 0] True True True
# expect: [1, 1, 1, 0, 0] True True True
# expect: [1, 1, 1, 0, 0] True True True

items = [0, 1, 2, 3]
items[3::huge] = "x"
del items[0::-huge]
print(items)  # expect: [1, 2, 'x']
items[1:1:huge] = []
items[::huge] = [1, 2]  # raises ValueError: attempt to assign sequence of size 2 to extended slice of size 1
items[3::huge] = [1]  # raises ValueError: attempt to assign sequence of size 1 to extended slice of size 0
for changed in (bytearray(b"0123"), array.array("b", b"0123")):
    del changed[2::huge]
    changed[1::-huge] = changed[:1]
    print(bytes(changed))  # expect: b'003'
# expect: b'003'
print(memoryview(b"0123")[::100].strides, memoryview(b"0123")[::huge].strides)  # expect: (100,) (9223372036854775807,)
