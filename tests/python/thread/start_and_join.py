# Threads run, are joined, and tell who they are.
import _thread

seen = []
def work():
    seen.append(_thread.get_ident())

handle = _thread.start_joinable_thread(work, daemon=False)
handle.join()
print(handle.is_done(), handle.ident == seen[0], seen[0] != _thread.get_ident())  # expect: True True True
unused = _thread._ThreadHandle()
unused.join()  # raises RuntimeError: thread not started
_thread.start_joinable_thread(work, handle)  # raises RuntimeError: thread already started
_thread.start_new_thread(1, ())  # raises TypeError: first arg must be callable
_thread.start_new_thread(work, 1)  # raises TypeError: 2nd arg must be a tuple

done = _thread.allocate_lock()
done.acquire()
def with_arguments(a, b=0):
    seen.append((a, b))
    done.release()
_thread.start_new_thread(with_arguments, (1,), {"b": 2})
print(done.acquire(timeout=10), seen[-1])  # expect: True (1, 2)
print(_thread._get_main_thread_ident() == _thread.get_ident())  # expect: True
