"""hammer(*jobs, seconds): eight threads, each repeating one of the jobs until time is up; the first error ends it."""
import _thread
import sys
from time import perf_counter

THREADS = 8


def seconds():
    return float(sys.argv[1]) if len(sys.argv) > 1 else 2.0


def hammer(*jobs):
    end = perf_counter() + seconds()
    errors, rounds, locks = [], [0] * THREADS, []

    def work(index, job, done):
        try:
            while perf_counter() < end and not errors:
                job(index)
                rounds[index] += 1
        except BaseException as error:
            errors.append(error)
        finally:
            done.release()

    for index in range(THREADS):
        done = _thread.allocate_lock()
        done.acquire()
        locks.append(done)
        _thread.start_new_thread(work, (index, jobs[index % len(jobs)], done))
    for done in locks:
        done.acquire()
    if errors:
        raise errors[0]
    assert min(rounds) > 0, rounds
