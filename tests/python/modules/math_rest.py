# math's integer functions, sums of products and neighbours of a float.
import math

print(math.comb(5, 2), math.comb(52, 5), math.comb(3, 7), math.comb(200, 100) % 10**9)  # expect: 10 2598960 0 336841320
print(math.perm(5), math.perm(5, 2), math.perm(3, 7), math.perm(30, 20) % 10**9)  # expect: 120 20 0 449600000
print(math.lcm(), math.lcm(4, 6, -10), math.lcm(0, 5), math.lcm(2**70, 6))  # expect: 1 60 0 3541774862152233910272
print(math.dist((1, 2, 3), (4, 6, 15)))  # expect: 13.0
print(math.hypot(3, 4), math.hypot(1e-320, 1e-320), math.hypot(1e300, 1e300, 1e300))  # expect: 5.0 1.414e-320 1.7320508075688774e+300
print(math.remainder(7, 4), math.remainder(-5.5, 2), math.ulp(1.0), math.ulp(0.0))  # expect: -1.0 0.5 2.220446049250313e-16 5e-324
print(math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0, steps=3), math.nextafter(-5e-324, 1, steps=1))  # expect: 1.0000000000000002 0.9999999999999997 -0.0
print(math.fma(0.1, 10, -1))  # expect: 5.551115123125783e-17
print(math.sumprod([1, 2, 3], [4, 5, 6]), math.sumprod([0.1] * 10, [1] * 10), math.sumprod([], []))  # expect: 32 1.0 0
print(math.sumprod([10**20, 1, -(10**20)], [1.0, 1, 1]))  # expect: 0.0
for call in (lambda: math.comb(-1, 2), lambda: math.perm(5, -2), lambda: math.sumprod([1], []), lambda: math.dist((1,), (1, 2)),
             lambda: math.remainder(1, 0), lambda: math.fma(1e308, 10, 0), lambda: math.nextafter(1, 2, steps=-1)):
    try:
        call()
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, error)
# expect: ValueError n must be a non-negative integer
# expect: ValueError k must be a non-negative integer
# expect: ValueError Inputs are not the same length
# expect: ValueError both points must have the same number of dimensions
# expect: ValueError math domain error
# expect: OverflowError overflow in fma
# expect: ValueError steps must be a non-negative integer
