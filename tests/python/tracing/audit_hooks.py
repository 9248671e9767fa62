# sys.addaudithook and sys.audit.
import sys

seen = []


def hook(event, args):
    if event.startswith("test."):
        seen.append((event, args))
        if event == "test.refused":
            raise PermissionError("refused")


sys.addaudithook(hook)
sys.audit("test.one", 1, "two")
print(seen)  # expect: [('test.one', (1, 'two'))]
sys.audit("test.refused")  # raises PermissionError: refused
sys.audit(3)  # raises TypeError: audit() argument 1 must be str, not int
sys.audit()  # raises TypeError: audit expected at least 1 argument, got 0
