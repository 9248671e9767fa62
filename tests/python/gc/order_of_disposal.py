# A collection cuts weak references and calls their callbacks before it runs a finalizer.
import gc
import weakref

class Node:
    def __del__(self):
        print("del", outside())

node = Node()
node.me = node
outside = weakref.ref(node, lambda reference: print("callback", reference()))
del node
print(gc.collect())
# expect: callback None
# expect: del None
# expect: 1
