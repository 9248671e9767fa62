# References handed between threads, cycles, weak references and finalizers: nothing freed early, nothing twice.
import gc
import weakref

from hammer import hammer

slot = [None] * 16
finished = []


class Node:
    def __init__(self, value):
        self.value = value
        self.check = ~value
        self.self = self if value % 5 == 0 else None

    def __del__(self):
        finished.append(self.value)


def store(index):
    for i in range(100):
        slot[(i + index) % 16] = Node(i)


def load(index):
    for i in range(100):
        node = slot[i % 16]
        assert node is None or node.check == ~node.value


def weak(index):
    for i in range(50):
        node = slot[i % 16]
        if node is not None:
            reference = weakref.ref(node)
            del node
            again = reference()
            assert again is None or again.check == ~again.value


def collect(index):
    gc.collect()
    finished.clear()


hammer(store, load, weak, store, load, store, weak, collect)
print("ok")
