# Starting a thread makes nothing immortal that comes later: closures, classes, code and dynamic names are still freed.
# timeout: 60
import _thread
import gc
import weakref

lock = _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(lock.acquire, ())


def closure(i):
    def inner():
        return i
    return inner


def local_class(i):
    class Local:
        value = i
    return Local


dead = []
for i in range(300):
    function = closure(i)
    dead.append(weakref.ref(function))
    kind = local_class(i)
    dead.append(weakref.ref(kind))
    made = eval(f"lambda: {i}")
    dead.append(weakref.ref(made))
    assert function() == kind.value == made() == i
    o = kind()
    setattr(o, f"dynamic_{i}", i)
    dead.append(weakref.ref(o))
del function, kind, made, o
gc.collect()
print(sum(reference() is not None for reference in dead))  # expect: 0


class Loud:
    def __del__(self):
        print("end")


Loud()  # expect: end
x = Loud()
x = None  # expect: end
print("after")  # expect: after
