# Patterns test kind, length and attributes; names are bound when a whole pattern has matched.
def area(shape):
    match shape:
        case Circle(radius=r) if r > 0:
            return 3 * r * r
        case [w, h] | {"width": w, "height": h}:
            return w * h
        case [first, *_]:
            return first
        case None:
            return 0
