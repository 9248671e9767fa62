# Equal keys of different types are one key, and the first one stays.
d = {1: "int"}
d[1.0] = "float"
d[True] = "bool"
print(d, d[1 + 0j])  # expect: {1: 'bool'} bool
print({0.0: "a", -0.0: "b", False: "c"})  # expect: {0.0: 'c'}
print({(1, 2): 1, (1.0, 2.0): 2, "ab": 3, b"ab": 4, None: 5, ...: 6, frozenset([1]): 7})
# expect: {(1, 2): 2, 'ab': 3, b'ab': 4, None: 5, Ellipsis: 6, frozenset({1}): 7}
nan = float("nan")
print(len({nan: 1, float("nan"): 2}), {nan: 1}[nan])  # expect: 2 1
big = {2**100: "a"}
print(big[2**100], 2**100 + 1 in big, big.get(-2**100))  # expect: a False None
print({-1: "a", -2: "b"}, hash(-1) == hash(-2))  # expect: {-1: 'a', -2: 'b'} True
class S(str):
    pass
d = {S("x"): 1}
d["x"] = 2
print(d, type(list(d)[0]).__name__, d[S("x")], {"x": 1}[S("x")])  # expect: {'x': 2} S 2 1
