# Attributes of a _local are each thread's own; a subclass's __init__ runs in every thread that looks.
import _thread

class Local(_thread._local):
    kind = "class"
    def __init__(self, start):
        self.value = start

local = Local(10)
local.value += 1
found = []
def look():
    found.append(local.value)
    local.value = 99
    local.extra = True
    found.append(sorted(local.__dict__))
_thread.start_joinable_thread(look).join()
print(found)  # expect: [10, ['extra', 'value']]
print(local.value, local.kind, local.__dict__)  # expect: 11 class {'value': 11}
local.extra  # raises AttributeError: 'Local' object has no attribute 'extra'
_thread._local(1)  # raises TypeError: Initialization arguments are not supported

class Marked:
    def __del__(self):
        print("gone")
plain = _thread._local()
def leave():
    plain.mark = Marked()
_thread.start_joinable_thread(leave).join()
print("after")
# expect: gone
# expect: after
