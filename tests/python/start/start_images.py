# only: dxpy, because start images are its own
# not in: hostile asan tsan debug, because they have no start images
# timeout: 60
# The third start of a kind maps what the second stored: it sees its own arguments, environment, streams and hashes, the
# same everything else, and notices what changed.
import os
import sys
import time

home = f"/tmp/dx-py-test-start-{os.getpid()}"
os.mkdir(home)
plain = {"HOME": home, "XDG_CACHE_HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def run(code, *arguments, options=(), closed=(), **environment):
    """(output, errors) of a process."""
    pipes = [os.pipe(), os.pipe()]
    actions = [(os.POSIX_SPAWN_DUP2, pipes[0][1], 1), (os.POSIX_SPAWN_DUP2, pipes[1][1], 2)]
    actions += [(os.POSIX_SPAWN_CLOSE, number) for number in closed]
    words = [sys.executable, *options, "-c", code, *arguments]
    child = os.posix_spawn(sys.executable, words, plain | {"DX_START_IMAGE": "explain"} | environment, file_actions=actions)
    texts = []
    for reading, writing in pipes:
        os.close(writing)
        parts = []
        while part := os.read(reading, 65536):
            parts.append(part)
        os.close(reading)
        texts.append(b"".join(parts).decode())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, texts
    return texts


def images():
    found = []
    for folder in os.listdir(home + "/dx-py"):
        folder = f"{home}/dx-py/{folder}"
        found += [f"{folder}/{name}" for name in os.listdir(folder) if name.startswith("start-")]
    return found


def mapped(errors):
    return "dx-py: start image:" not in errors


def prepare(**how):
    """Starts until one is mapped: the first compiles, the second stores."""
    for attempt in range(6):
        if mapped(run("pass", "an argument", SECRET="kept-out-of-the-file-0123456789", **how)[1]):
            return
        time.sleep(0.1)
    sys.exit(f"no start image: {run('pass', **how)}")


STATE = '''
import sys, os, builtins
modules = [name for name in sys.modules]
print(modules, sys.path, sys.flags, list(vars(sys)), list(vars(builtins)), sys.meta_path, sys.path_hooks.__len__())
print(sorted(sys.path_importer_cache), sys.argv, sys.orig_argv[1:], sys.stdin, sys.stdout, sys.stderr, sys.executable)
print(sorted(item for item in os.environ.items() if item[0] != "DX_START_IMAGE"), os.environb[b"HOME"])
import _thread, threading, signal, gc
print(_thread.get_ident() == threading.main_thread().ident == _thread._get_main_thread_ident(), signal.getsignal(signal.SIGINT))
print(signal.getsignal(signal.SIGPIPE), gc.isenabled(), gc.get_freeze_count(), sys.getrecursionlimit())
# Every name of every namespace is found under its hash, every member of every set, every text in the table of interned ones.
for name, module in list(sys.modules.items()):
    for key, value in list(vars(module).items()) if name != "__main__" else ():
        assert vars(module)["".join(list(key))] is value, (name, key)
        assert sys.intern("".join(list(key))) == key
        if isinstance(value, type):
            for entry in list(vars(value)):
                assert "".join(list(entry)) in vars(value), (name, key, entry)
        if isinstance(value, (dict, set, frozenset)):
            for member in list(value):
                assert member in value, (name, key, member)
                assert type(member) is not str or "".join(list(member)) in value, (name, key, member)
import collections.abc
assert isinstance([], collections.abc.Sequence) and not isinstance({1}, collections.abc.Mapping)
results = []
thread = threading.Thread(target=lambda: results.append(_thread.get_ident()))
thread.start()
thread.join()
assert results[0] != _thread.get_ident()
child = os.fork()
if child == 0:
    os._exit(7 if _thread._get_main_thread_ident() == _thread.get_ident() else 8)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
def deep(n):
    return n and deep(n - 1)
print(deep(900))
'''

try:
    for how in ({}, {"PYTHONHASHSEED": "0"}, {"options": ("-I", "-S")}, {"options": ("-s", "-E")}):
        prepare(**how)
        ours = run(STATE, "one", "two words", COLOUR="blue", **how)
        assert mapped(ours[1]), ours[1]
        ordinary = run(STATE, "one", "two words", COLOUR="blue", **how | {"DX_START_IMAGE": "0"})
        if ours[0] != ordinary[0]:
            for left, right in zip(ours[0].split("\n"), ordinary[0].split("\n")):
                if left != right:
                    print(how, "with an image:\n", left, "\nwithout:\n", right)
        print("the same" if ours[0] == ordinary[0] else "different")
    # expect: the same
    # expect: the same
    # expect: the same
    # expect: the same
    print("'COLOUR', 'blue'" in ours[0], "two words" in ours[0])  # expect: True True

    # Every process has its own hashes unless a seed is given, which gives the same as in an ordinary start.
    print(len({run("print(hash('text'))")[0] for _ in range(4)}))  # expect: 4
    seeded = {"PYTHONHASHSEED": "0"}
    hashes = "import os; print(hash('text'), hash(('a', b'b', frozenset('cd'))), list(frozenset(map(str, range(9)))))"
    print(run(hashes, **seeded) == run(hashes, **seeded) and mapped(run(hashes, **seeded)[1]))  # expect: True
    print(run(hashes, **seeded)[0] == run(hashes, DX_START_IMAGE="0", **seeded)[0])  # expect: True

    # Nothing of the process that stored an image is in it.
    for path in images():
        with open(path, "rb") as file:
            contents = file.read()
        assert b"kept-out-of-the-file" not in contents and b"an argument" not in contents, path
        assert os.stat(path).st_mode & 0o777 == 0o600

    # Streams are those of the process.
    print(run("import sys; print(sys.stdin)", closed=(0,))[0].strip())  # expect: None
    print(run("import sys; print(sys.stdout, sys.__stdout__, file=sys.stderr)", closed=(1,))[1].strip())  # expect: None None

    # What takes part in start-up is noticed.
    folder = home + "/.local/lib/python3.14/site-packages"
    os.makedirs(folder)
    print(mapped(run("pass")[1]))  # expect: False
    time.sleep(0.1)
    with open(folder + "/usercustomize.py", "w") as file:
        file.write("print('usercustomize')\n")
    for _ in range(3):
        print(run("pass")[0].strip())
        time.sleep(0.1)
    # expect: usercustomize
    # expect: usercustomize
    # expect: usercustomize
    os.unlink(folder + "/usercustomize.py")
    with open(folder + "/added.pth", "w") as file:
        file.write("/usr\n")
    for _ in range(3):
        print(run("import sys; print('/usr' in sys.path)")[0].strip())
        time.sleep(0.1)
    # expect: True
    # expect: True
    # expect: True
    os.unlink(folder + "/added.pth")

    # A file that is not as it was written is not used.
    prepare(options=("-S",))
    for damage in (lambda contents: contents[:-5000], lambda contents: b"", lambda contents: contents[:300] + b"x" * 4000 + contents[4300:]):
        for path in images():
            with open(path, "rb") as file:
                contents = file.read()
            with open(path, "wb") as file:
                file.write(damage(contents))
        output, errors = run("print('runs')", options=("-S",))
        print(output.strip(), mapped(errors))
    # expect: runs False
    # expect: runs False
    # expect: runs False
finally:
    for root, folders, files in os.walk(home, topdown=False):
        for name in files:
            os.unlink(f"{root}/{name}")
        for name in folders:
            os.rmdir(f"{root}/{name}")
    os.rmdir(home)
