# list.sort asks for the pairs CPython asks for, in the same order, so the same pair raises. One line per length:
# how many comparisons ten kinds of input take, and a number made of all pairs in order.
log = []


class Key:
    __slots__ = "value", "place"

    def __init__(self, value, place):
        self.value, self.place = value, place

    def __lt__(self, other):
        log.append((self.place, other.place))
        return self.value < other.value


state = 12345


def random(limit):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % limit


def nearly_sorted(n):
    items = list(range(n))
    for _ in range(n // 20 + 1):
        items[random(n)] = random(n)
    return items


def inputs(n):
    yield [random(1000000) for _ in range(n)]
    yield list(range(n))
    yield list(range(n, 0, -1))
    yield [random(4) for _ in range(n)]
    yield [7] * n
    yield [n - i // 3 for i in range(n)]
    yield nearly_sorted(n)
    yield [i % 50 for i in range(n)]
    yield [abs(n // 2 - i) for i in range(n)]
    yield sorted(random(100) for _ in range(n // 2)) + sorted(random(10000) for _ in range(n - n // 2))


for n in (2, 3, 5, 8, 13, 31, 63, 64, 65, 100, 129, 200, 333, 777, 2049):
    log.clear()
    for values in inputs(n):
        keys = [Key(value, place) for place, value in enumerate(values)]
        keys.sort(reverse=bool(n & 1))
    order = 0
    for a, b in log:
        order = (order * 1000003 + a * 131 + b) % 2**61
    print(n, len(log), order)
# expect: 2 10 1949206431810704828
# expect: 3 26 41428845818981005
# expect: 5 53 1966726781009014402
# expect: 8 100 1730470838906219440
# expect: 13 185 1121455090191486787
# expect: 31 636 1410502824853035570
# expect: 63 1643 2151513407790431698
# expect: 64 1383 1483901704762550956
# expect: 65 1452 1973634756304497896
# expect: 100 2372 1878395183593267827
# expect: 129 3241 442283069164485712
# expect: 200 5036 2248895614668211888
# expect: 333 9185 1050936693873878646
# expect: 777 24521 1139342198275555557
# expect: 2049 66552 480405660011946239
