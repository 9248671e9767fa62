# A probe that calls __eq__ holds the key and the table; the dict may be cleared, filled or dropped meanwhile.
class Evil:
    def __init__(self, name, action=None):
        self.name, self.action = name, action

    def __hash__(self):
        return 7

    def __eq__(self, other):
        if self.action:
            action, self.action = self.action, None
            action()
        return isinstance(other, Evil) and self.name == other.name


def filled(action):
    keys = [Evil("a"), Evil("b"), Evil("c")]
    d = {key: number for number, key in enumerate(keys)}
    keys[1].action = lambda: action(d)
    return d


d = filled(lambda d: d.clear())
print(d.get(Evil("b"), "gone"), len(d))  # expect: gone 0
d = filled(lambda d: d.clear())
d[Evil("b")] = "new"
print([(key.name, value) for key, value in d.items()])  # expect: [('b', 'new')]
d = filled(lambda d: [d.setdefault(i, i) for i in range(100)])
print(d[Evil("b")], len(d))  # expect: 1 103
d = filled(lambda d: d.pop(Evil("a")))
print(d.pop(Evil("b")), [key.name for key in d])  # expect: 1 ['c']
x, y = Evil("x"), Evil("y")
s = {x, y}
x.action = y.action = lambda: s.clear()
print(Evil("z") in s, len(s))  # expect: False 0
s = {x, y}
x.action = y.action = lambda: s.update(range(100))
print(Evil("z") in s, len(s))  # expect: False 102


class Hash:
    def __hash__(self):
        raise RuntimeError("no hash")


{Hash(): 1}  # raises RuntimeError: no hash
{}.get(Hash())  # raises RuntimeError: no hash
items = [Evil(str(i)) for i in range(5)]
items[2].action = items.clear
print(Evil("9") in items, items)  # expect: False []
numbers = [5, 3, 4]
try:
    numbers.sort(key=lambda n: numbers.append(n) or n)
except ValueError as error:
    print(error)  # expect: list modified during sort
print(numbers)  # expect: [3, 4, 5]
