# A parameter that is a cell keeps its register; the closure is a tuple of cells.
def counter(start):
    step = 1
    def advance(by=step):
        nonlocal start
        start += by
        return start
    return advance
