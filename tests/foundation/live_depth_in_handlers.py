# Unwinding releases the temporaries above the handler's depth, last made first, before the handler runs.
class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end", self.name)

    def __add__(self, other):
        raise ValueError("no sum")


def fail():
    raise KeyError("fail")


def take(*args):
    pass


def in_call():
    try:
        take(Loud("t1"), Loud("t2"), fail())
    except KeyError:
        print("handled")


def in_loop():
    for _ in iter([Loud("item")]):
        try:
            [Loud("l1"), Loud("l2"), fail()]
        except KeyError:
            print("in loop")
    print("loop done")


def nested():
    try:
        try:
            take(Loud("outer"), [Loud("inner"), fail()])
        finally:
            print("finally")
    except KeyError:
        print("caught")


def in_operator():
    try:
        Loud("left") + Loud("right")
    except ValueError as error:
        print(error)


in_call()
# expect: end t2
# expect: end t1
# expect: handled
in_loop()
# expect: end l2
# expect: end l1
# expect: in loop
# expect: loop done
# expect: end item
nested()
# expect: end inner
# expect: end outer
# expect: finally
# expect: caught
in_operator()
# expect: no sum
# expect: end right
# expect: end left
