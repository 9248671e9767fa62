print(round(15, -1), round(25, -1), round(-15, -1), round(10**20 + 5, -1), round(5, -3), round(7, 2))  # expect: 20 20 -20 100000000000000000000 0 7
print((255).bit_length(), (-256).bit_length(), (2**70).bit_length(), (-7).bit_count(), (2**70 - 1).bit_count(), (6).as_integer_ratio())  # expect: 8 9 71 3 70 (6, 1)
print((5).real, (5).imag, (5).numerator, (5).denominator, (5).is_integer(), (5).conjugate(), True.real, type(True.numerator) is int)  # expect: 5 0 5 1 True 5 1 True
