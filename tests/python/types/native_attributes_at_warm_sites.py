# Attributes that C++ functions read, and class methods of native classes, at sites that ran before.
from datetime import date, datetime


def year(thing):
    return thing.year


class Day(date):
    pass


moments = [date(2024, 1, 2), datetime(2023, 1, 1), Day(2022, 1, 1)]
print([year(m) for m in moments * 3])
# expect: [2024, 2023, 2022, 2024, 2023, 2022, 2024, 2023, 2022]
Day.year = property(lambda self: "of its own")
print([year(m) for m in moments * 2])
# expect: [2024, 2023, 'of its own', 2024, 2023, 'of its own']
del Day.year
print([year(m) for m in moments * 2])
# expect: [2024, 2023, 2022, 2024, 2023, 2022]


class Borrower:
    year = date.year


print(year(moments[0]))
# expect: 2024
year(Borrower())  # raises TypeError: descriptor 'year' for 'datetime.date' objects doesn't apply to a 'Borrower' object
year(Borrower())  # raises TypeError: descriptor 'year' for 'datetime.date' objects doesn't apply to a 'Borrower' object


class Fallback(datetime):
    def __getattr__(self, name):
        return "asked for " + name


for _ in range(3):
    print(year(Fallback(2021, 1, 1)), Fallback(2021, 1, 1).absent)
# expect: 2021 asked for absent
# expect: 2021 asked for absent
# expect: 2021 asked for absent


def make(cls, *arguments):
    return cls.fromkeys(*arguments)


class Keys(dict):
    pass


class Special(Keys):
    pass


print([type(make(c, "ab")).__name__ for c in (dict, Keys, Special) * 3])
# expect: ['dict', 'Keys', 'Special', 'dict', 'Keys', 'Special', 'dict', 'Keys', 'Special']
Keys.fromkeys = classmethod(lambda cls, keys: (cls.__name__, keys))
print([make(c, "ab") for c in (dict, Keys, Special) * 2])
# expect: [{'a': None, 'b': None}, ('Keys', 'ab'), ('Special', 'ab'), {'a': None, 'b': None}, ('Keys', 'ab'), ('Special', 'ab')]
del Keys.fromkeys
print([make(c, "ab") for c in (dict, Keys, Special) * 2])
# expect: [{'a': None, 'b': None}, {'a': None, 'b': None}, {'a': None, 'b': None}, {'a': None, 'b': None}, {'a': None, 'b': None}, {'a': None, 'b': None}]


class Meta(type):
    pass


class Made(dict, metaclass=Meta):
    pass


print([make(Made, "a") for _ in range(3)])
# expect: [{'a': None}, {'a': None}, {'a': None}]
Meta.fromkeys = property(lambda cls: lambda keys: "from the metaclass")
print([make(Made, "a") for _ in range(3)])
# expect: ['from the metaclass', 'from the metaclass', 'from the metaclass']
for _ in range(3):
    method = int.from_bytes
    print(method(b"\1\2", "big"), int.from_bytes(b"\1\2", byteorder="little"), bool.from_bytes(b"\1", "big"))
# expect: 258 513 True
# expect: 258 513 True
# expect: 258 513 True
for _ in range(2):
    try:
        dict.fromkeys()
    except TypeError as error:
        print(error)
# expect: fromkeys expected at least 1 argument, got 0
# expect: fromkeys expected at least 1 argument, got 0
