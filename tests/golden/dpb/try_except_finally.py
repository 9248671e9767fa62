# The finally block stands twice; handlers give back what was handled before, also when they raise.
def read(path, default):
    try:
        file = open(path)
    except (OSError, ValueError) as error:
        print(error)
        return default
    finally:
        print("done")
    return file
