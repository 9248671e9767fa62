# Float: parsing.
print(float(" 1_000.5 "), float("-1e-400"), float("1e400"), float("+.5"), float("5."), float("Infinity"), float("-nan"), float("٣.٥"), float(b"1.5"))  # expect: 1000.5 -0.0 inf 0.5 5.0 inf nan 3.5 1.5
float("")  # raises ValueError: could not convert string to float: ''
float("1_")  # raises ValueError: could not convert string to float: '1_'
float("0x10")  # raises ValueError: could not convert string to float: '0x10'
float("abc")  # raises ValueError: could not convert string to float: 'abc'
float([])  # raises TypeError: float() argument must be a string or a real number, not 'list'
float(1, 2)  # raises TypeError: float expected at most 1 argument, got 2
float(x=1)  # raises TypeError: float() takes no keyword arguments
