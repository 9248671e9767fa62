# Comprehensions run in the frame of the function; generator expressions have a frame of their own.
def shapes(rows):
    squares = [x * x for row in rows for x in row if x]
    lengths = {str(row): len(row) for row in rows}
    return squares, lengths, {x for x in squares}, sum(x for x in squares)
