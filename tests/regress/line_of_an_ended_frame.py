# A frame that ended in what the compiler adds to a finally had no f_lineno.
def in_try():
    try:
        1 / 0
    finally:
        pass


try:
    in_try()
except ZeroDivisionError as error:
    last = error.__traceback__.tb_next
    first = in_try.__code__.co_firstlineno
    print(last.tb_lineno - first, last.tb_frame.f_lineno - first)  # expect: 2 4
