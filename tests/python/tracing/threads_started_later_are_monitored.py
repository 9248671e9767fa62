# sys.monitoring is of all threads: a thread that starts after set_events tells its events, too.
import sys
import threading

monitoring = sys.monitoring
monitoring.use_tool_id(3, "test")
monitoring.set_events(3, monitoring.events.PY_START)
seen = []
monitoring.register_callback(3, monitoring.events.PY_START, lambda code, offset: seen.append(code.co_name))


def in_a_thread():
    return 1


thread = threading.Thread(target=in_a_thread)
thread.start()
thread.join()
print("in_a_thread" in seen)  # expect: True

monitoring.set_events(3, 0)
seen.clear()
thread = threading.Thread(target=in_a_thread)
thread.start()
thread.join()
print(seen)  # expect: []
