# An exception in __del__ goes to sys.unraisablehook; the program goes on.
class Bad:
    def __del__(self):
        raise ValueError("in __del__")

    def __repr__(self):
        return "<Bad>"


import sys

seen = []
sys.unraisablehook = lambda args: seen.append((args.exc_type.__name__, str(args.exc_value), args.err_msg.split(" at ")[0], args.object))
Bad()
print(seen)  # expect: [('ValueError', 'in __del__', 'Exception ignored while calling deallocator <function Bad.__del__', None)]
