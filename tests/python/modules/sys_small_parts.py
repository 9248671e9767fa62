# sys: what tools and the test suite ask of an interpreter.
import sys

print(sys._jit.is_available() in (True, False), sys._jit.is_enabled(), sys._jit.is_active())  # expect: True False False
print(sys._is_immortal(None), sys._is_immortal(object()))  # expect: True False
print("json" in sys.stdlib_module_names, "spam" in sys.stdlib_module_names)  # expect: True False
print(sys.getallocatedblocks() >= 0)  # expect: True
print(sys.getdlopenflags())  # expect: 2
sys.setdlopenflags(257)
print(sys.getdlopenflags())  # expect: 257
print(sys.call_tracing(divmod, (7, 2)))  # expect: (3, 1)
print(sys._clear_internal_caches())  # expect: None
