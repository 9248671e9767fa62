# __eq__ may change the dict that is being probed; the lookup then starts again.
class K:
    def __init__(self, name):
        self.name = name
    def __hash__(self):
        return 7
    def __eq__(self, other):
        global action
        if action:
            act, action = action, None
            act()
        return isinstance(other, K) and self.name == other.name
    def __repr__(self):
        return "K" + str(self.name)
action = None
d = {K(1): 1, K(2): 2, K(3): 3}
print(d[K(3)], d.get(K(4)), K(2) in d)  # expect: 3 None True
action = d.clear
print(d.get(K(3)), d)  # expect: None {}
d = {K(i): i for i in range(5)}
action = lambda: d.update({K(i): i for i in range(10, 40)})
print(d[K(4)], len(d))  # expect: 4 35
action = lambda: d.pop(K(0))
d[K(0)] = "new"
print(len(d), d[K(0)])  # expect: 35 new
class Bad:
    def __hash__(self):
        return 7
    def __eq__(self, other):
        raise ValueError("no")
b = {Bad(): 1}
Bad() in b  # raises ValueError: no
b[Bad()] = 1  # raises ValueError: no
b[K(1)]  # raises ValueError: no
class NoHash:
    def __hash__(self):
        raise ZeroDivisionError("hash")
d[NoHash()]  # raises ZeroDivisionError: hash
