# Whichever way an object gets from the thread that made it to another one, both count its references and none is lost.
# timeout: 60
import contextvars, functools, gc, itertools, queue, sys, threading, weakref
from collections import OrderedDict, deque

died = []


class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        died.append(self.name)


class Plain:
    pass


class Slotted:
    __slots__ = ("one", "two")


def count(thing):
    for _ in range(5000):
        a = thing
        b = [a, a]
        a = b = None


box, table, members, ring, ordered = [], {}, set(), deque(), OrderedDict()
plain, slotted, lines, variable = Plain(), Slotted(), queue.SimpleQueue(), contextvars.ContextVar("variable")
held = None


def make_cell():
    content = None

    def put(thing):
        nonlocal content
        content = thing

    return put, lambda: content


put_cell, get_cell = make_cell()


def keeper():
    kept = None
    while True:
        kept = (yield kept) or kept


generator = keeper()
next(generator)


def store_global(thing):
    global held
    held = thing


def store_exception(thing):
    try:
        raise ValueError(thing)
    except ValueError as error:
        plain.error = error


def store_ended_frame(thing):
    def inner(local):
        return sys._getframe()
    box.append(inner(thing))


def store_while_sorting(thing):
    mine = [thing, 0]
    mine.sort(key=lambda item: box.append(mine) or 0)
    box[1:] = []


def store_in_class(thing):
    class Local:
        attribute = thing
    box.append(Local)


def store_ring(thing):
    ring_of_two = [thing]
    ring_of_two.append(ring_of_two)
    box.append(ring_of_two)


def open_ring():
    ring_of_two = box.pop()
    thing = ring_of_two[0]
    ring_of_two.clear()
    return thing


def store_dict_mode(thing):
    other = Plain()
    for i in range(60):
        setattr(other, f"name{i}", thing)
    vars(plain)["other"] = other


def store_in_context(thing):
    context = contextvars.copy_context()
    context.run(variable.set, thing)
    box.append(context)


def take_weak():
    return box.pop()()


ways = {
    "list.append": (box.append, box.pop),
    "list.insert": (lambda t: box.insert(0, t), box.pop),
    "list slice": (lambda t: box.__setitem__(slice(0, 0), [t]), box.pop),
    "list.extend": (lambda t: box.extend([t]), box.pop),
    "list item": (lambda t: (box.append(None), box.__setitem__(0, t)), box.pop),
    "nested": (lambda t: box.append([{"key": (t, [t])}]), lambda: box.pop()[0]["key"][1].pop()),
    "ring": (store_ring, open_ring),
    "dict value": (lambda t: table.__setitem__("key", t), lambda: table.pop("key")),
    "dict key": (lambda t: table.__setitem__(t, 1), lambda: table.popitem()[0]),
    "dict.setdefault": (lambda t: table.setdefault(1, t), lambda: table.pop(1)),
    "dict.update": (lambda t: table.update({1: t}), lambda: table.pop(1)),
    "OrderedDict": (lambda t: ordered.__setitem__(1, t), lambda: ordered.popitem()[1]),
    "set": (members.add, members.pop),
    "set.update": (lambda t: members.update({t}), members.pop),
    "deque": (ring.append, ring.pop),
    "deque.insert": (lambda t: ring.insert(0, t), ring.popleft),
    "attribute": (lambda t: setattr(plain, "attribute", t), lambda: plain.__dict__.pop("attribute")),
    "slot": (lambda t: setattr(slotted, "one", t), lambda: (slotted.one, delattr(slotted, "one"))[0]),
    "fresh attribute": (lambda t: setattr(plain, "n" + t.name[:1], t), lambda: vars(plain).popitem()[1]),
    "many attributes": (store_dict_mode, lambda: vars(plain).pop("other").name7),
    "class attribute": (lambda t: setattr(Plain, "shown", t), lambda: (Plain.shown, delattr(Plain, "shown"))[0]),
    "class": (store_in_class, lambda: box.pop().attribute),
    "global": (store_global, lambda: (held, store_global(None))[0]),
    "cell": (put_cell, lambda: (get_cell(), put_cell(None))[0]),
    "closure": (lambda t: box.append(lambda: t), lambda: box.pop()()),
    "default": (lambda t: box.append(lambda x=t: x), lambda: box.pop()()),
    "bound method": (lambda t: box.append(functools.partial(t.__init__, t.name)), lambda: box.pop().func.__self__),
    "generator": (generator.send, lambda: (next(generator), generator.send(7))[0]),
    "started generator": (lambda t: (box.append(iter([t])), box.append(zip(box[0], [1]))), lambda: next(box.pop())[0]),
    "tee": (lambda t: box.append(itertools.tee(iter([t]))[0]), lambda: next(box.pop())),
    "exception": (store_exception, lambda: vars(plain).pop("error").args[0]),
    "ended frame": (store_ended_frame, lambda: box.pop().f_locals["local"]),
    "running frame": (lambda t: box.append(sys._getframe(1)), lambda: box.pop().f_locals["thing"]),
    "sorting": (store_while_sorting, lambda: box.pop()[0]),
    "weak reference": (lambda t: box.append(weakref.ref(t)), take_weak),
    "queue": (lines.put, lines.get),
    "context": (store_in_context, lambda: box.pop()[variable]),
    "interned": (lambda t: box.append((sys.intern("".join(["spell", t.name])), t)), lambda: box.pop()[1]),
    "heap walk": (lambda t: None, lambda: next(o for o in gc.get_objects() if type(o) is Thing)),
}


def lost(name, store, fetch):
    ready, done = threading.Event(), threading.Event()

    def make():
        thing = Thing(name)
        store(thing)
        ready.set()
        count(thing)
        done.wait()

    maker = threading.Thread(target=make)
    maker.start()
    ready.wait()

    def take():
        got = fetch()
        count(got)
        assert got.name == name
        del got
        box.clear()

    take()
    done.set()
    maker.join()
    gc.collect()
    result = died[:]
    died.clear()
    return result != [name]


print([name for name, (store, fetch) in ways.items() if lost(name, store, fetch)])  # expect: []


# What a new thread is given, and what it leaves behind.
def worker(thing, *, more):
    count(thing)
    box.append(more)


def hand_over():
    thing = Thing("argument")
    thread = threading.Thread(target=worker, args=(thing,), kwargs={"more": Thing("keyword")})
    thread.start()
    count(thing)
    thread.join()


hand_over()
box.clear()
gc.collect()
print(sorted(died))  # expect: ['argument', 'keyword']
died.clear()

# Rings of a thread that another one's collection finds.
def rings():
    for _ in range(2000):
        a, b = Thing("ring"), []
        a.other = b
        b.append(a)


threads = [threading.Thread(target=rings) for _ in range(2)]
for thread in threads: thread.start()
while any(thread.is_alive() for thread in threads): gc.collect()
for thread in threads: thread.join()
gc.collect()
print(len(died), set(died))  # expect: 4000 {'ring'}
