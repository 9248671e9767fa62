# A local lives until del, rebinding or frame exit, and exit releases the highest register first.
class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end", self.name)


def in_order():
    a = Loud("a")
    b = Loud("b")
    c = Loud("c")
    print("last line")


def after_last_use():
    a = Loud("a")
    a.name
    print("still here")


def rebound():
    a = Loud("first")
    a = Loud("second")
    print("rebound")


def deleted():
    a = Loud("a")
    del a
    print("deleted")


def returned():
    a = Loud("a")
    b = Loud("b")
    return "result"


in_order()
# expect: last line
# expect: end c
# expect: end b
# expect: end a
after_last_use()
# expect: still here
# expect: end a
rebound()
# expect: end first
# expect: rebound
# expect: end second
deleted()
# expect: end a
# expect: deleted
print(returned())
# expect: end b
# expect: end a
# expect: result
