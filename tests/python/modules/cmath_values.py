# cmath: values, branch cuts (a zero's sign decides), special values, errors.
import cmath
from cmath import inf, nan
print(cmath.sqrt(-1), cmath.sqrt(complex(-1, -0.0)), cmath.sqrt(3 + 4j), cmath.sqrt(complex(5e-324, 5e-324)), cmath.sqrt(1e308 + 1e308j))  # expect: 1j -1j (2+1j) (2.4421097261308304e-162+1.0115549693666347e-162j) (1.09868411346781e+154+4.5508986056222734e+153j)
print(cmath.exp(1j), cmath.exp(709.9 + 1j), cmath.log(-1), cmath.log(complex(-1, -0.0)), cmath.log(1e308 + 1e308j), cmath.log(5e-324j))  # expect: (0.5403023058681398+0.8414709848078965j) (1.092168192007999e+308+1.7009511788556363e+308j) 3.141592653589793j -3.141592653589793j (709.542782232446+0.7853981633974483j) (-744.4400719213813+1.5707963267948966j)
print(cmath.log(8, 2), cmath.log(1 + 1e-9j), cmath.log10(-1000), cmath.log(2j, 1j))  # expect: (3+0j) (5e-19+1e-09j) (2.9999999999999996+1.3643763538418412j) (1-0.4412712003053032j)
print(cmath.sin(1 + 2j), cmath.cos(1 + 2j), cmath.tan(1 + 2j), cmath.tanh(400 + 1j), cmath.sinh(710 + 1j), cmath.cosh(-710.1 + 1j))  # expect: (3.165778513216168+1.9596010414216063j) (2.0327230070196656-3.0518977991518j) (0.0338128260798967+1.0147936161466335j) (1+0j) (6.035162617272641e+307+9.399208879688905e+307j) (6.669886210467185e+307-1.0387732306750805e+308j)
print(cmath.asin(2), cmath.asin(complex(2, -0.0)), cmath.acos(2), cmath.acos(complex(2, -0.0)), cmath.atan(2j), cmath.atan(complex(-0.0, 2)))  # expect: (1.5707963267948966+1.3169578969248166j) (1.5707963267948966-1.3169578969248166j) -1.3169578969248166j 1.3169578969248166j (1.5707963267948966+0.5493061443340549j) (-1.5707963267948966+0.5493061443340549j)
print(cmath.asinh(1e308 - 1e308j), cmath.acosh(-1e308 + 1j), cmath.acosh(0.5), cmath.atanh(2), cmath.atanh(complex(1, 1e-300)), cmath.atanh(1e200 + 1e200j))  # expect: (710.235929413006-0.7853981633974483j) (709.889355822726+3.141592653589793j) 1.0471975511965979j (0.5493061443340549+1.5707963267948966j) (345.73433753938684+0.7853981633974483j) (5e-201+1.5707963267948966j)
print(cmath.polar(-1), cmath.phase(-0.0 - 0j), cmath.rect(2, cmath.pi), cmath.rect(0, nan), cmath.polar(complex(inf, nan)))  # expect: (1.0, 3.141592653589793) -3.141592653589793 (-2+2.4492935982947064e-16j) 0j (inf, nan)
print(cmath.isclose(1, 1 + 1e-10j), cmath.isclose(1, 1.1, abs_tol=0.2), cmath.isclose(inf, inf), cmath.isclose(inf, 1e308), cmath.isclose(nan, nan))  # expect: True True True False False
print(cmath.isnan(complex(1, nan)), cmath.isinf(complex(nan, -inf)), cmath.isfinite(1e308j), cmath.inf, cmath.infj, cmath.nan, cmath.nanj, cmath.tau)  # expect: True True True inf infj nan nanj 6.283185307179586

parts = [-inf, -2.5, -0.0, 0.0, 2.5, inf, nan]
def shown(x):
    return f"{x:.3g}"
def every_special(f, *, two=False):
    texts = []
    for a in parts:
        for b in parts:
            if abs(a) < inf and abs(b) < inf:
                continue
            try:
                z = f(a, b) if two else f(complex(a, b))
            except ValueError as error:
                texts.append("!")
            else:
                texts.append(shown(z.real).replace("-nan", "nan") + "," + shown(z.imag).replace("-nan", "nan"))
    return " ".join(texts)
