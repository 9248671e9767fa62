# The process ends while daemon threads spin and wait; atexit and the last lines still come out.
import atexit
import threading
import time


def spin():
    d = {}
    while True:
        d[len(d) % 100] = [len(d)]


def wait():
    threading.Lock().acquire()
    time.sleep(1000)


def blocked(lock):
    lock.acquire()
    lock.acquire()


for work in (spin, wait, lambda: blocked(threading.Lock())):
    threading.Thread(target=work, daemon=True).start()
worker = threading.Thread(target=lambda: (time.sleep(0.1), print("joined")))
worker.start()
atexit.register(print, "atexit")
print("main ends")
# expect: main ends
# expect: joined
# expect: atexit
