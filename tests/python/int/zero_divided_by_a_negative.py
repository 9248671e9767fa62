print(0 / -5, -0 / 5, -0 / -5, 0 / 5)  # expect: -0.0 0.0 -0.0 0.0
zero, five = 0, 5
print(zero / -five, -zero / five)  # expect: -0.0 0.0
