# _csv: what rows become, what lines become, dialects and their registry, the field limit, readers shared by threads.
import csv
import io
import threading

def rows(*lines, **settings):
    return list(csv.reader(lines, **settings))
def text(*fields, **settings):
    out = io.StringIO(newline="")
    csv.writer(out, **settings).writerow(fields)
    return out.getvalue()

print(rows("a,b,c\n", "", ",\r\n", '"x,""y""","z\n', 'w",v'))  # expect: [['a', 'b', 'c'], [], ['', ''], ['x,"y"', 'z\nw', 'v']]
print(rows('"a"b,c"d"', ' e, "f"', skipinitialspace=True))  # expect: [['ab', 'c"d"'], ['e', 'f']]
print(rows("a^,b,^\n", "c,^"[:2], escapechar="^"))  # expect: [['a,b', '\nc', '']]
print(rows('"a""b"', doublequote=False), rows('a,"b', "c,d", quoting=csv.QUOTE_NONE))  # expect: [['a"b"']] [['a', '"b'], ['c', 'd']]
print(rows(',3,"5",7.5, 9', quoting=csv.QUOTE_NONNUMERIC), rows(',3,""', quoting=csv.QUOTE_NOTNULL), rows(',3,""', quoting=csv.QUOTE_STRINGS))  # expect: [['', 3.0, '5', 7.5, 9.0]] [[None, '3', '']] [[None, 3.0, '']]
print(rows("é→ü→€", "\U0001f600→a", delimiter="→"), rows("a\0b", delimiter="\0"))  # expect: [['é', 'ü', '€'], ['😀', 'a']] [['a', 'b']]
rows("x,1", quoting=csv.QUOTE_NONNUMERIC)  # raises ValueError: could not convert string to float: 'x'
rows("a\rb")  # raises Error: new-line character seen in unquoted field - do you need to open the file with newline=''?
rows('"a"b', strict=True)  # raises Error: ',' expected after '"'
rows('"a', strict=True)  # raises Error: unexpected end of data
rows(b"a")  # raises Error: iterator should return strings, not bytes (the file should be opened in text mode)
print(rows('a,"'), rows('"', '"'), rows("a\\", "b", escapechar="\\"))  # expect: [['a', '']] [['']] [['a\nb']]

reader = csv.reader(['"a', 'b"', "c"])
print(next(reader), reader.line_num, next(reader), reader.line_num, next(reader, "end"), reader.line_num)  # expect: ['ab'] 2 ['c'] 3 end 3
class Greedy:  # advances the reader that reads from it
    lines = iter(["a,b", "x"])
    def __iter__(self):
        return self
    def __next__(self):
        line = next(self.lines)
        if line == "a,b":
            print(next(self.reader))  # expect: ['x']
        return line
greedy = Greedy()
greedy.reader = csv.reader(greedy)
next(greedy.reader)  # raises Error: iterator has already advanced the reader

print(repr(text("a", 1, 2.5, None, True, "b,c", 'd"e', "f\ng", 1 << 70)))  # expect: 'a,1,2.5,,True,"b,c","d""e","f\ng",1180591620717411303424\r\n'
print(repr(text("")), repr(text()), repr(text("", None)), repr(text("", "", delimiter=" ", skipinitialspace=True)))  # expect: '""\r\n' '\r\n' ',\r\n' '"" ""\r\n'
for quoting in range(6):
    print(text("a", 1, None, 1j, "€", quoting=quoting, lineterminator="!"))
