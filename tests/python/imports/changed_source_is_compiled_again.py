# A cached compiled module is used only while its source is what was compiled; loaders that change the source are asked.
import importlib
import importlib.machinery
import os
import sys

sys.dont_write_bytecode = False
folder = f"/tmp/dx-py-test-imports-{os.getpid()}"
os.mkdir(folder)
path = folder + "/changing.py"


def write(text):
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(file, text.encode())
    os.close(file)


def fresh():
    sys.modules.pop("changing", None)
    sys.path_importer_cache.clear()
    return importlib.import_module("changing").value


sys.path.insert(0, folder)
try:
    for value in (1, 22, 333):
        write(f"value = {value}\n")
        assert fresh() == value  # what the file says now
        assert fresh() == value  # perhaps from the cache

    class Doubling(importlib.machinery.SourceFileLoader):
        def get_data(self, path):
            file = os.open(path, os.O_RDONLY)
            data = os.read(file, 1000)
            os.close(file)
            return data.replace(b"333", b"666")

        def set_data(self, path, data, **rest):
            pass

    loader = Doubling("changing", path)
    namespace = {}
    exec(loader.source_to_code(loader.get_data(path), path), namespace)
    assert namespace["value"] == 666  # the subclass's get_data

    path = folder + "/never_compiled.py"
    write("value = 1\n")

    class Replacing(importlib.machinery.SourceFileLoader):
        get_data = Doubling.get_data

        def source_to_code(self, data, path, *, _optimization=-1):
            return compile("value = 'mine'", path, "exec")

        def set_data(self, path, data, **rest):
            pass

    code = Replacing("never_compiled", path).get_code("never_compiled")
    exec(code, namespace)
    assert namespace["value"] == "mine"  # get_code compiles through the subclass's source_to_code
finally:
    for name in os.listdir(folder):
        full = folder + "/" + name
        if not name.startswith("__"):
            os.unlink(full)
        else:
            for inner in os.listdir(full):
                os.unlink(full + "/" + inner)
            os.rmdir(full)
    os.rmdir(folder)
print("ok")  # expect: ok
