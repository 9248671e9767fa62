# Two names side by side take an unpacked pair directly.
def assign(pair, box):
    a, b = pair
    a, b = b, a
    first, *rest = pair
    box[0] += a
    box.x = box.y = b
    box[1:a] = rest
    del box[a], first
    return box[a:b], box[-1]
