# threading.settrace_all_threads and setprofile_all_threads reach threads that run already, and take the functions away again.
import sys
import threading

for set_all, get in ((threading.settrace_all_threads, sys.gettrace),
                     (threading.setprofile_all_threads, sys.getprofile)):
    asked, told = threading.Semaphore(0), threading.Semaphore(0)
    seen, events = [], []

    def inside():
        pass

    def observed():
        for _ in range(3):
            asked.acquire()
            seen.append(get() is not None)
            inside()
            told.release()

    def observer(frame, event, argument):
        if frame.f_code is inside.__code__:
            events.append(event)

    thread = threading.Thread(target=observed)
    thread.start()
    for function in (None, observer, None):
        set_all(function)
        asked.release()
        told.acquire()
    thread.join()
    print(seen, events, get())
# expect: [False, True, False] ['call'] None
# expect: [False, True, False] ['call', 'return'] None
