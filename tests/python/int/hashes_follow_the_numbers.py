print(hash(0), hash(-1), hash(2**61 - 1), hash(2**61), hash(-2**61), hash(10**100), hash(True), hash(2**62) == hash(2.0**62))  # expect: 0 -2 0 1 -2 910685213754167845 1 True
print(len({1, 1.0, True, 1 + 0j}), 2**53 + 1 == 2.0**53, 2**53 + 1 > 2.0**53, 10**400 > 1e308, -10**400 < float("-inf"))  # expect: 1 False True True False
