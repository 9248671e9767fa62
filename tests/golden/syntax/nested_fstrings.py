f"{a!r:>{width}.{len(f'{b=}')}} {{text}} \N{BULLET}" 'tail'
t"{ x + 1 = !s:{y}}"
