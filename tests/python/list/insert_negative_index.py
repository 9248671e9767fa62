# A negative index counts from the end, and one that reaches past the start means the start.
items = [1, 2, 3]
items.insert(-1, 9)
print(items)  # expect: [1, 2, 9, 3]
items.insert(-99, 0)
print(items)  # expect: [0, 1, 2, 9, 3]
items.insert(99, 7)
print(items)  # expect: [0, 1, 2, 9, 3, 7]
