# sys._current_frames shows the stack of every thread, sys._current_exceptions what each handles.
import sys, threading
entered, leave = threading.Event(), threading.Event()
def outer(value):
    try:
        raise ValueError(value)
    except ValueError:
        inner("secret")
def inner(local):
    entered.set()
    leave.wait()
t = threading.Thread(target=outer, args=(7,))
t.start()
entered.wait()
frames = sys._current_frames()
print(frames[threading.get_ident()] is sys._getframe())  # expect: True
frame = frames[t.ident]
while frame.f_code.co_name != "inner": frame = frame.f_back
print(frame.f_locals["local"], frame.f_back.f_code.co_name, frame.f_back.f_locals["value"])  # expect: secret outer 7
print(repr(sys._current_exceptions()[t.ident]))  # expect: ValueError(7)
leave.set()
t.join()
print(t.ident in sys._current_frames())  # expect: False
