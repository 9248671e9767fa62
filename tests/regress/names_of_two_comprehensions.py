# The variable of one comprehension is not the global of that name that another one reads.
x = 3
def f():
    [x for x in [1]]
    return [x for _ in [1]], {x: x for _ in [1]}, [[x for x in [5]] for _ in [1]], [x for _ in [x]]
print(f())  # expect: ([3], {3: 3}, [[5]], [3])
def g():
    return [x for x in [1]], [lambda: x for _ in [1]][0](), [[x for _ in [1]] for y in [2]]
print(g())  # expect: ([1], 3, [[3]])
def h():
    [[z, x] for x in [1] for z in [x]]
    return [len([x]) for _ in [1] if x]
print(h())  # expect: [1]
