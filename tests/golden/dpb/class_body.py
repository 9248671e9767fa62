# A class body has its namespace in register 0.
class Point:
    """A point."""
    x: int = 0
    def __init__(self, x):
        super().__init__()
        self.x = x
