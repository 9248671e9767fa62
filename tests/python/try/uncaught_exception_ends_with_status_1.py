# An exception nobody catches is printed with its lines, and the process ends with status 1.
# exit: 1
def divide(a, b):
    return a / b

print(divide(6, 3))  # expect: 2.0
divide(1, 0)
# stderr: Traceback (most recent call last):
# stderr:   File "uncaught_exception_ends_with_status_1.py", line 7, in <module>
# stderr:     divide(1, 0)
# stderr:     ~~~~~~^^^^^^
# stderr:   File "uncaught_exception_ends_with_status_1.py", line 4, in divide
# stderr:     return a / b
# stderr:            ~~^~~
# stderr: ZeroDivisionError: division by zero
