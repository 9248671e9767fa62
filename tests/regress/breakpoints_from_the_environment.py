# PYTHONBREAKPOINT names what breakpoint() calls.
import os, warnings
os.environ["PYTHONBREAKPOINT"] = "0"
print(breakpoint())  # expect: None
os.environ["PYTHONBREAKPOINT"] = "len"
print(breakpoint("abc"))  # expect: 3
os.environ["PYTHONBREAKPOINT"] = "os.path.basename"
print(breakpoint("/a/b"))  # expect: b
for bad in "no.such", ".x", "os.nothing":
    os.environ["PYTHONBREAKPOINT"] = bad
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        print(breakpoint(), seen[0].category.__name__, seen[0].message)
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "no.such"
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: ".x"
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "os.nothing"
