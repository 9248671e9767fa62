# What a module holds at exit dies when its namespace goes: entry by entry without functions, after sys.modules is emptied.
import sys
import types


class Noisy:
    def __init__(self, name, write=sys.stdout.write):
        self.name = name
        self.write = write

    def __del__(self):
        self.write(f"{self.name}\n")


other = types.ModuleType("other")
sys.modules["other"] = other
other.value = Noisy("in another module")
del other
sys.added_by_the_program = Noisy("in sys")
print("end")
# expect: end
# expect: in another module
# expect: in sys
