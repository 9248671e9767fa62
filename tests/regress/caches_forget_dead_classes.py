# A site that sees many classes looks at its own class only: the ones it saw before may be gone, and their memory with them.
import gc


def value_of(owner):
    return owner.value


def call_of(owner):
    return owner.name()


def make(number):
    class Made:
        value = number

        @classmethod
        def name(cls):
            return cls.__name__, cls.value
    return Made


kept = [make(number) for number in range(3)]
wrong = 0
for round in range(200):
    passing = make(round)
    wrong += value_of(passing) != round or call_of(passing) != ("Made", round)
    del passing
    gc.collect()
    for number, owner in enumerate(kept):
        wrong += value_of(owner) != number or call_of(owner) != ("Made", number)
print(wrong)  # expect: 0
