# throw() of a class whose instances are something else is an error in the generator.
class E(Exception):
    def __new__(cls): return cls
def g():
    try:
        yield 1
    except TypeError as error:
        print(error)
    yield 2
it = g()
print(next(it))  # expect: 1
print(it.throw(E))
# expect: calling <class '__main__.E'> should have returned an instance of BaseException, not type
# expect: 2
