# A finally block that leaves in its own way drops the value that was about to be returned.
def last_word(values):
    for value in values:
        try:
            return value()
        finally:
            if value:
                break
            if values:
                continue
    try:
        return values()
    finally:
        return 5
