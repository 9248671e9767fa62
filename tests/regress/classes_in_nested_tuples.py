# isinstance and issubclass look into nested tuples, but not for ever.
def blow(function, subject, innermost):
    classes = (innermost,)
    try:
        while True:
            for _ in range(1000): classes = (classes,)
            function(subject, classes)
    except RecursionError:
        return "refused"
print(blow(isinstance, "", str), blow(issubclass, str, str))  # expect: refused refused
