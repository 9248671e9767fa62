# pop says which list it could not take from: an empty one, or one that is too short.
[].pop()  # raises IndexError: pop from empty list
[1].pop(3)  # raises IndexError: pop index out of range
print([1].pop())  # expect: 1
