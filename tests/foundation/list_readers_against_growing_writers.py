# A reader of a list sees values that were stored, whatever its length and element kind do meanwhile.
# timeout: 60
import _thread
from time import perf_counter

shared = [0] * 8
stop = []
done = _thread.allocate_lock()
done.acquire()
wrong = []


def write():
    # Kinds of elements that a compact list stores differently: small and big integers, floats, text, NaN.
    kinds = [lambda i: i, lambda i: float(i) + 0.5, lambda i: str(i), lambda i: (1 << 80) + i, lambda i: float("nan")]
    while not stop:
        for kind in kinds:
            shared.clear()
            for i in range(60):
                shared.append(kind(i))
            shared[10:20] = []
            shared.sort(key=str)
    done.release()


def sane(value):
    if type(value) is int:
        return 0 <= value < 60 or 1 << 80 <= value < (1 << 80) + 60
    if type(value) is float:
        return value != value or value % 1 == 0.5 and 0 < value < 61
    return type(value) is str and 0 <= int(value) < 60


_thread.start_new_thread(write, ())
end = perf_counter() + 1.0
while perf_counter() < end:
    for value in shared:
        if not sane(value):
            wrong.append(value)
    for i in range(80):
        try:
            if not sane(shared[i]):
                wrong.append(shared[i])
        except IndexError:
            pass
    copy = shared[:]
    if not all(sane(value) for value in copy):
        wrong.append(copy)
stop.append(True)
done.acquire()
print(wrong[:3])  # expect: []
