# The module symtable shows the compiler's scopes.
import symtable
top = symtable.symtable("def f(a, *b):\n    global g\n    x = [i for i in a]\n    def h(): return x\nclass A[T]:\n    y: int = 1\n", "?", "exec")
print(top.get_type(), sorted(top.get_identifiers()))  # expect: module ['A', 'f', 'g']
f = [c for c in top.get_children() if c.get_name() == "f"][0]
print(f.get_parameters(), f.get_locals(), f.get_globals(), f.lookup("x").is_local())  # expect: ('a', 'b') ('a', 'b', 'x', 'h', 'i') ('g',) True
h = [c for c in f.get_children() if c.get_name() == "h"][0]
print(h.lookup("x").is_free(), h.is_nested(), h.get_lineno())  # expect: True True 4
symtable.symtable("x = = 1", "?", "exec")  # raises SyntaxError
symtable.symtable("def f(x, x): pass", "?", "exec")  # raises SyntaxError
symtable.symtable("1", "?", "none")  # raises ValueError: symtable() arg 3 must be 'exec' or 'eval' or 'single'
