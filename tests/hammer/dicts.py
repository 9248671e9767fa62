# One dict, all of its operations at once: no torn reads, no lost entries, no wrong types.
from hammer import THREADS, hammer

shared = {i: i for i in range(100)}
mine = {}


def write(index):
    for i in range(200):
        shared[i] = i
        shared[f"key {i}"] = str(i)


def delete(index):
    for i in range(100, 200):
        shared.pop(i, None)
        shared.pop(f"key {i}", None)


def read(index):
    for i in range(200):
        value = shared.get(i, i)
        assert value == i, (i, value)
        text = shared.get(f"key {i}")
        assert text is None or text == str(i), (i, text)


def walk(index):
    for key, value in list(shared.items()):
        assert str(key).removeprefix("key ") == str(value), (key, value)
    try:
        for key in shared:
            assert key in shared or True
    except RuntimeError as error:
        assert "changed" in str(error), error
    copy = dict(shared)
    assert all(copy[i] == i for i in range(100))


def own(index):
    # Each thread's own keys are nobody else's business: nothing may be lost.
    for i in range(50):
        mine[index, i] = i
    assert [mine[index, i] for i in range(50)] == list(range(50))
    for i in range(50):
        del mine[index, i]


hammer(write, delete, read, walk, own, write, read, own)
assert mine == {} and all(shared[i] == i for i in range(100))
print("ok")
