# Int: powers.
print(2**100, (-3)**5, 7**0, 2**-2, 0**0, pow(3, 200, 13), pow(3, -1, 7), pow(-2, 3, -5), pow(10, 10**20, 7), (-1)**(10**30))  # expect: 1267650600228229401496703205376 -243 1 0.25 1 9 5 -3 4 1
0**-1  # raises ZeroDivisionError: zero to a negative power
pow(2, -1, 4)  # raises ValueError: base is not invertible for the given modulus
pow(2, 3, 0)  # raises ValueError: pow() 3rd argument cannot be 0
pow(2, 3.0, 5)  # raises TypeError: pow() 3rd argument not allowed unless all arguments are integers
