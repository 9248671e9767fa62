def show(name, value, width):
    return f"{name!r:>{width}} = {value:.3f}{{}}", t"{name} and {value!s}"
