# A fork meets threads that are just ending: the child finds nothing of them to take over twice.
# options: -W ignore
# not in: tsan, because it does not follow the child of a process with threads
import os, threading
failed = 0
for round in range(60):
    threads = [threading.Thread(target=lambda: None) for _ in range(4)]
    for thread in threads: thread.start()
    child = os.fork()
    if child == 0:
        os._exit(0)
    failed += os.waitpid(child, 0)[1] != 0
    for thread in threads: thread.join()
print(failed)  # expect: 0
