# float.fromhex rounds to nearest even among subnormal numbers too, where the last bit kept is fixed.
print(float.fromhex("0x1.ffffffffffff8p-1023"))  # expect: 2.2250738585071994e-308
print(float.fromhex("0x0.fffffffffffff8p-1022"))  # expect: 2.2250738585072014e-308
print(float.fromhex("0x0.fffffffffffff7fffp-1022"))  # expect: 2.225073858507201e-308
print(float.fromhex("0x1p-1075"), float.fromhex("0x1.8p-1075"), float.fromhex("0x3p-1076"))  # expect: 0.0 5e-324 5e-324
print(float.fromhex("0x1.00000000000008p0"), float.fromhex("0x1.000000000000080000000000000001p0"))  # expect: 1.0 1.0000000000000002
print(float.fromhex("-0x.8p-2000000000000000000000"), float.fromhex("-inf"))  # expect: -0.0 -inf
float.fromhex("0x1p99999999999999999999999")  # raises OverflowError: hexadecimal value too large to represent as a float
