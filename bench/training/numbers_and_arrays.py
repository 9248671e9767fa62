"""Arithmetic on ints and floats, lists of lists, while and range loops."""

import math


def sieve(limit):
    flags = bytearray([1]) * (limit + 1)
    flags[0] = flags[1] = 0
    for candidate in range(2, math.isqrt(limit) + 1):
        if flags[candidate]:
            flags[candidate * candidate::candidate] = bytes(len(range(candidate * candidate, limit + 1, candidate)))
    return sum(flags)


def matrix_product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def solve(matrix, right):
    """Gaussian elimination with partial pivoting."""
    size = len(matrix)
    rows = [row[:] + [value] for row, value in zip(matrix, right)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda index: abs(rows[index][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for index in range(column + 1, size):
            factor = rows[index][column] / rows[column][column]
            row, top = rows[index], rows[column]
            for k in range(column, size + 1):
                row[k] -= factor * top[k]
    result = [0.0] * size
    for index in range(size - 1, -1, -1):
        known = 0.0
        for k in range(index + 1, size):
            known += rows[index][k] * result[k]
        result[index] = (rows[index][size] - known) / rows[index][index]
    return result


def collatz(limit):
    longest = best = 0
    for start in range(1, limit):
        steps, value = 0, start
        while value != 1:
            value = value >> 1 if value % 2 == 0 else 3 * value + 1
            steps += 1
        if steps > longest:
            longest, best = steps, start
    return best


def relax(width, rounds):
    """Heat on a plate: five-point stencil over a list of lists."""
    grid = [[0.0] * width for _ in range(width)]
    grid[0] = [100.0] * width
    for _ in range(rounds):
        for y in range(1, width - 1):
            above, row, below = grid[y - 1], grid[y], grid[y + 1]
            for x in range(1, width - 1):
                row[x] += 0.9 * (0.25 * (above[x] + below[x] + row[x - 1] + row[x + 1]) - row[x])
    return grid[width // 2][width // 2]


def mandelbrot(width, depth):
    inside = 0
    for row in range(width):
        for column in range(width):
            c = complex(3.0 * column / width - 2.0, 2.0 * row / width - 1.0)
            z = 0j
            for _ in range(depth):
                z = z * z + c
                if abs(z) > 2.0:
                    break
            else:
                inside += 1
    return inside


def big_numbers(count):
    product = 1
    for factor in range(1, count):
        product *= factor
    digits = 0
    while product:
        product, rest = divmod(product, 1_000_000_007)
        digits ^= rest
    return digits


def permute(items):
    """Heap's way through all orders, by swaps and slices."""
    counts, flips, index = [0] * len(items), 0, 1
    while index < len(items):
        if counts[index] < index:
            other = 0 if index % 2 == 0 else counts[index]
            items[other], items[index] = items[index], items[other]
            flips += items[:items[0] + 1][::-1][0]
            counts[index] += 1
            index = 1
        else:
            counts[index] = 0
            index += 1
    return flips


matrix = [[math.sin(x * 7 + y) + (5.0 if x == y else 0.0) for x in range(24)] for y in range(24)]
print(sieve(60_000), round(sum(solve(matrix, [1.0] * 24)), 9), round(matrix_product(matrix, matrix)[3][4], 9),
      collatz(1500), round(relax(36, 25), 6), mandelbrot(40, 40), big_numbers(400), permute(list(range(7))))
