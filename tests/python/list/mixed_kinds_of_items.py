# A list of ints or floats becomes a list of anything without anybody noticing.
l = [1, 2, 3]
l.append("s")
print(l)  # expect: [1, 2, 3, 's']
l = [1.5, 2.5]
l.append(1)
l[0] = None
print(l, [1.5, 2] + [3], [1] + ["x"])  # expect: [None, 2.5, 1] [1.5, 2, 3] [1, 'x']
nan = float("nan")
l = [1.5, nan]
print(l[1] is nan, nan in l, l == [1.5, nan], l.index(nan), [nan] == [float("nan")])  # expect: True True True 1 False
l = [0] * 5
l[2] = 10**30
print(l, 10**30 in l, l.count(0), True in [1], 1.0 in [1, 2], [1, 2].index(2.0), [0.0].index(-0.0), 0 in [False])
# expect: [0, 0, 1000000000000000000000000000000, 0, 0] True 4 True True 1 0 True
x = 1e300
l = [x, 2.0]
print(l[0] is x, l)  # expect: True [1e+300, 2.0]
l = []
for i in range(1000):
    l.append(i)
    if i % 3 == 0:
        l.append(i / 2)
    if i % 7 == 0:
        l.pop(0)
print(len(l), l[:5], l[-3:], sum(l))  # expect: 1191 [107, 108, 54.0, 109, 110] [998, 999, 499.5] 576300.5
