values = [
    first,
    second third,
]
