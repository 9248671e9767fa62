# The middle operand is evaluated once.
def inside(low, x, high, names):
    if low <= x.value < high and x not in names:
        return x is not None
    return not x or low
