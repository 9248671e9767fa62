# Every method of list.
l = [3, 1, 2]
l.append(5)
l.extend((7, 8))
l.insert(0, "a")
l.insert(-1, "b")
l.insert(100, "z")
print(l, len(l))  # expect: ['a', 3, 1, 2, 5, 7, 'b', 8, 'z'] 9
print(l.pop(), l.pop(0), l.pop(-2), l)  # expect: z a b [3, 1, 2, 5, 7, 8]
l.remove(5)
print(l, l.index(1), l.index(8, -1), l.count(1), 2 in l, 99 in l)  # expect: [3, 1, 2, 7, 8] 1 4 1 True False
l.index(1, 2)  # raises ValueError: list.index(x): x not in list
l.remove(99)  # raises ValueError: list.remove(x): x not in list
l.reverse()
print(l, l.copy() == l, l.copy() is l)  # expect: [8, 7, 2, 1, 3] True False
l.clear()
print(l, [] or "empty")  # expect: [] empty
l.pop()  # raises IndexError: pop from empty list
[1].pop(5)  # raises IndexError: pop index out of range
l += "ab"
l *= 2
print(l, [1] + [2], [0] * 3, 2 * [1, 2], [1] * -1, [] * 5)
# expect: ['a', 'b', 'a', 'b'] [1, 2] [0, 0, 0] [1, 2, 1, 2] [] []
print([1, 2] < [1, 3], [1] < [1, 0], [2] > [1, 9], [1] == [1.0], [1] != [2], [] <= [])
# expect: True True True True True True
print(list("abc"), list(range(3)), list(), list({1: 2}), list((1, 2)), [*"xy", *[1]])
# expect: ['a', 'b', 'c'] [0, 1, 2] [] [1] [1, 2] ['x', 'y', 1]
print(sorted(x for x in dir([]) if not x.startswith("_")))
# expect: ['append', 'clear', 'copy', 'count', 'extend', 'index', 'insert', 'pop', 'remove', 'reverse', 'sort']
