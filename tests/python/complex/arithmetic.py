# Complex: arithmetic.
print((1 + 2j) * (3 - 4j), (1 + 2j) / (3 - 4j), 1 - 0j, -1j, abs(3 + 4j), (1 + 2j)**2, (1 + 2j)**-3, 3 / 1j, (1 + 2j).conjugate())  # expect: (11+2j) (-0.2+0.4j) (1-0j) (-0-1j) 5.0 (-3+4j) (-0.08800000000000001+0.016j) -3j (1-2j)
print(complex("1-2j"), complex(" ( 1e3j ) "), complex(1, -0.0), complex("nan+infj"), repr(complex(-0.0, 1)), 1j == 1j, hash(1 + 2j), 1e200j * 1e200j)  # expect: (1-2j) 1000j (1-0j) (nan+infj) (-0+1j) True 2000007 (-inf+0j)
print(format(1 + 2j, ".2f"), format(1.5 + 2j, ">12"), format(1j, ""))  # expect: 1.00+2.00j     (1.5+2j) 1j
1j / 0  # raises ZeroDivisionError: division by zero
0j**-1  # raises ZeroDivisionError: zero to a negative or complex power
1j < 2j  # raises TypeError: '<' not supported between instances of 'complex' and 'complex'
complex("1+2")  # raises ValueError: complex() arg is a malformed string
complex("1", 2)  # raises TypeError: complex() argument 'real' must be a real number, not str
format(1j, "05")  # raises ValueError: Zero padding is not allowed in complex format specifier
int(1j)  # raises TypeError: int() argument must be a string, a bytes-like object or a real number, not 'complex'
