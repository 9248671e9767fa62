# __annotate__ asks which annotations were reached: the class keeps their numbers in a cell.
class Options:
    if debug:
        level: int
