# Death: __del__ with the references still alive, then the callbacks, the newest first.
import weakref

class Thing:
    def __del__(self):
        print("del", first() is self)

thing = Thing()
first = weakref.ref(thing, lambda reference: print("first"))
second = weakref.ref(thing, lambda reference: print("second"))
del thing
# expect: del True
# expect: second
# expect: first
