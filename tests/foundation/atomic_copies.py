# Copies of containers beside threads that change them: never an error, never a torn or lost item. The items that no
# writer touches are in every copy.
import _thread
import time

STABLE = 40
numbers = list(range(STABLE))
table = {i: str(i) for i in range(STABLE)}
words = {"k%d" % i: i for i in range(STABLE)}
members = set(range(STABLE))
end = time.perf_counter() + 1.5
errors, locks = [], []


def grow_and_shrink(step):
    for i in range(STABLE + step, STABLE + 400, 3):
        table[i] = str(i)
        words["k%d" % i] = i
        members.add(i)
        numbers.append(i)
    for i in range(STABLE + step, STABLE + 400, 3):
        table.pop(i, None)
        words.pop("k%d" % i, None)
        members.discard(i)
        if len(numbers) > STABLE:
            numbers.pop()


def check_dicts(_):
    into = {}
    into.update(table)
    for copy in (dict(table), table.copy(), into, {**table}, table | {}, dict(table.items()), dict(list(table.items()))):
        assert all(copy[i] == str(i) for i in range(STABLE)), copy
        assert all(str(k) == v for k, v in copy.items()), copy
    for keys in (list(table), tuple(table), sorted(table), list(table.keys()), [*table], set(table), set(table.keys())):
        assert set(range(STABLE)) <= set(keys), keys
    assert {str(i) for i in range(STABLE)} <= set(list(table.values()))
    assert len(list(table.items())) >= STABLE and "39: '39'" in repr(table)
    assert "k39" in ",".join(words) and "k39" in "".join(list(words))

    def named(**kw):
        return kw
    copy = named(**words)
    assert all(copy["k%d" % i] == i for i in range(STABLE)), copy


def check_sets(_):
    some = set(range(STABLE))
    into = set()
    into.update(members)
    for copy in (set(members), members.copy(), frozenset(members), members | set(), into, set(list(members)), members & members,
                 set(sorted(members)), {*members}, members - {-1}, some | members, members ^ set()):
        assert some <= copy, copy
    assert some <= members and members >= some and not members.isdisjoint(some)
    assert members & some == some and some - members == set()


def check_lists(_):
    for copy in (list(numbers), numbers.copy(), numbers[:], [*numbers], list(tuple(numbers)), sorted(numbers)[:], numbers + [],
                 numbers * 1):
        assert all(type(item) is int for item in copy) and len(copy) >= STABLE, copy
        assert copy[:STABLE] == list(range(STABLE)) or set(range(STABLE)) <= set(copy), copy
    into = [-1]
    into.extend(numbers)
    into += numbers
    assert into[1:STABLE + 1] == list(range(STABLE)), into


def work(job, index, done):
    try:
        while time.perf_counter() < end and not errors:
            job(index)
    except BaseException as error:
        errors.append(f"{job.__name__}: {type(error).__name__}: {error}")
    finally:
        done.release()


for index, job in enumerate((grow_and_shrink, check_dicts, grow_and_shrink, check_sets, grow_and_shrink, check_lists)):
    done = _thread.allocate_lock()
    done.acquire()
    locks.append(done)
    _thread.start_new_thread(work, (job, index // 2, done))
for done in locks:
    done.acquire()
print(errors)  # expect: []
