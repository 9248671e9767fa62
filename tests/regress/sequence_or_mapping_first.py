# A class with a sequence and a mapping among its bases is matched as the first of them.
import collections, collections.abc
class M(collections.UserDict, collections.abc.Sequence): pass
class S(collections.UserList, collections.abc.Mapping): pass
def kind(x):
    match x:
        case [*_]: return "sequence"
        case {}: return "mapping"
def other(x):
    match x:
        case {}: return "mapping"
        case [*_]: return "sequence"
print(kind(M()), other(M()), kind(S()), other(S()))  # expect: mapping mapping sequence sequence
