# text += more may grow the text where it is, but only what nobody else can see.
def grow(first, *more):
    text = first
    seen = []
    for part in more:
        text += part
        seen.append(text)
    return first, seen


print(grow("q", "y", "z"))  # expect: ('q', ['qy', 'qyz'])
print(grow("a", "é", "日", "😀", "b"))  # expect: ('a', ['aé', 'aé日', 'aé日😀', 'aé日😀b'])


def hashes():
    text = "x" * 50
    before = hash(text)
    text += "y"
    return before == hash("x" * 50), hash(text) == hash("x" * 50 + "y"), len(text)


print(hashes())  # expect: (True, True, 51)


def doubled():
    text = "ab"
    for _ in range(3):
        text += text
    return text


print(doubled())  # expect: abababababababab


def refused():
    text = "kept"
    try:
        text += 5
    except TypeError as error:
        return str(error), text


print(refused())  # expect: ('can only concatenate str (not "int") to str', 'kept')


def encoded():
    text = "é"
    first = text.encode()
    text += "à"
    text += "ü" * 40
    return first, len(text.encode()), text[:3]


print(encoded())  # expect: (b'\xc3\xa9', 84, 'éàü')
