# The loop is tested at the bottom; `break` gives the iterator back, the fall through of FOR_ITER does it itself.
def first_even(items):
    for item in items:
        if item % 2 == 0:
            break
    else:
        item = None
    return item
