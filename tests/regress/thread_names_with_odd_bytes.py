# A thread whose name holds bytes that are no UTF-8 starts like any other.
import threading
t = threading.Thread(target=print, args=("runs",), name="odd-\udcff")
t.start()  # expect: runs
t.join()
