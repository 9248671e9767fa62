# Threads that read and write a mapping while another one resizes and closes it: an exception at worst.
import mmap
import tempfile
import threading
file = tempfile.TemporaryFile()
file.truncate(1 << 16)
m = mmap.mmap(file.fileno(), 0)
seen = []
def work(step):
    try:
        while True:
            try:
                m[: 1 << 15 : step], m.find(b"needle"), m.rfind(b"needle", 0), m[-1]
                m.seek(0)
                m.write(b"line\n" * 100)
                m.seek(0)
                m.readline(), m.read(5000)
                m[100:200] = b"x" * 100
                memoryview(m)[10:20].tobytes()
            except (IndexError, BufferError):
                pass
            except ValueError as error:
                if m.closed:
                    seen.append(str(error))
                    return
    except BaseException as error:
        seen.append(repr(error))
threads = [threading.Thread(target=work, args=(step,)) for step in (1, 3)]
for thread in threads:
    thread.start()
def insist(action):
    while True:
        try:
            return action()
        except BufferError:
            pass
for round in range(200):
    insist(lambda: m.resize(4096 if round % 2 else 1 << 16))
insist(m.close)
for thread in threads:
    thread.join()
print(set(seen))  # expect: {'mmap closed or invalid'}