print(every_special(cmath.acos))  # expect: 2.36,inf 3.14,inf 3.14,inf 3.14,-inf 3.14,-inf 2.36,-inf nan,inf 1.57,inf 1.57,-inf nan,nan 1.57,inf 1.57,-inf 1.57,nan 1.57,inf 1.57,-inf 1.57,nan 1.57,inf 1.57,-inf nan,nan 0.785,inf 0,inf 0,inf 0,-inf 0,-inf 0.785,-inf nan,inf nan,inf nan,nan nan,nan nan,nan nan,nan nan,-inf nan,nan
print(every_special(cmath.acosh))  # expect: inf,-2.36 inf,-3.14 inf,-3.14 inf,3.14 inf,3.14 inf,2.36 inf,nan inf,-1.57 inf,1.57 nan,nan inf,-1.57 inf,1.57 nan,1.57 inf,-1.57 inf,1.57 nan,1.57 inf,-1.57 inf,1.57 nan,nan inf,-0.785 inf,-0 inf,-0 inf,0 inf,0 inf,0.785 inf,nan inf,nan nan,nan nan,nan nan,nan nan,nan inf,nan nan,nan
print(every_special(cmath.asin))  # expect: -0.785,-inf -1.57,-inf -1.57,-inf -1.57,inf -1.57,inf -0.785,inf nan,-inf -0,-inf -0,inf nan,nan -0,-inf -0,inf -0,nan 0,-inf 0,inf 0,nan 0,-inf 0,inf nan,nan 0.785,-inf 1.57,-inf 1.57,-inf 1.57,inf 1.57,inf 0.785,inf nan,-inf nan,-inf nan,nan nan,nan nan,nan nan,nan nan,inf nan,nan
print(every_special(cmath.asinh))  # expect: -inf,-0.785 -inf,-0 -inf,-0 -inf,0 -inf,0 -inf,0.785 -inf,nan -inf,-1.57 -inf,1.57 nan,nan -inf,-1.57 -inf,1.57 nan,nan inf,-1.57 inf,1.57 nan,nan inf,-1.57 inf,1.57 nan,nan inf,-0.785 inf,-0 inf,-0 inf,0 inf,0 inf,0.785 inf,nan inf,nan nan,nan nan,-0 nan,0 nan,nan inf,nan nan,nan
print(every_special(cmath.atan))  # expect: -1.57,-0 -1.57,-0 -1.57,-0 -1.57,0 -1.57,0 -1.57,0 -1.57,-0 -1.57,-0 -1.57,0 nan,nan -1.57,-0 -1.57,0 nan,nan 1.57,-0 1.57,0 nan,nan 1.57,-0 1.57,0 nan,nan 1.57,-0 1.57,-0 1.57,-0 1.57,0 1.57,0 1.57,0 1.57,-0 nan,-0 nan,nan nan,-0 nan,0 nan,nan nan,0 nan,nan
print(every_special(cmath.atanh))  # expect: -0,-1.57 -0,-1.57 -0,-1.57 -0,1.57 -0,1.57 -0,1.57 -0,nan -0,-1.57 -0,1.57 nan,nan -0,-1.57 -0,1.57 -0,nan 0,-1.57 0,1.57 0,nan 0,-1.57 0,1.57 nan,nan 0,-1.57 0,-1.57 0,-1.57 0,1.57 0,1.57 0,1.57 0,nan 0,-1.57 nan,nan nan,nan nan,nan nan,nan 0,1.57 nan,nan
print(every_special(cmath.cos))  # expect: ! ! ! ! ! ! nan,nan -inf,-inf -inf,inf nan,nan inf,-0 inf,0 nan,0 inf,0 inf,-0 nan,0 -inf,inf -inf,-inf nan,nan ! ! ! ! ! ! nan,nan inf,nan nan,nan nan,0 nan,0 nan,nan inf,nan nan,nan
print(every_special(cmath.cosh))  # expect: ! -inf,inf inf,0 inf,-0 -inf,-inf ! inf,nan ! ! nan,nan ! ! nan,0 ! ! nan,0 ! ! nan,nan ! -inf,-inf inf,-0 inf,0 -inf,inf ! inf,nan nan,nan nan,nan nan,0 nan,0 nan,nan nan,nan nan,nan
print(every_special(cmath.exp))  # expect: 0,0 -0,-0 0,-0 0,0 -0,0 0,0 0,0 ! ! nan,nan ! ! nan,nan ! ! nan,nan ! ! nan,nan ! -inf,-inf inf,-0 inf,0 -inf,inf ! inf,nan nan,nan nan,nan nan,-0 nan,0 nan,nan nan,nan nan,nan
print(every_special(cmath.log))  # expect: inf,-2.36 inf,-3.14 inf,-3.14 inf,3.14 inf,3.14 inf,2.36 inf,nan inf,-1.57 inf,1.57 nan,nan inf,-1.57 inf,1.57 nan,nan inf,-1.57 inf,1.57 nan,nan inf,-1.57 inf,1.57 nan,nan inf,-0.785 inf,-0 inf,-0 inf,0 inf,0 inf,0.785 inf,nan inf,nan nan,nan nan,nan nan,nan nan,nan inf,nan nan,nan
print(every_special(cmath.log10))  # expect: inf,-1.02 inf,-1.36 inf,-1.36 inf,1.36 inf,1.36 inf,1.02 inf,nan inf,-0.682 inf,0.682 nan,nan inf,-0.682 inf,0.682 nan,nan inf,-0.682 inf,0.682 nan,nan inf,-0.682 inf,0.682 nan,nan inf,-0.341 inf,-0 inf,-0 inf,0 inf,0 inf,0.341 inf,nan inf,nan nan,nan nan,nan nan,nan nan,nan inf,nan nan,nan
print(every_special(cmath.sin))  # expect: ! ! ! ! ! ! nan,nan -inf,inf -inf,-inf nan,nan -0,-inf -0,inf -0,nan 0,-inf 0,inf 0,nan inf,inf inf,-inf nan,nan ! ! ! ! ! ! nan,nan nan,-inf nan,nan nan,-0 nan,-0 nan,nan nan,-inf nan,nan
print(every_special(cmath.sinh))  # expect: ! inf,-inf -inf,-0 -inf,0 inf,inf ! inf,nan ! ! nan,nan ! ! 0,nan ! ! 0,nan ! ! nan,nan ! -inf,-inf inf,-0 inf,0 -inf,inf ! inf,nan nan,nan nan,nan nan,-0 nan,0 nan,nan nan,nan nan,nan
print(every_special(cmath.sqrt))  # expect: inf,-inf 0,-inf 0,-inf 0,inf 0,inf inf,inf nan,inf inf,-inf inf,inf nan,nan inf,-inf inf,inf nan,nan inf,-inf inf,inf nan,nan inf,-inf inf,inf nan,nan inf,-inf inf,-0 inf,-0 inf,0 inf,0 inf,inf inf,nan inf,-inf nan,nan nan,nan nan,nan nan,nan inf,inf nan,nan
print(every_special(cmath.tan))  # expect: 0,-1 ! ! ! ! 0,1 nan,nan 0,-1 0,1 nan,nan -0,-1 -0,1 -0,nan 0,-1 0,1 0,nan -0,-1 -0,1 nan,nan 0,-1 ! ! ! ! 0,1 nan,nan 0,-1 nan,nan nan,-0 nan,0 nan,nan 0,1 nan,nan
print(every_special(cmath.tanh))  # expect: -1,0 -1,0 -1,-0 -1,0 -1,-0 -1,0 -1,0 ! ! nan,nan ! ! -0,nan ! ! 0,nan ! ! nan,nan 1,0 1,0 1,-0 1,0 1,-0 1,0 1,0 nan,nan nan,nan nan,-0 nan,0 nan,nan nan,nan nan,nan
print(every_special(cmath.rect, two=True))  # expect: ! inf,inf -inf,0 -inf,-0 inf,-inf ! inf,nan ! ! nan,nan 0,0 0,0 0,0 0,0 0,0 0,0 ! ! nan,nan ! -inf,-inf inf,-0 inf,0 -inf,inf ! inf,nan nan,nan nan,nan nan,0 nan,0 nan,nan nan,nan nan,nan

cmath.exp(710)  # raises OverflowError: math range error
cmath.polar(1.7e308 + 1.7e308j)  # raises OverflowError: math range error
cmath.log(0)  # raises ValueError: math domain error
cmath.log(2, 1)  # raises ValueError: math domain error
cmath.atanh(1)  # raises ValueError: math domain error
cmath.rect(1, inf)  # raises ValueError: math domain error
cmath.isclose(1, 2, rel_tol=-1)  # raises ValueError: tolerances must be non-negative
cmath.sqrt("1")  # raises TypeError: must be real number, not str
class Number:
    def __complex__(self):
        return 3 + 4j
print(cmath.sqrt(Number()), cmath.polar(Number())[0])  # expect: (2+1j) 5.0
