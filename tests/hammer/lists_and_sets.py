# Lists and sets under append, pop, sort, slice assignment and iteration.
from hammer import hammer

numbers = list(range(64))
mixed = []
members = set(range(64))


def append(index):
    for i in range(100):
        numbers.append(i)
        mixed.append(i if i % 3 else float(i) if i % 2 else str(i))


def pop(index):
    for _ in range(100):
        for items in (numbers, mixed):
            try:
                items.pop()
            except IndexError:
                pass


def read(index):
    for item in numbers:
        assert type(item) is int and 0 <= item < 100, item
    for item in mixed[:]:
        assert 0 <= int(float(item)) < 100, item


def reshape(index):
    numbers[2:5] = [1, 2, 3, 4]
    mixed[:10] = []
    numbers.reverse()
    len(numbers), numbers.count(3)
    if len(numbers) > 5000:
        numbers.clear()
    sorted(numbers)


def change_set(index):
    for i in range(100):
        members.add(i)
        members.discard(i + 64 - index)
    assert 0 <= len(members) <= 200


def read_set(index):
    for i in range(100):
        i in members
    copy = set(members)
    assert copy <= set(range(200))
    copy |= members
    copy & members


hammer(append, pop, read, reshape, change_set, read_set, pop, read)
print("ok")
