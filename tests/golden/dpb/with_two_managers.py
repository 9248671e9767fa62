# __exit__ and its self wait in a call window while the body runs.
def copy(source, target):
    with open(source) as reader, open(target, "w") as writer:
        writer.write(reader.read())
