# A temporary given to a Python function belongs to the callee and dies at its `del`; a native callee only borrows.
class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end", self.name)

    def method(self):
        name = self.name
        del self
        print("in method of", name)


def drop(x):
    del x
    print("dropped")


def drop_second(x, y):
    del y
    print("dropped second")


def keyword(*, x):
    del x
    print("dropped keyword")


def refuse(x):
    print("never")


drop(Loud("argument"))
# expect: end argument
# expect: dropped
drop_second(Loud("one"), Loud("two"))
# expect: end two
# expect: dropped second
# expect: end one
keyword(x=Loud("named"))
# expect: end named
# expect: dropped keyword
Loud("self").method()
# expect: end self
# expect: in method of self
list(map(drop, [Loud("in a list")]))
# expect: dropped
# expect: end in a list
len([Loud("borrowed")])
# expect: end borrowed
try:
    refuse(Loud("first"), Loud("second"))
except TypeError as error:
    print(error)
# expect: end second
# expect: end first
# expect: refuse() takes 1 positional argument but 2 were given
