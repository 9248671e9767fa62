# References without a callback are one object for each referent and kind; others are made anew.
import weakref

class Thing:
    def __call__(self):
        return "called"

thing = Thing()
first = weakref.ref(thing)
print(weakref.ref(thing) is first)  # expect: True
print(weakref.ref(thing, print) is weakref.ref(thing, print))  # expect: False
print(weakref.getweakrefcount(thing))  # expect: 1
proxy = weakref.proxy(thing)
print(weakref.getweakrefs(thing) == [first, proxy])  # expect: True
print(type(proxy).__name__, proxy())  # expect: CallableProxyType called
