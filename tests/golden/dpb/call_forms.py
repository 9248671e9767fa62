# Arguments are built in the window; keywords name their values in a constant; stars go through a tuple and a dict.
def calls(f, args, options):
    f()
    f(1, args)
    f.method(1)
    f(1, key=args)
    f(*args, **options)
    f(0, *args, last=1, **options)
