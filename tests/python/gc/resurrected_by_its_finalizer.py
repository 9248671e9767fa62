# A finalizer that stores its object keeps it and all it reaches; the finalizer does not run again.
import gc

kept = []
deleted = []

class Node:
    def __init__(self, name):
        self.name = name
        self.me = self
    def __del__(self):
        deleted.append(self.name)
        if self.name == "keep":
            kept.append(self)

node = Node("keep")
node.child = Node("child")
del node
gc.collect()
print(sorted(deleted))  # expect: ['child', 'keep']
print(kept[0].child.name)  # expect: child
kept.clear()
print(gc.collect() >= 2)  # expect: True
