# Hashes and the order of sets are CPython's: programs and their recorded output rely on them.
# env: PYTHONHASHSEED=0
print(hash("abc"), hash(b"abc"))  # expect: -4594863902769663758 -4594863902769663758
print(hash("é"), hash("数据"), hash("🐍"), hash(""))
# expect: 6047309291227476195 2797565900175908104 5216893564587608945 0
print(hash(1), hash(-1), hash(2 ** 61 - 1), hash(2 ** 61), hash(-2 ** 100))  # expect: 1 -2 0 1 -549755813888
print(hash(0.0), hash(1.0), hash(0.5), hash(-1.5), hash(1e300), hash(float("inf")))
# expect: 0 1 1152921504606846976 -1152921504606846977 1224995262755759164 314159
print(hash(1 + 2j), hash(True))  # expect: 2000007 1
print(hash((1, 2, 3)), hash(()), hash((1, ("a", 2.5))))
# expect: 529344067295497451 5740354900026072187 -4249274116895248459
print(hash(frozenset({1, 2, 3})), hash(frozenset()))  # expect: -272375401224217160 133146708735736
print(hash(None) == hash(None), hash(range(5)) == hash(range(0, 5)))  # expect: True True
print({3, 1, 2}, {8, 16, 0, 24, 1})  # expect: {1, 2, 3} {0, 1, 16, 8, 24}
print({"a", "b", "c", "d", "e", "f", "g"})  # expect: {'d', 'c', 'f', 'a', 'g', 'e', 'b'}
print(set("hello world"), {(1, 2), (2, 1), (3, 4)})
# expect: {' ', 'd', 'r', 'h', 'o', 'e', 'w', 'l'} {(1, 2), (2, 1), (3, 4)}
s = set(range(20))
s -= set(range(5, 15))
s |= {100, 50, 25}
print(s, s.pop(), s)
# expect: {1, 2, 3, 4, 15, 16, 17, 18, 19, 25, 50, 100} 0 {1, 2, 3, 4, 15, 16, 17, 18, 19, 25, 50, 100}
print({1.5, 2.5, -0.5, 1e10}, frozenset([10 ** 20, 7, -1, -2]))
# expect: {-0.5, 1.5, 2.5, 10000000000.0} frozenset({100000000000000000000, -2, -1, 7})
print(list({i * 37 % 101 for i in range(30)}))
# expect: [0, 3, 6, 10, 13, 16, 20, 23, 26, 30, 33, 37, 40, 43, 47, 50, 53, 57, 60, 63, 67, 70, 74, 77, 80, 84, 87, 90, 94, 97]
