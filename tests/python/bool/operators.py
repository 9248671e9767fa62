# Bool: operators.
print(True + True, True & False, True | False, True ^ True, type(True & 1) is int, bool([]), bool("a"), str(True), repr(False), f"{True}", f"{True:d}", int(True))  # expect: 2 False True False True False True True False True 1 1
bool(1, 2)  # raises TypeError: bool expected at most 1 argument, got 2
bool(x=1)  # raises TypeError: bool() takes no keyword arguments
