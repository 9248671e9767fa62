"""Classes, methods, properties, inheritance, closures, keyword calls, recursion."""

import functools


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z=0.0):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    @property
    def length(self):
        return self.dot(self) ** 0.5


class Account:
    opened = 0

    def __init__(self, owner, *, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []
        Account.opened += 1

    def deposit(self, amount, note=None):
        self.balance += amount
        self.history.append((amount, note))
        return self

    def fee(self):
        return 1

    def settle(self):
        self.balance -= self.fee()
        return self.balance

    @classmethod
    def named(cls, owner, **options):
        return cls(owner, **options)

    @staticmethod
    def rounded(value):
        return int(value * 100) / 100


class Savings(Account):
    rate = 0.02

    def __init__(self, owner, **options):
        super().__init__(owner, **options)
        self.years = 0

    def fee(self):
        return super().fee() + self.years

    def settle(self):
        self.years += 1
        self.balance += self.balance * self.rate
        return super().settle()


class Node:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


class Tree:
    def __init__(self):
        self.root = None
        self.size = 0

    def insert(self, key):
        node, parent = self.root, None
        while node is not None:
            parent = node
            if key == node.key:
                return False
            node = node.left if key < node.key else node.right
        fresh = Node(key)
        if parent is None:
            self.root = fresh
        elif key < parent.key:
            parent.left = fresh
        else:
            parent.right = fresh
        self.size += 1
        return True

    def depth(self, node):
        return 0 if node is None else 1 + max(self.depth(node.left), self.depth(node.right))

    def __iter__(self):
        return self.walk(self.root)

    def walk(self, node):
        if node is not None:
            yield from self.walk(node.left)
            yield node.key
            yield from self.walk(node.right)


class Event:
    def __init__(self, time, action):
        self.time, self.action = time, action

    def __lt__(self, other):
        return self.time < other.time


class Machine:
    """A little simulator: handlers in a table, state in attributes."""

    def __init__(self):
        self.clock, self.queue, self.done = 0, [], 0
        self.handlers = {"work": self.work, "wait": self.wait}

    def push(self, event):
        low, high = 0, len(self.queue)
        while low < high:
            middle = (low + high) // 2
            if event < self.queue[middle]:
                high = middle
            else:
                low = middle + 1
        self.queue.insert(low, event)

    def work(self, event):
        self.done += 1
        if self.done < 2500:
            self.push(Event(self.clock + 3 + self.done % 5, "wait" if self.done % 3 else "work"))

    def wait(self, event):
        self.push(Event(self.clock + 2, "work"))

    def run(self):
        while self.queue:
            event = self.queue.pop(0)
            self.clock = event.time
            self.handlers[event.action](event)
        return self.clock


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count
    return step


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)
    wrapper.calls = 0
    return wrapper


@traced
def ackermann(m, n):
    if m == 0:
        return n + 1
    return ackermann(m - 1, 1 if n == 0 else ackermann(m, n - 1))


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def queens(size, row=0, columns=0, left=0, right=0):
    if row == size:
        return 1
    found, free = 0, ~(columns | left | right) & ((1 << size) - 1)
    while free:
        bit = free & -free
        free ^= bit
        found += queens(size, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return found


def vectors():
    total = Vector(0.0, 0.0)
    for step in range(4000):
        total = total + Vector(step, -step, 1.0) * 0.5
    return round(total.length, 3)


def accounts():
    everyone = [Savings.named(f"a{index}", balance=index) if index % 2 else Account(f"b{index}", balance=index)
                for index in range(100)]
    for _ in range(20):
        for account in everyone:
            account.deposit(10, note="salary").deposit(5)
            account.settle()
    return Account.rounded(sum(account.balance for account in everyone)), len(everyone[0].history)


def trees():
    tree, value = Tree(), 1
    for _ in range(2500):
        value = value * 1103515245 + 12345 & 0x7FFFFFFF
        tree.insert(value >> 8)
    return tree.size, tree.depth(tree.root), sum(tree) % 1000


machine = Machine()
machine.push(Event(0, "work"))
step = counter()
for index in range(3000):
    step(by=2) if index % 2 else step()
print(vectors(), accounts(), trees(), machine.run(), step(), ackermann(2, 20), ackermann.calls, fib(18), queens(7))
