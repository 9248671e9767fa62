# fork stops all threads at a safe place: the child can use and change what they were writing, and ends cleanly.
# timeout: 60
# options: -W ignore::DeprecationWarning
import _thread
import os

shared = {}
items = []
stop = []
done = _thread.allocate_lock()
done.acquire()


def hammer():
    i = 0
    while not stop:
        i += 1
        shared[i % 500] = i
        items.append(i)
        if i % 700 == 0:
            items.clear()
            shared.clear()
    done.release()


_thread.start_new_thread(hammer, ())
statuses = []
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        for i in range(1000):
            shared[i] = str(i)
            items.append(i)
        made = [object() for _ in range(1000)]
        os._exit(0 if shared[7] == "7" and len(made) == 1000 else 1)
    statuses.append(os.waitpid(pid, 0)[1])
stop.append(True)
done.acquire()
print(statuses == [0] * 20)  # expect: True
