# Float: hexadecimal texts.
print((0.1).hex(), (-0.0).hex(), (5e-324).hex(), float("inf").hex(), float.fromhex("0x1.8p3"), float.fromhex("-.8"), float.fromhex(" inf "), float.fromhex("0x1p-1074"))  # expect: 0x1.999999999999ap-4 -0x0.0p+0 0x0.0000000000001p-1022 inf 12.0 -0.5 inf 5e-324
float.fromhex("0x")  # raises ValueError: invalid hexadecimal floating-point string
float.fromhex("0x1p")  # raises ValueError: invalid hexadecimal floating-point string
float.fromhex("0x1p5000")  # raises OverflowError: hexadecimal value too large to represent as a float