# expect: a,1,,1j,€!
# expect: "a","1","","1j","€"!
# expect: "a",1,"",1j,"€"!
# expect: a,1,,1j,€!
# expect: "a",1,,1j,"€"!
# expect: "a","1",,"1j","€"!
print(text('a"b,c\\', quoting=csv.QUOTE_NONE, escapechar="\\", lineterminator=""), text('a"b\\', doublequote=False, escapechar="\\", lineterminator=""))  # expect: a\"b\,c\\ a\"b\\
print(text("x!y", "15", lineterminator="!"), text(15, delimiter="5", lineterminator=""))  # expect: "x!y",15! "15"
text("a,b", quoting=csv.QUOTE_NONE)  # raises Error: need to escape, but no escapechar set
text(None, quoting=csv.QUOTE_STRINGS)  # raises Error: single empty field record must be quoted
text(None, 1, delimiter=" ", skipinitialspace=True, quoting=csv.QUOTE_NOTNULL)  # raises Error: empty field must be quoted if delimiter is a space and skipinitialspace is true
csv.writer(io.StringIO()).writerow(5)  # raises Error: iterable expected, not int
csv.writer(5)  # raises TypeError: argument 1 must have a "write" method
out = io.StringIO()
writer = csv.writer(out, lineterminator="\n")
print(writer.writerow("ab"), writer.writerows(iter([(1, 2), range(3)])), repr(out.getvalue()))  # expect: 4 None 'a,b\n1,2\n0,1,2\n'

csv.reader([], delimiter="ab")  # raises TypeError: "delimiter" must be a unicode character, not a string of length 2
csv.reader([], quotechar=5)  # raises TypeError: "quotechar" must be a unicode character or None, not int
csv.reader([], quoting=6)  # raises TypeError: bad "quoting" value
csv.reader([], quoting=True)  # raises TypeError: "quoting" must be an integer, not bool
csv.reader([], lineterminator=None)  # raises TypeError: "lineterminator" must be a string, not NoneType
csv.reader([], delimiter="\n")  # raises ValueError: bad delimiter value
csv.reader([], delimiter="a", quotechar="a")  # raises ValueError: bad delimiter or quotechar value
csv.reader([], escapechar="a", lineterminator="xa")  # raises ValueError: bad escapechar or lineterminator value
csv.reader([], quotechar=None, quoting=csv.QUOTE_ALL)  # raises TypeError: quotechar must be set if quoting enabled
csv.reader([], nothing=1)  # raises TypeError: this function got an unexpected keyword argument 'nothing'
csv.reader([], "excel", dialect="excel")  # raises TypeError: argument for function given by name ('dialect') and position (1)
csv.reader([], "nowhere")  # raises Error: unknown dialect
csv.register_dialect(5)  # raises TypeError: dialect name must be a string
csv.unregister_dialect("nowhere")  # raises Error: unknown dialect

csv.register_dialect("colons", "unix", delimiter=":")
colons = csv.get_dialect("colons")
print(csv.list_dialects(), colons.delimiter, colons.quoting, repr(colons.lineterminator), colons.escapechar)  # expect: ['excel', 'excel-tab', 'unix', 'colons'] : 1 '\n' None
print(csv.reader([], "colons").dialect is colons, csv.reader([], colons).dialect is colons, csv.reader([], colons, strict=True).dialect is colons)  # expect: True True False
class Half:
    quotechar = None
print(csv.reader([], Half).dialect.quoting == csv.QUOTE_NONE, csv.reader([], None).dialect.delimiter)  # expect: True ,
colons.strict = True  # raises AttributeError: readonly attribute
colons.delimiter = "x"  # raises AttributeError: attribute 'delimiter' of '_csv.Dialect' objects is not writable
colons.__reduce_ex__(2)  # raises TypeError: cannot pickle 'Dialect' instances
csv.unregister_dialect("colons")

print(csv.field_size_limit(3), rows("abc,def", '"ab\n', 'c"'[1:]))  # expect: 131072 [['abc', 'def'], ['ab\n']]
rows("abcd")  # raises Error: field larger than field limit (3)
rows('"ab\n', 'c"')  # raises Error: field larger than field limit (3)
csv.field_size_limit(None)  # raises TypeError: limit must be an integer
print(csv.field_size_limit(131072), csv.field_size_limit())  # expect: 3 131072

# Threads that share a reader get whole rows, each row once.
shared = csv.reader([line for number in range(2000) for line in (f'{number},"a\n', f'b",{number}\n')])
taken = []
def take():
    for row in shared:
        taken.append(row)
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(taken, key=lambda row: int(row[0])) == [[str(n), "a\nb", str(n)] for n in range(2000)])  # expect: True
