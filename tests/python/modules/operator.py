# operator's functions and getters.
import operator as o
import _operator
print(o.add(1, 2), o.sub(5, 3), o.mul("a", 3), o.truediv(1, 2), o.floordiv(7, 2), o.mod(7, 3), o.pow(2, 10), o.neg(1), o.invert(5), o.not_(0), o.truth([]))
# expect: 3 2 aaa 0.5 3 1 1024 -1 -6 True False
print(o.and_(6, 3), o.or_(6, 3), o.xor(6, 3), o.lshift(1, 4), o.rshift(16, 2), o.lt(1, 2), o.ge(1, 2), o.eq("a", "a"), o.is_(None, None), o.is_not(1, None), o.is_none(None), o.is_not_none(1))
# expect: 2 7 5 16 4 True False True True True True True
print(o.contains([1], 1), o.indexOf("abc", "b"), o.countOf([1, 1, 2], 1), o.concat([1], [2]), o.getitem("abc", 1), o.index(True), o.length_hint([1, 2]), o.length_hint(5, 7), o.abs(-3))
# expect: True 1 2 [1, 2] b 1 2 7 3
l = [1, 2]
o.setitem(l, 0, 9)
o.delitem(l, 1)
print(l, o.iadd(l, [5]) is l, l, o.iconcat(l, (6,)), o.ipow(2, 3), o.call(max, 1, 5), o.call(dict, a=1))
# expect: [9, 5, 6] True [9, 5, 6] [9, 5, 6] 8 5 {'a': 1}
class A:
    x = 1
class B:
    a = A()
    y = 2
    def m(self, *args, **kw):
        return args, kw
print(o.attrgetter("y")(B), o.attrgetter("a.x", "y")(B), o.itemgetter(1)("abc"), o.itemgetter(0, -1)([5, 6, 7]), o.itemgetter("k")({"k": 1}), o.itemgetter(slice(1, 3))("abcd"))
# expect: 2 (1, 2) b (5, 7) 1 bc
print(o.methodcaller("m", 1, z=2)(B()), o.methodcaller("upper")("a"), o.attrgetter("a.x"), o.itemgetter(1, 2), o.methodcaller("f", 1, b=2))
# expect: ((1,), {'z': 2}) A operator.attrgetter('a.x') operator.itemgetter(1, 2) operator.methodcaller('f', 1, b=2)
print(o.attrgetter("a.b").__reduce__(), o.itemgetter(1).__reduce__(), o.methodcaller("f", 1).__reduce__())
# expect: (<class 'operator.attrgetter'>, ('a.b',)) (<class 'operator.itemgetter'>, (1,)) (<class 'operator.methodcaller'>, ('f', 1))
o.attrgetter(1)  # raises TypeError: attribute name must be a string
o.itemgetter()  # raises TypeError: itemgetter expected 1 argument, got 0
o.methodcaller()  # raises TypeError: methodcaller needs at least one argument, the method name
o.concat(1, 2)  # raises TypeError: 'int' object can't be concatenated
o.indexOf([1], 2)  # raises ValueError: sequence.index(x): x not in sequence
o.add(1)  # raises TypeError: add expected 2 arguments, got 1
print(_operator._compare_digest("ab", "ab"), _operator._compare_digest(b"ab", b"ac"), _operator._compare_digest(b"", b"a"))
# expect: True False False
_operator._compare_digest("é", "a")  # raises TypeError: comparing strings with non-ASCII characters is not supported
