# Lists that nothing else holds may give their items away to a sum or a slice assignment: nobody can tell.
class Item:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name

    def __del__(self):
        print("gone", self.name)


a, b, c = [1, 2, 3], [4.5], ["x", None]
print(a[1:] + b[:] + c[0:1])  # expect: [2, 3, 4.5, 'x']
print(a + b[:] + c)           # expect: [1, 2, 3, 4.5, 'x', None]
print(a[:0] + b, a[:] + [], [] + a[:2], [] + [])  # expect: [4.5] [1, 2, 3] [1, 2] []
print(a, b, c)  # expect: [1, 2, 3] [4.5] ['x', None]

kept = []


def keep(items):
    kept.append(items)
    return items


print(keep(a[:2]) + keep(b[:]) + [9], kept)  # expect: [1, 2, 4.5, 9] [[1, 2], [4.5]]
same = a[1:]
print(same + same, (same := same + [0]) + same)  # expect: [2, 3, 2, 3] [2, 3, 0, 2, 3, 0]

items = [Item("p"), Item("q"), Item("r")]
items[:] = items[2:] + items[:1]  # expect: gone q
print(items)  # expect: [r, p]
walk = iter(items)
next(walk)
items[:] = [Item("s"), Item("t"), 5]
# expect: gone p
# expect: gone r
print(next(walk), items)  # expect: t [s, t, 5]
items[:] = []
# expect: gone t
# expect: gone s
items[:] = items[:] + [1.5]
items.append("y")
items[:] = keep([7])
kept[-1].append(8)
print(items, kept[-1])  # expect: [7] [7, 8]
big = [0] * 5
big[:] = big[4:] + ["z"] * 3 + big[:4]
print(big, len(big))  # expect: [0, 'z', 'z', 'z', 0, 0, 0, 0] 8
