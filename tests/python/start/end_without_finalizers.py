# What dies at the end is noticed by whoever can notice: a generator's finally, an unclosed file, a stdout of the program's own.
# (One program each: the end is cut short when nobody would notice.)
import os
import sys

folder = f"/tmp/dx-py-test-end-{os.getpid()}"
os.mkdir(folder)


def run(code):
    reading, writing = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing, 2)]
    child = os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", code, folder], os.environ, file_actions=actions)
    os.close(writing)
    text = b""
    while part := os.read(reading, 1000):
        text += part
    os.close(reading)
    print(text.decode().strip(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


try:
    run('''
def generator():
    try:
        yield 1
    finally:
        write("finally\\n")
import sys
write = sys.stdout.write
kept = generator()
next(kept)
''')  # expect: finally 0
    run('''
import sys
unclosed = open(sys.argv[1] + "/file", "w")
unclosed.write("written")
''')  # expect:  0
    with open(folder + "/file") as file:
        print(file.read())  # expect: written
    run('''
import sys
class Stream:
    def write(self, text): pass
    def flush(self, write=sys.stdout.write, sys=sys):
        write(f"flush {sys.meta_path is None}\\n")
sys.stdout = Stream()
''')
    # expect: flush False 0
    run("class Plain: pass\nplain = [Plain() for _ in range(10)]\nplain.append(plain)")  # expect:  0
finally:
    for name in os.listdir(folder):
        os.unlink(f"{folder}/{name}")
    os.rmdir(folder)
