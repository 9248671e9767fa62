# A trace function sends its frame to another line; what blocks on the way hold is released or must be there already.
import sys, warnings
warnings.simplefilter("ignore")
def jump(f, start, target, event="line"):
    first = f.__code__.co_firstlineno
    out = []
    done = False
    def trace(frame, what, argument):
        nonlocal done
        if frame.f_code is not f.__code__: return
        if what == event and frame.f_lineno == first + start and not done:
            done = True
            try: frame.f_lineno = first + target
            except ValueError as error: out.append(str(error))
        return trace
    sys.settrace(trace)
    try: f(out)
    finally: sys.settrace(None)
    return out
def plain(o):
    o.append(1)
    o.append(2)
    o.append(3)
print(jump(plain, 1, 3), jump(plain, 1, 0))  # expect: [3] [1, 2, 3]
print(jump(plain, 1, 99)[0].split()[-6:])  # expect: ['comes', 'after', 'the', 'current', 'code', 'block']
print(jump(plain, 0, 2, "call"))  # expect: ["can't jump from the 'call' trace event of a new frame", 1, 2, 3]
print(jump(plain, 3, 1, "return"))  # expect: [1, 2, 3, "can only jump from a 'line' trace event"]
def blocks(o):
    for i in 1, 2:
        o.append(i)
    try:
        1 / 0
    except ZeroDivisionError as e:
        o.append(type(e))
        o.append(6)
    finally:
        o.append(9)
    o.append(sys.exception())
    with open("/dev/null") as f:
        o.append(12)
    o.append(13)
print(jump(blocks, 2, 10))  # expect: [None, 12, 13]
print(jump(blocks, 3, 2))  # expect: [1, 2, "can't jump into the body of a for loop", <class 'ZeroDivisionError'>, 6, 9, None, 12, 13]
print(jump(blocks, 2, 7))  # expect: ["can't jump into an 'except' block as there's no exception", 1, 2, <class 'ZeroDivisionError'>, 6, 9, None, 12, 13]
print(jump(blocks, 7, 9))  # expect: [1, 2, <class 'ZeroDivisionError'>, 9, None, 12, 13]
print(jump(blocks, 6, 9))  # expect: [1, 2, 9, None, 12, 13]
print(jump(blocks, 6, 10))  # expect: [1, 2, None, 12, 13]
print(jump(blocks, 9, 12))  # expect: [1, 2, <class 'ZeroDivisionError'>, 6, 'incompatible stacks', 9, None, 12, 13]
print(jump(blocks, 12, 13))  # expect: [1, 2, <class 'ZeroDivisionError'>, 6, 9, None, 13]
def generator(o):
    for i in range(3):
        o.append(i)
        yield i
    o.append("end")
def traced(start, target):
    def f(o): list(generator(o))
    out = []
    first = generator.__code__.co_firstlineno
    def trace(frame, what, argument):
        if frame.f_code is generator.__code__ and what == "line" and frame.f_lineno == first + start: frame.f_lineno = first + target
        return trace
    sys.settrace(trace)
    try: f(out)
    finally: sys.settrace(None)
    return out
print(traced(3, 4))  # expect: [0, 'end']
