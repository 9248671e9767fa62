# A weak reference gives the object while it lives and None from its last reference on; its callback gets the reference.
import weakref

class Thing:
    pass

thing = Thing()
reference = weakref.ref(thing)
print(reference() is thing)  # expect: True
noticed = []
other = weakref.ref(thing, noticed.append)
del thing
print(reference(), other())  # expect: None None
print(noticed == [other])  # expect: True
print(other.__callback__)  # expect: None
