# With a recursion limit that the stack cannot hold, RecursionError still comes before the stack ends.
import sys
sys.setrecursionlimit(10**9)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
print(f(50000))
class A:
    def __eq__(self, o): return [self] == [o]
try: A() == A()
except RecursionError: print("R")
def g(n):
    return max([n], key=lambda x: 0 if n > 100000 else g(n + 1) and 0)
try: g(0)
except RecursionError: print("R")
try: f(10**7)
except (RecursionError, MemoryError) as e: print("R")
# expect: 50000
# expect: R
# expect: R
