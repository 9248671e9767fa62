# `and` and `or` in each other ask every operand for its truth at most once.
class Value:
    def __init__(self, truth): self.truth, self.asked = truth, 0
    def __bool__(self):
        self.asked += 1
        return self.truth
def values(truths):
    return [Value(each == "1") for each in truths]
def check(function, truths):
    v = values(truths)
    result = function(*v)
    return v.index(result), [each.asked for each in v]
print(check(lambda a, b, c, d: a and b or c or d, "0111"))  # expect: (2, [1, 0, 1, 0])
print(check(lambda a, b, c, d, e: a or b and c or d or e, "00110"))  # expect: (3, [1, 1, 0, 1, 0])
print(check(lambda a, b, c, d: (a or b) and (c or d), "1001"))  # expect: (3, [1, 0, 1, 0])
print(check(lambda a, b, c, d: (a or b) and (c or d), "0011"))  # expect: (1, [1, 1, 0, 0])
print(check(lambda a, b, c, d: (a and (b or c)) or d, "1001"))  # expect: (3, [1, 1, 1, 0])
print(check(lambda a, b, c: (a or b) or c, "100"))  # expect: (0, [1, 0, 0])
print(check(lambda a, b, c: a and (b and c), "011"))  # expect: (0, [1, 0, 0])
def operands(x, y): return (x and 0 or y, x or 1 and y, x and (y or 2) or 3)
print([operands(x, y) for x in (0, 5) for y in (0, 7)])
# expect: [(0, 0, 3), (7, 7, 3), (0, 5, 2), (7, 5, 7)]
