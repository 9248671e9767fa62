# In a forked child the other threads are over, also for those who hold them: daemons, threads that were just ending.
import os
import threading
import warnings

warnings.simplefilter("ignore")


def child_says(*threads):
    child = os.fork()
    if child == 0:
        for thread in threads:
            thread.join()
        os._exit(sum(thread.is_alive() for thread in threads))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


waiting = threading.Lock()
waiting.acquire()
daemon = threading.Thread(target=waiting.acquire, daemon=True)
daemon.start()
print(child_says(daemon))  # expect: 0

alive = 0
for _ in range(20):
    short = threading.Thread(target=lambda: None)
    short.start()
    alive += child_says(short, daemon)
    short.join()
print(alive)  # expect: 0
print(daemon.is_alive())  # expect: True

# A thread that forks goes on in the child as its only one.
outcome = []
forker = threading.Thread(target=lambda: outcome.append(child_says(daemon)))
forker.start()
forker.join()
print(outcome)  # expect: [0]

# The main thread is over in the child, too.
main = threading.main_thread()


def fork_and_join_main():
    child = os.fork()
    if child == 0:
        main.join()
        os._exit(main.is_alive())
    outcome.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


forker = threading.Thread(target=fork_and_join_main)
forker.start()
forker.join()
print(outcome)  # expect: [0, 0]
