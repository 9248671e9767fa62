"""threads.py KIND THREADS: prints the seconds in which each of THREADS threads does the same fixed work.

Perfect scaling keeps the time equal; bench/micro/threads.c does the first kind's work in C, for what this machine can.
"""
import _thread
import sys
from time import perf_counter

COUNT = 1500000
NUMBERS = {"alpha": 1, "beta": 2, "gamma": 3, "delta": 4}


class Box:
    pass


BOXES = {"alpha": Box(), "beta": Box(), "gamma": Box(), "delta": Box()}


def step(value):
    return value + 1


def nothing_shared():
    total = 0
    for i in range(COUNT):
        total = (total + i) & 0xFFFF
    return total


def shared_dict():
    d = NUMBERS
    total = 0
    for i in range(COUNT // 4):
        total += d["alpha"] + d["beta"] + d["gamma"] + d["delta"]
    return total


def shared_dict_of_objects():
    d = BOXES
    for i in range(COUNT // 4):
        d["alpha"]; d["beta"]; d["gamma"]; d["delta"]


def shared_function():
    total = 0
    for i in range(COUNT // 2):
        total = step(total)
    return total


KINDS = {"nothing_shared": nothing_shared, "shared_dict": shared_dict,
         "shared_dict_of_objects": shared_dict_of_objects, "shared_function": shared_function}


def worker(work, done, begin, times, index):
    work()  # warm
    done.release()
    begin.acquire()
    begin.release()
    start = perf_counter()
    work()
    times[index] = (start, perf_counter())
    done.release()


def main():
    work, threads = KINDS[sys.argv[1]], int(sys.argv[2])
    begin = _thread.allocate_lock()
    begin.acquire()
    times = [None] * threads
    locks = []
    for index in range(threads):
        done = _thread.allocate_lock()
        done.acquire()
        locks.append(done)
        _thread.start_new_thread(worker, (work, done, begin, times, index))
    for done in locks:
        done.acquire()
    begin.release()
    for done in locks:
        done.acquire()
    print(max([end for start, end in times]) - min([start for start, end in times]))


main()
