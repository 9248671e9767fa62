# A class that takes another native type's __new__ into its namespace still gets instances of its own layout.
class Plain:
    __new__ = list.__new__


class Items(list):
    __new__ = object.__new__


class Number(int):
    __new__ = int.__new__


class Python:
    def __new__(cls):
        return "python"


class Below(Python):
    __new__ = object.__new__


for _ in range(3):
    plain, items = Plain(), Items()
    items.append(1)
    print(type(plain).__name__, vars(plain), items, Number(5), type(Below()).__name__)
# expect: Plain {} [1] 5 Below
# expect: Plain {} [1] 5 Below
# expect: Plain {} [1] 5 Below
list.__new__(Plain)    # raises TypeError: list.__new__(Plain): Plain is not a subtype of list
object.__new__(Items)  # raises TypeError
