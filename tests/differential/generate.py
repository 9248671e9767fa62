"""Random programs whose every line prints something: generate(seed, area, lines) -> source text.

A program is straight-line code over a few variables; each line evaluates one random expression and prints its repr, or
the exception it raised, so that one wrong value shows as one wrong line. Sizes are bounded, so no line runs long.
"""
import random

PROLOGUE = '''\
def show(number, function):
    try:
        result = function()
        text = repr(result)
        if isinstance(result, (set, frozenset)) and any(item != item for item in result):
            text = sorted(map(repr, result))  # a NaN hashes by its address, so the order is chance
        print(number, type(result).__name__, text)
    except Exception as error:
        print(number, "raises", type(error).__name__ + ":", error)


'''


ORDERS = ("'big'", "'little'")
FILLS = ("'*'", "'数'")
CODECS = ("'ascii'", "'latin-1'")
HANDLERS = ("'strict'", "'replace'", "'ignore'", "'backslashreplace'")
DECODINGS = ("", "'latin-1'", "'utf-8', 'replace'", "'ascii', 'ignore'")


class Maker:
    def __init__(self, seed, area):
        self.random = random.Random(f"{seed} {area}")
        self.pick = self.random.choice

    # -- values ----------------------------------------------------------------------------------------------------

    def int(self):
        r = self.random
        kind = r.randrange(8)
        if kind < 3:
            return str(r.randint(-20, 20))
        if kind < 5:
            return str(r.randint(-2 ** 31, 2 ** 31))
        if kind == 5:
            return str(self.pick((-1, 1)) * (2 ** self.pick((30, 61, 62, 63, 64, 127, 128)) + r.randint(-2, 2)))
        if kind == 6:
            return str(r.randint(-2 ** 200, 2 ** 200))
        return self.pick(("True", "False", "0", "-1", "1"))

    def float(self):
        r = self.random
        kind = r.randrange(6)
        if kind == 0:
            return self.pick(("0.0", "-0.0", "1.0", "-1.5", "1e308", "5e-324", "1e16", "123456789.125", "float('inf')",
                              "float('-inf')", "float('nan')", "1e22", "1e-5", "0.1", "2.675", "1e-77", "1e77"))
        if kind < 4:
            return repr(round(r.uniform(-1000, 1000), r.randrange(6)))
        return repr(r.uniform(-1, 1) * 10.0 ** r.randint(-300, 300))

    def number(self):
        return self.int() if self.random.random() < 0.6 else self.float()

    def str(self):
        alphabet = self.pick(("abc", "ab ", "aAbB1 _", "éßÆ", "数据据", "a🐍b", "\t\n x", "01a", "xyz,;"))
        return ascii("".join(self.pick(alphabet) for _ in range(self.random.randrange(9)))) \
            if self.random.random() < 0.3 else repr("".join(self.pick(alphabet) for _ in range(self.random.randrange(9))))

    def bytes(self):
        return repr(bytes(self.pick((0, 9, 32, 48, 65, 97, 98, 127, 128, 255)) for _ in range(self.random.randrange(8))))

    def index(self):
        return self.pick(("", str(self.random.randint(-9, 9)), str(self.random.randint(-3, 3)), "None"))

    def slice(self):
        step = self.pick(("", "", "1", "-1", "2", "-3", "0")) if self.random.random() < 0.5 else None
        text = f"{self.index()}:{self.index()}"
        return f"[{text}]" if step is None else f"[{text}:{step}]"

    def items(self):
        return ", ".join(self.pick((self.int, self.str, self.float))() for _ in range(self.random.randrange(6)))

    def list(self):
        return f"[{self.items()}]"

    def tuple(self):
        text = self.items()
        return f"({text},)" if text else "()"

    def set(self):
        return "{" + ", ".join(self.int() for _ in range(self.random.randrange(1, 7))) + "}"

    def dict(self):
        return "{" + ", ".join(f"{self.pick((self.int, self.str))()}: {self.int()}"
                               for _ in range(self.random.randrange(6))) + "}"

    def any(self):
        return self.pick((self.int, self.float, self.str, self.bytes, self.list, self.tuple, self.set, self.dict))()

    # -- areas -----------------------------------------------------------------------------------------------------

    def area_int(self):
        a, b = self.int(), self.int()
        return self.pick((
            lambda: f"({a}) {self.pick(('+', '-', '*', '//', '%', '&', '|', '^', '/', '==', '<', '<=', '!='))} ({b})",
            lambda: f"({a}) << {self.random.randrange(140)}", lambda: f"({a}) >> {self.random.randrange(140)}",
            lambda: f"({a}) ** {self.random.randrange(-2, 9)}", lambda: f"divmod({a}, {b})",
            lambda: f"pow({a}, {self.random.randrange(50)}, {b})", lambda: f"-({a}), +({a}), ~({a}), abs({a})",
            lambda: f"hash({a})", lambda: f"({a}).bit_length(), ({a}).bit_count(), bool({a})",
            lambda: f"hex({a}), oct({a}), bin({a})", lambda: f"int(str({a})), int(hex({a}), 16)",
            lambda: f"int({self.str()})", lambda: f"int({self.str()}, {self.random.randrange(0, 37)})",
            lambda: f"round({a}, {self.random.randint(-5, 3)})", lambda: f"float({a})", lambda: f"int({self.float()})",
            lambda: f"({a}).to_bytes({self.random.randrange(1, 30)}, {self.pick(ORDERS)}, signed={self.pick((True, False))})",
            lambda: f"int.from_bytes({self.bytes()}, {self.pick(ORDERS)}, signed={self.pick((True, False))})",
            lambda: f"isinstance({a}, int), ({a}).__index__()",
            lambda: f"sum([{a}, {b}, {self.int()}]), max({a}, {b}), min({a}, {b})",
        ))()

    def area_float(self):
        a, b = self.number(), self.float()
        return self.pick((
            lambda: f"({a}) {self.pick(('+', '-', '*', '/', '//', '%', '**', '==', '<', '>='))} ({b})",
            lambda: f"divmod({a}, {b})", lambda: f"round({b}, {self.random.randint(-3, 8)})", lambda: f"round({b})",
            lambda: f"int({b})", lambda: f"({b}).as_integer_ratio()", lambda: f"({b}).hex()", lambda: f"({b}).is_integer()",
            lambda: f"float.fromhex(({b}).hex())", lambda: f"str({b}), hash({b}) if {b} == {b} else None", lambda: f"float({self.str()})",
            lambda: f"abs({b}), -({b})", lambda: f"({b}).__floor__(), ({b}).__ceil__(), ({b}).__trunc__()",
            lambda: f"complex({b}, {self.float()}) {self.pick(('+', '-', '*', '/'))} ({a})", lambda: f"abs(complex({b}, {a}))",
            lambda: f"float(str({b})) == {b}", lambda: f"({self.int()}) / ({self.int()})",
            lambda: f"({self.int()}) {self.pick(('<', '==', '>'))} ({b})",
        ))()

    def area_str(self):
        a, b, c = self.str(), self.str(), self.str()
        n = self.random.randint(-3, 9)
        return self.pick((
            lambda: f"{a} + {b}", lambda: f"{a} * {n}", lambda: f"{a}{self.slice()}", lambda: f"{a}[{n}]",
            lambda: f"{b} in {a}", lambda: f"{a} {self.pick(('<', '==', '>='))} {b}",
            lambda: f"{a}.{self.pick(('find', 'rfind', 'index', 'rindex', 'count'))}({b}, {n})",
            lambda: f"{a}.{self.pick(('upper', 'lower', 'title', 'swapcase', 'capitalize', 'casefold'))}()",
            lambda: f"{a}.{self.pick(('strip', 'lstrip', 'rstrip'))}({self.pick(('', b))})",
            lambda: f"{a}.{self.pick(('split', 'rsplit'))}({self.pick(('', 'None', b, b + ', 1', 'None, 1'))})",
            lambda: f"{a}.{self.pick(('partition', 'rpartition'))}({b})", lambda: f"{a}.replace({b}, {c}, {n})",
            lambda: f"{a}.splitlines({self.pick(('', 'True'))})", lambda: f"{a}.join([{b}, {c}])",
            lambda: f"{a}.{self.pick(('center', 'ljust', 'rjust'))}({n}, {self.pick(FILLS + (b,))})",
            lambda: f"{a}.zfill({n}), {a}.expandtabs({n})", lambda: f"{a}.startswith({b}), {a}.endswith(({b}, {c}))",
            lambda: f"[{a}.{self.pick(('isalpha', 'isdigit', 'isdecimal', 'isnumeric', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle', 'isidentifier', 'isprintable', 'isascii'))}()]",
            lambda: f"{a}.encode('utf-8'), {a}.encode('utf-16-le')", lambda: f"{a}.encode({self.pick(CODECS)}, {self.pick(HANDLERS)})",
            lambda: f"ascii({a}), repr({a}), len({a})", lambda: f"[ord(c) for c in {a}]",
            lambda: f"{a}.translate({{97: 'X', 98: None, 32: 95}})", lambda: f"{a}.removeprefix({b}), {a}.removesuffix({b})",
            lambda: f"sorted({a}), list(reversed({a})), max({a})", lambda: f"hash({a}) == hash({b})",
        ))()

    def area_bytes(self):
        a, b = self.bytes(), self.bytes()
        kind = self.pick(("", "bytearray"))
        a = f"bytearray({a})" if kind else a
        n = self.random.randint(-3, 9)
        return self.pick((
            lambda: f"{a} + {b}", lambda: f"{a} * {n}", lambda: f"{a}{self.slice()}", lambda: f"{a}[{n}]",
            lambda: f"{b} in {a}, {n} in {a}", lambda: f"{a}.{self.pick(('find', 'count', 'index', 'rfind'))}({b})",
            lambda: f"{a}.{self.pick(('upper', 'lower', 'title', 'strip', 'split', 'splitlines', 'isalpha', 'isspace'))}()",
            lambda: f"{a}.replace({b}, b'xy')", lambda: f"{a}.hex(), bytes.fromhex({a}.hex())", lambda: f"list({a})",
            lambda: f"{a}.decode({self.pick(DECODINGS)})",
            lambda: f"{a} {self.pick(('<', '==', '>'))} {b}", lambda: f"{a}.join([{b}, b'-'])", lambda: f"{a}.partition({b})",
            lambda: f"bytes({self.list()})", lambda: f"bytes({n})", lambda: f"memoryview({a}).tolist()",
        ))()

    def area_format(self):
        spec = "".join((self.pick(("", "", "*<", ">", "^", "0=", "<")), self.pick(("", "+", " ", "-")), self.pick(("", "#")),
                        self.pick(("", "0")), self.pick(("", "5", "12", "30")), self.pick(("", ",", "_")),
                        self.pick(("", ".0", ".3", ".10")),
                        self.pick(("", "d", "x", "b", "o", "e", "f", "g", "%", "s", "n", "E", "G", "X", "c"))))
        value = self.pick((self.int, self.float, self.str))()
        percent = "%" + self.pick(("", "-", "+", "0", " ", "#")) + self.pick(("", "8", "*")) + self.pick(("", ".2")) + \
            self.pick("dsrxofegGXiuca%")
        return self.pick((
            lambda: f"format({value}, {spec!r})", lambda: f"format({value}, '{self.pick(('>12', '<5', '^9'))}')",
            lambda: f"{percent!r} % ({'9, ' if '*' in percent else ''}{value},)", lambda: f"'{{}} {{0!r}}'.format({value})" if self.random.random() < 0.1 else f"'{{0}}|{{0!r:>10}}|{{1}}'.format({value}, {self.any()})",
            lambda: f"repr({self.any()})", lambda: f"str({self.any()})", lambda: f"'{{0[0]}}'.format({self.list()})",
        ))()

    def area_containers(self):
        a, b = self.list(), self.list()
        d, e, s, t = self.dict(), self.dict(), self.set(), self.set()
        n = self.random.randint(-6, 6)
        return self.pick((
            lambda: f"{a} + {b}", lambda: f"{a} * {n}", lambda: f"{a}{self.slice()}", lambda: f"{self.tuple()}{self.slice()}",
            lambda: f"{a}[{n}]", lambda: f"(lambda x: (x.insert({n}, 'new'), x)[1])({a})", lambda: f"(lambda x: (x.pop({n}), x))({a})",
            lambda: f"(lambda x: (x.__setitem__(slice({self.index() or None}, {self.index() or None}, {self.pick(('None', '1', '2', '-1'))}), {b}), x)[1])({a})",
            lambda: f"(lambda x: (x.__delitem__(slice({self.index() or None}, {self.index() or None}, {self.pick(('None', '1', '2', '-2'))})), x)[1])({a})",
            lambda: f"sorted({self.set()}), sorted({a}, key=str), sorted({a}, key=repr, reverse=True)", lambda: f"sorted({a})",
            lambda: f"{a} {self.pick(('<', '==', '>='))} {b}", lambda: f"{a}.index({self.int()})", lambda: f"{a}.count({self.int()})",
            lambda: f"{d} | {e}", lambda: f"(lambda x: (x.pop({self.int()}, 'none'), x))({d})", lambda: f"{d}[{self.int()}]",
            lambda: f"list({d}.items()), list(reversed({d}))", lambda: f"{d} == {e}", lambda: f"(lambda x: (x.popitem(), x))({d})",
            lambda: f"{s} {self.pick(('|', '&', '-', '^', '<=', '<', '=='))} {t}", lambda: f"{s}.isdisjoint({t}), len({s})",
            lambda: f"{self.int()} in {s}", lambda: f"list({s})", lambda: f"frozenset({s}) | {t}", lambda: f"dict(zip({a}, {b}))",
            lambda: f"[x for x in {a} if {self.int()} in {s}]", lambda: f"(lambda a, *b: (a, b))(*{a})",
            lambda: f"(lambda **k: k)(**{d})", lambda: f"[*{a}, *{s}], {{**{d}, **{e}}}", lambda: f"list(range({n}, {self.random.randint(-9, 9)}, {self.pick((1, 2, -1, -3))}))",
            lambda: f"range({n}, 20, 3){self.slice()}", lambda: f"list(enumerate({a}, {n})), list(map(str, {a})), list(filter(None, {a}))",
            lambda: f"hash({self.tuple()}) == hash({self.tuple()}), {self.tuple()} < {self.tuple()}",
            lambda: f"dict.fromkeys({a}, {n})", lambda: f"any({a}), all({a}), len({a})", lambda: f"set({a})", lambda: f"min({a}), max({a})",
        ))()

    def area_errors(self):
        a, b = self.any(), self.any()
        return self.pick((
            lambda: f"({a}) {self.pick(('+', '-', '/', '//', '%', '@', '&', '|', '<', '>', 'in', 'is'))} ({b})" if self.random.random() < 0.8 else f"({a})[{b}]",
            lambda: f"({a})[{b}]", lambda: f"({a})()", lambda: f"len({a})", lambda: f"iter({a}) and None", lambda: f"-({a})", lambda: f"({a}).nothing",
            lambda: f"int({a})", lambda: f"float({a})", lambda: f"hash({a})" if "nan" not in a else f"bool({a})", lambda: f"[*({a})]", lambda: f"{{**({a})}}", lambda: f"(lambda x, y: 0)(*({a}))",
            lambda: f"range({a})", lambda: f"chr({a})", lambda: f"ord({a})", lambda: f"''.join({a})", lambda: f"sum({a})", lambda: f"abs({a})", lambda: f"isinstance({a}, {b})",
            lambda: f"dict({a})", lambda: f"round({a})", lambda: f"divmod({a}, {b})", lambda: f"pow({a}, {b}) if not isinstance({b}, int) else None",
        ))()


AREAS = sorted(name[5:] for name in dir(Maker) if name.startswith("area_"))


def generate(seed, area, lines):
    maker = Maker(seed, area)
    out = [f"# area {area}, seed {seed}", PROLOGUE]
    for number in range(lines):
        expression = getattr(maker, "area_" + area)()
        out.append(f"show({number}, lambda: ({expression}))")
    return "\n".join(out) + "\n"
