match a, *b:
    case [1, -2.5, 3 + 4j, *_] | (None as c) if c:
        pass
    case {"k": v, **rest} | Point(0, y=Z.w):
        pass
