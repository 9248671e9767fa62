# Classes that add a __dict__ to slots, and slots to that: nothing stands where something else does, and cycles are found.
import gc
import weakref


class Slots:
    __slots__ = ("a", "b")


class WithDict(Slots):
    pass


class MoreSlots(WithDict):
    __slots__ = ("x", "y")


class AndAgain(MoreSlots):
    pass


class Last(AndAgain):
    __slots__ = ("z",)


for kind in (WithDict, MoreSlots, AndAgain, Last):
    item = kind()
    names = ["a", "b", "own", "other"] + (["x", "y"] if kind is not WithDict else []) + (["z"] if kind is Last else [])
    for number, name in enumerate(names):
        setattr(item, name, [number])
    print(kind.__name__, [getattr(item, name)[0] for name in names], sorted(item.__dict__))
    item.me = item
    alive = weakref.ref(item)
    del item
    gc.collect()
    print(alive())
# expect: WithDict [0, 1, 2, 3] ['other', 'own']
# expect: None
# expect: MoreSlots [0, 1, 2, 3, 4, 5] ['other', 'own']
# expect: None
# expect: AndAgain [0, 1, 2, 3, 4, 5] ['other', 'own']
# expect: None
# expect: Last [0, 1, 2, 3, 4, 5, 6] ['other', 'own']
# expect: None
