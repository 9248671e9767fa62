# Exceptions whose fields change under str(), that are initialized twice, copied and pickled.
import copy, pickle

class Evil(str):
    def __str__(self):
        change()
        return "evil"
def change(): del error.object
error = UnicodeEncodeError(Evil("a"), "x", 0, 1, "why")
str(error)         # raises TypeError: UnicodeError 'object' attribute is not set
print([str(error)])  # expect: ['']
def change(): error.object = 3
error = UnicodeDecodeError("a", b"x", 0, 1, Evil("why"))
str(error)  # raises TypeError: UnicodeError 'object' attribute must be a bytes
error = UnicodeTranslateError("x", 0, 1, Evil("why"))
str(error)  # raises TypeError: UnicodeError 'object' attribute must be a string

data = bytearray(b"ab")
error = UnicodeDecodeError("a", data, 0, 1, "why")
data[0] = 0
print(error.object, error)  # expect: b'ab' 'a' codec can't decode byte 0x61 in position 0: why
UnicodeDecodeError("a", "s", 0, 1, "")     # raises TypeError: a bytes-like object is required, not 'str'
UnicodeDecodeError("a", b"s", "0", 1, "")  # raises TypeError: 'str' object cannot be interpreted as an integer
UnicodeEncodeError("a", b"s", 0, 1, "")    # raises TypeError: argument 2 must be str, not bytes
UnicodeTranslateError("s", 0, 1, 1)        # raises TypeError: argument 4 must be str, not int

error = ImportError("text", name="n", path="p")
for twin in copy.copy(error), pickle.loads(pickle.dumps(error)):
    print(twin.args, twin.msg, twin.name, twin.path)
# expect: ('text',) text n p
# expect: ('text',) text n p
error.__init__()
print(error.args, error.msg, error.name, error.path)  # expect: () None None None
print(AttributeError("x", name="n", obj=3).__reduce__())  # expect: (<class 'AttributeError'>, ('x',), {'name': 'n', 'args': ('x',)})

error = SyntaxError("one", ("file.py", 1, 2, "text", 2, 3))
error.__init__("two", ("other.py", 2, 3, "more"))
print(error.filename, error.end_lineno, error.end_offset)  # expect: other.py None None

try: compile(b'\xef\xbb\xbfreturn "\xc3\xa4"', "bom.py", "exec")
except SyntaxError as error: print(error.offset, "\ufeff" in (error.text or ""))  # expect: 1 False
