# Threads that use sys.monitoring at the same time: one of them gets a tool's number, and callbacks may come and go while
# another thread's events are told.
import sys
import threading

THREADS = 4
start = threading.Barrier(THREADS)


def together(work):
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


monitoring = sys.monitoring
got = []


def take():
    start.wait()
    for tool in range(6):
        try:
            monitoring.use_tool_id(tool, f"tool {tool}")
        except ValueError as error:
            assert str(error) == f"tool {tool} is already in use"
        else:
            got.append(tool)


together(take)
print(sorted(got))  # expect: [0, 1, 2, 3, 4, 5]

monitoring.set_events(3, monitoring.events.PY_START)
seen = []


def watched():
    return 1


def call_and_change():
    start.wait()
    for round in range(300):
        monitoring.register_callback(3, monitoring.events.PY_START, lambda code, offset: seen.append(code.co_name))
        watched()
        if round % 7 == 0:
            monitoring.register_callback(3, monitoring.events.PY_START, None)


together(call_and_change)
monitoring.clear_tool_id(3)
before = len(seen)
watched()
print("watched" in seen, len(seen) == before)  # expect: True True
