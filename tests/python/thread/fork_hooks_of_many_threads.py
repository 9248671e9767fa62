# not in: tsan, because a forked child of several threads ends inside ThreadSanitizer
# What threads register with os.register_at_fork at the same time is all kept.
import os
import threading

THREADS, HOOKS = 4, 50
start = threading.Barrier(THREADS)
counted = []


def register():
    start.wait()
    for _ in range(HOOKS):
        os.register_at_fork(before=lambda: counted.append("before"), after_in_parent=lambda: counted.append("parent"))


def together(work):
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


together(register)
child = os.fork()
if not child:
    os._exit(0)
os.waitpid(child, 0)
print(counted.count("before"), counted.count("parent"))  # expect: 200 200
