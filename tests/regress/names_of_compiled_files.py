# compile() takes any path as the file's name.
class Path:
    def __init__(self, path): self.path = path
    def __fspath__(self): return self.path
print(compile("1", Path("a"), "exec").co_filename, compile("1", Path(b"b"), "exec").co_filename, compile("1", b"c", "exec").co_filename)  # expect: a b c
compile("1", Path(3), "exec")  # raises TypeError: expected Path.__fspath__() to return str or bytes, not int
compile("1", 3, "exec")  # raises TypeError: expected str, bytes or os.PathLike object, not int
compile("1", "a\0b", "exec")  # raises ValueError: embedded null character

# Int literals longer than sys.set_int_max_str_digits() allows are refused, but for hexadecimal ones.
import sys
sys.set_int_max_str_digits(700)
compile("9" * 701, "?", "eval")  # raises SyntaxError: Exceeds the limit (700 digits) for integer string conversion: value has 701 digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits. (?, line 1)
print(eval("0x" + "f" * 1000) > eval("9" * 700))  # expect: True
