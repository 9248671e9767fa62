"""objects.py KIND: prints the resident bytes that one object of a kind costs, from what 200,000 of them add.

The list that keeps them exists before the first measurement, and one page of objects is made before that, so that
neither counts. Memory is read from the kernel, not from sys.getsizeof, which leaves allocator overhead out.
"""
import posix
import sys

SIZE = 200000
WARM = 2000


class Instance:
    def __init__(self, value):
        self.value = value & 1
        self.other = None


class Slotted:
    __slots__ = ("value", "other")

    def __init__(self, value):
        self.value = value & 1
        self.other = None


class Holder:
    def method(self):
        pass


def make_function(i):
    def function():
        pass
    return function


def with_dict(i):
    instance = Instance(i)
    instance.__dict__
    return instance


HOLDER = Holder()
NAMES = ["name %d" % i for i in range(100)]
KINDS = {
    "int": lambda i: 1000 + i,
    "int_20_digits": lambda i: 10 ** 20 + i,
    "float": lambda i: i + 0.5,
    "float_large": lambda i: (i + 1) * 1e200,
    "str_8": lambda i: str(10000000 + i),
    "str_40": lambda i: "forty characters of text, number " + str(1000000 + i),
    "tuple_2": lambda i: (i & 1, None),
    "list_0": lambda i: [],
    "list_4": lambda i: [i & 1, None, 1, 2],
    "dict_0": lambda i: {},
    "dict_4": lambda i: {"a": 1, "b": 2, "c": 3, "d": 4},
    "set_4": lambda i: {1, 2, 3, 4 + (i & 1)},
    "instance_2": Instance,
    "instance_slots_2": Slotted,
    "function": make_function,
    "bound_method": lambda i: HOLDER.method,
    "bytes_8": lambda i: b"%8d" % i,
    "bytearray_8": lambda i: bytearray(8),
    "str_8_cyrillic": lambda i: "ж" + str(1000000 + i),
    "complex": lambda i: complex(i, 1),
    "range": lambda i: range(i),
    "slice": lambda i: slice(i, None),
    "list_100": lambda i: [None] * 100,
    "dict_20_int": lambda i: {n: n for n in range(20)},
    "dict_100_str": lambda i: dict.fromkeys(NAMES),
    "set_0": lambda i: set(),
    "frozenset_4": lambda i: frozenset((1, 2, 3, i)),
    "instance_dict": with_dict,
    "exception": lambda i: ValueError(1),
    "generator": lambda i: (x for x in ()),
    "list_iterator": lambda i: iter(NAMES),
    "builtin_method": lambda i: NAMES.append,
}



def resident():
    fd = posix.open("/proc/self/statm", posix.O_RDONLY)
    pages = int(posix.read(fd, 200).split()[1])
    posix.close(fd)
    return pages * 4096


def main():
    make = KINDS[sys.argv[1]]
    keep = [None] * (SIZE + WARM)
    for i in range(SIZE + WARM):
        keep[i] = i & 1
    for i in range(WARM):
        keep[i] = make(i)
    before = resident()
    for i in range(WARM, SIZE + WARM):
        keep[i] = make(i)
    print((resident() - before) / SIZE)


main()
