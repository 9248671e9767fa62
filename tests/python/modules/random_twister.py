# _random gives the same numbers as every other Python for the same seed.
import _random
r = _random.Random(5)
print(r.random(), r.getrandbits(100), r.getrandbits(64), r.getrandbits(5), r.getrandbits(0))
# expect: 0.6229016948897019 934511512723165091752237711513 15523137368101252074 23 0
for seed in (0, -5, 2**100, 1.5, True, "x".__len__()):
    r.seed(seed)
    print(r.random())
# expect: 0.8444218515250481
# expect: 0.6229016948897019
# expect: 0.7586581712996778
# expect: 0.551763726942059
# expect: 0.13436424411240122
# expect: 0.13436424411240122
state = r.getstate()
numbers = [r.getrandbits(k) for k in range(0, 200, 7)]
r.setstate(state)
print(len(state), numbers == [r.getrandbits(k) for k in range(0, 200, 7)], sum(numbers) % 1000003)  # expect: 625 True 705064
r.seed()
print(0.0 <= r.random() < 1.0, _random.Random(1).random() == _random.Random(1).random())  # expect: True True
class Loud(_random.Random):
    pass
print(Loud(3).random())  # expect: 0.23796462709189137
_random.Random(1, 2)  # raises TypeError: Random expected at most 1 argument, got 2
_random.Random(x=1)  # raises TypeError: Random() takes no keyword arguments
r.getrandbits(-1)  # raises ValueError: Cannot convert negative int
r.getrandbits(2**70)  # raises OverflowError: Python int too large for C uint64_t
r.setstate(1)  # raises TypeError: state vector must be a tuple
r.setstate((1,))  # raises ValueError: state vector is the wrong size
r.setstate((1,) * 624 + (700,))  # raises ValueError: invalid state
r.setstate((-1,) * 625)  # raises OverflowError: can't convert negative value to unsigned int
r.setstate(("a",) * 625)  # raises TypeError: an integer is required
r.seed([])  # raises TypeError: unhashable type: 'list'
