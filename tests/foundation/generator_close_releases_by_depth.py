# Closing or dropping a suspended generator runs its finally blocks and releases what it holds, once.
class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end", self.name)


def held():
    local = Loud("local")
    try:
        for _ in [Loud("in loop")]:
            yield [Loud("temporary"), (yield "first")]
    finally:
        print("finally")


g = held()
print(next(g))  # expect: first
g.close()
# expect: end temporary
# expect: finally
# expect: end in loop
# expect: end local
g = held()
next(g)
del g
# expect: end temporary
# expect: finally
# expect: end in loop
# expect: end local


def never_started():
    print("never")
    yield


g = never_started()
g.close()
next(g)  # raises StopIteration


def itself():
    yield g.gi_running
    try:
        next(g)
    except ValueError as error:
        yield str(error)


g = itself()
print(next(g))  # expect: True
print(next(g))  # expect: generator already executing
