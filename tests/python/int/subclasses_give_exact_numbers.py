class N(int): pass
n = N(5)
print(type(n + 1) is int, type(+n) is int, type(n & 7) is int, type(int(n)) is int, type(N(2**70)) is N, N(2**70) == 2**70)  # expect: True True True True True True
n.tag = "x"
print(n.tag, n == 5, hash(n) == hash(5), [10, 20, 30, 40, 50, 60][n], f"{n:03}", N("12") + 1, N() == 0)  # expect: x True True 60 005 13 True
