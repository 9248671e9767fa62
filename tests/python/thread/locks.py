# Locks by hand: states, timeouts, errors; a reentrant lock belongs to its thread.
import _thread

lock = _thread.allocate_lock()
print(lock.acquire(), lock.locked(), lock.acquire(False))  # expect: True True False
print(lock.acquire(timeout=0.01))  # expect: False
lock.release()
lock.release()  # raises RuntimeError: release unlocked lock
lock.acquire(timeout=-2)  # raises ValueError: timeout value must be a non-negative number
lock.acquire(False, 1)  # raises ValueError: can't specify a timeout for a non-blocking call
with lock as entered:
    print(entered, lock.locked())  # expect: True True
print(lock.locked())  # expect: False

again = _thread.RLock()
print(again.acquire(), again.acquire(), again._recursion_count())  # expect: True True 2
again.release()
again.release()
again.release()  # raises RuntimeError: cannot release un-acquired lock
again.acquire()
state = again._release_save()
print(state[0], again.locked())  # expect: 1 False
again._acquire_restore(state)
print(again._is_owned())  # expect: True
again.release()
