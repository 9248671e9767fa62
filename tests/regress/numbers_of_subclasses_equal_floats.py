# A float or complex was unequal to every int of a subclass, however small.
import enum


class Number(int):
    pass


class Colour(int, enum.Enum):
    BLUE = 2


print(2.0 == Number(2), Number(2) == 2.0, 2.0 < Number(3), 2.5 > Colour.BLUE)  # expect: True True True True
print(2 + 0j == Colour.BLUE, Colour.BLUE == 2 + 0j, {2.0: "found"}[Colour.BLUE])  # expect: True True found
print(-(2.0**60) == Number(-(2**60)), 2.0**60 == Number(2**60 + 1))  # expect: True False
