# A function that has no variables and never ends is a function like any other.


def wait():
    while True:
        pass


def wait_twice():
    while True:
        while True:
            pass


print(wait.__code__.co_nlocals, wait_twice.__code__.co_nlocals)  # expect: 0 0
