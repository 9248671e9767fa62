# Once the process ends, no thread can be started, and one that still runs cannot be joined: an error instead of a hang.
import threading


def loop():
    while True:
        pass


class Last:
    def __init__(self):
        self.ring = self
        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()

    def __del__(self):
        for timeout in (None, 10, 0):
            try:
                self.thread.join(timeout)
            except PythonFinalizationError as error:
                print(error)
        try:
            threading.Thread(target=print).start()
        except PythonFinalizationError as error:
            print(error)


Last()
# expect: cannot join thread at interpreter shutdown
# expect: cannot join thread at interpreter shutdown
# expect: cannot join thread at interpreter shutdown
# expect: can't create new thread at interpreter shutdown
