# Blocks and expressions at the limits of nesting compile, one more raises.
s = "".join(" " * i + "if 1:\n" for i in range(99)) + " " * 99 + "pass\n"
compile(s, "x", "exec")
s = "".join(" " * i + "if 1:\n" for i in range(101)) + " " * 101 + "pass\n"
try: compile(s, "x", "exec")
except SyntaxError as e: print(e)
s = "".join(" " * i + "for x in y:\n" for i in range(30)) + " " * 30 + "pass\n"
try: compile(s, "x", "exec")
except SyntaxError as e: print(e)
s = "if 1: pass\n" + "elif 1: pass\n" * 20000
try: compile(s, "x", "exec"); print("ok")
except (SyntaxError, RecursionError, MemoryError) as e: print(type(e).__name__)
s = "".join(" " * i + "def f():\n" for i in range(90)) + " " * 90 + "pass\n"
try: compile(s, "x", "exec"); print("ok")
except (SyntaxError, RecursionError, MemoryError) as e: print(type(e).__name__)
s = "".join(" " * i + "class f:\n" for i in range(90)) + " " * 90 + "pass\n"
try: compile(s, "x", "exec"); print("ok")
except (SyntaxError, RecursionError, MemoryError) as e: print(type(e).__name__)
s = "(" * 150 + ")" * 150
eval(s)
eval("[" * 150 + "]" * 150)
eval("lambda " + ",".join("a%d" % i for i in range(1000)) + ": 1")
print("done")
# expect: too many levels of indentation (x, line 101)
# expect: too many statically nested blocks (x, line 22)
# expect: MemoryError
# expect: ok
# expect: ok
# expect: done
