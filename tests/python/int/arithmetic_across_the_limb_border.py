# Int: arithmetic across the limb border.
a = 2**64 - 1
print(a + 1, a * a, -a // 7, -a % 7, a // -7, a % -7, divmod(-a, 2**63))  # expect: 18446744073709551616 340282366920938463426481119284349108225 -2635249153387078803 6 -2635249153387078803 -6 (-2, 1)
print(2**62 - 1 + 1, -(2**62) - 1, (2**62) * -1, 2**63 >> 1, -(2**63) >> 70, 1 << 64)  # expect: 4611686018427387904 -4611686018427387905 -4611686018427387904 4611686018427387904 -1 18446744073709551616
print(a & -2, a | 1 << 70, a ^ -1, ~a, -(2**64) & 2**64, -1 ^ 2**80)  # expect: 18446744073709551614 1199038364791120855039 -18446744073709551616 -18446744073709551616 18446744073709551616 -1208925819614629174706177
1 // 0  # raises ZeroDivisionError: division by zero
5 % 0  # raises ZeroDivisionError: division by zero
1 << -1  # raises ValueError: negative shift count
1 << (1 << 70)  # raises OverflowError: too many digits in integer
