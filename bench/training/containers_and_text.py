"""dict, set, list, tuple, str: comprehensions, sorting, counting, splitting, searching."""

import collections
import heapq
import itertools
import re
import string

TEXT = """It was a bright cold day in the town by the river; the clocks were late, and nobody minded.
A man with a parcel crossed the square, looked up, counted the windows (there were forty) and went in.
"""


def words():
    counts, positions = {}, collections.defaultdict(list)
    for number, line in enumerate((TEXT * 20).splitlines()):
        for word in line.split():
            word = word.strip(string.punctuation).lower()
            if not word:
                continue
            counts[word] = counts.get(word, 0) + 1
            positions[word].append(number)
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
    return common, max(len(where) for where in positions.values())


def encode():
    frequencies = collections.Counter(TEXT)
    heap = [(count, index, letter) for index, (letter, count) in enumerate(sorted(frequencies.items()))]
    heapq.heapify(heap)
    numbers = itertools.count(len(heap))
    while len(heap) > 1:
        low, high = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (low[0] + high[0], next(numbers), (low[2], high[2])))
    codes = {}

    def assign(node, prefix):
        if isinstance(node, tuple):
            assign(node[0], prefix + "0")
            assign(node[1], prefix + "1")
        else:
            codes[node] = prefix
    assign(heap[0][2], "")
    bits = "".join(codes[letter] for letter in TEXT)
    back = {code: letter for letter, code in codes.items()}
    out, start = [], 0
    for end in range(1, len(bits) + 1):
        letter = back.get(bits[start:end])
        if letter is not None:
            out.append(letter)
            start = end
    return len(bits), "".join(out) == TEXT


def graph():
    edges = {(x, y): [(x + dx, y + dy) for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1))
                      if 0 <= x + dx < 30 and 0 <= y + dy < 30 and (x + dx) * (y + dy) % 7]
             for x in range(30) for y in range(30)}
    distance, queue = {(1, 1): 0}, collections.deque([(1, 1)])
    while queue:
        here = queue.popleft()
        for there in edges[here]:
            if there not in distance:
                distance[there] = distance[here] + 1
                queue.append(there)
    return len(distance), max(distance.values())


def sets():
    pieces = [frozenset((x * k + y) % 60 for x in range(5)) for k in range(1, 8) for y in range(40)]
    found, seen = 0, set()
    for piece in pieces:
        if seen.isdisjoint(piece) or len(seen & piece) == 1:
            seen |= piece
            found += 1
    everything = set().union(*pieces)
    return found, len(everything - seen), len({len(a | b) for a, b in zip(pieces, pieces[1:])}), len(set(pieces))


def puzzles():
    orders = sum(1 for order in itertools.permutations(range(6))
                 if len({order[i] + i for i in range(6)}) == 6 == len(set(order[i] - i for i in range(6))))
    triples = [(a, b, c) for c in range(1, 60) for b in range(1, c) for a in range(1, b) if a * a + b * b == c * c]
    return orders, len(triples), [sum(group) for _, group in itertools.groupby(range(20), key=lambda n: n // 7)]


class Widget:
    def __init__(self, number):
        self.number, self.visible, self.tags = number, number % 3 != 0, {f"t{number % 5}"}


def records():
    widgets = [Widget(number) for number in range(400)]
    shown = [widget for widget in widgets if widget.visible]
    by_tag = {tag: [widget.number for widget in shown if tag in widget.tags] for tag in ("t0", "t1", "t2")}
    first, *rest = shown
    names = [f"{widget.number:03d}:{'x' if widget.visible else '-'}" for widget in widgets]
    pairs = list(map(lambda widget: (widget.number, widget), rest))
    pairs.sort(key=lambda pair: pair[0] * 37 % 101)
    return len(by_tag["t1"]), any(w.number > 390 for w in shown), all(w.tags for w in shown), len("".join(names)), \
        pairs[0][0], first.number


def text():
    found = re.findall(r"\b(\w+)ed\b", TEXT * 5)
    table = str.maketrans("aeiou", "AEIOU")
    lines = [line.translate(table).replace("thE", "a").title() for line in TEXT.split("\n")]
    data = bytearray()
    for letter in TEXT.encode():
        data.append(letter ^ 0x20 if 97 <= letter < 123 else letter)
    cells = ["%s=%d;" % (name, index) for index, name in enumerate(found)]
    return len(found), sum(line.count("A") for line in lines), data.find(b"RIVER"), len("".join(cells)), \
        TEXT.partition("river")[0][-4:], str(1234.5678), repr(0.1 + 0.2), int("123456") + float("1.5")


def bits():
    """A bit reader over bytes, as decompressors have them."""
    source, value, count, position, total = bytes(range(256)) * 8, 0, 0, 0, 0
    width = 3
    while position < len(source) - 2:
        while count < width:
            value |= source[position] << count
            position += 1
            count += 8
        total = total * 31 + (value & ((1 << width) - 1)) & 0xFFFFFF
        value >>= width
        count -= width
        width = 3 + total % 6
    return total


print(words(), encode(), graph(), sets(), puzzles(), records(), text(), bits())
