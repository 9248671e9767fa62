# Sizes that no memory can hold raise MemoryError, OverflowError or ValueError at once.
def t(f):
    try: f(); print('??')
    except (MemoryError, OverflowError, ValueError, TypeError) as e: print(type(e).__name__, str(e) or "-")
import itertools, array, collections, struct, math
t(lambda: 'a' * 2**62)
t(lambda: 'a' * 2**63)
t(lambda: 'é' * 2**60)
t(lambda: b'a' * 2**62)
t(lambda: [None] * 2**62)
t(lambda: [None] * 2**60)
t(lambda: (None,) * 2**62)
t(lambda: bytes(2**62))
t(lambda: bytearray(2**62))
t(lambda: bytes(2**63))
t(lambda: 'a'.ljust(2**62))
t(lambda: 'a'.center(2**62))
t(lambda: 'a'.zfill(2**62))
t(lambda: format(1, '%d' % 2**62))
t(lambda: format(1.0, '.%df' % 2**40))
t(lambda: 'a'.replace('a', 'b' * 2**20) * 2**50)
t(lambda: list(range(2**62)))
t(lambda: list(range(10**18)))
t(lambda: len(range(2**64)))
t(lambda: [1].__imul__(2**62))
t(lambda: bytearray(1).__imul__(2**62))
t(lambda: bytearray().extend([0]) or bytearray().zfill(2**62))
t(lambda: [None] * (2**59))
t(lambda: memoryview(b'a').cast('B', (2**62, 4)))
t(lambda: int('1' * 5000))
t(lambda: str(10**5000))
t(lambda: int.from_bytes(b'', 'little').to_bytes(2**62, 'little'))
t(lambda: (1).to_bytes(2**62, 'little'))
t(lambda: 'a' * (2**40))
t(lambda: array.array('b', [0]) * 2**62)
t(lambda: array.array('d', [0]) * 2**60)
t(lambda: struct.pack('%ds' % 2**62, b''))
t(lambda: itertools.islice([], 2**64))
t(lambda: next(itertools.product(range(2**31), repeat=2**62)))
t(lambda: next(itertools.combinations_with_replacement([1], 2**60)))
# expect: MemoryError -
# expect: OverflowError cannot fit 'int' into an index-sized integer
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: OverflowError cannot fit 'int' into an index-sized integer
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: ValueError precision too big
# expect: OverflowError repeated string is too long
# expect: MemoryError -
# expect: MemoryError -
# expect: OverflowError Python int too large to convert to C ssize_t
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: ValueError memoryview.cast(): product(shape) > SSIZE_MAX
# expect: ValueError Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit
# expect: ValueError Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: MemoryError -
# expect: ValueError Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.
# expect: OverflowError repeat argument too large
# expect: MemoryError -
