# The interactive interpreter on a pipe: prompts and errors on stderr, what a statement is, -i after a program.
import os
import sys


def talk(text, *options, env=()):
    pipes = [os.pipe() for _ in range(3)]
    actions = [(os.POSIX_SPAWN_DUP2, pipes[0][0], 0), (os.POSIX_SPAWN_DUP2, pipes[1][1], 1), (os.POSIX_SPAWN_DUP2, pipes[2][1], 2)]
    actions += [(os.POSIX_SPAWN_CLOSE, number) for number in (pipes[0][1], pipes[1][0], pipes[2][0])]
    child = os.posix_spawn(sys.executable, [sys.executable, *options], os.environ | dict(env), file_actions=actions)
    os.write(pipes[0][1], text.encode())
    for number in (pipes[0][0], pipes[0][1], pipes[1][1], pipes[2][1]):
        os.close(number)
    texts = []
    for reading in (pipes[1][0], pipes[2][0]):
        parts = []
        while part := os.read(reading, 65536):
            parts.append(part)
        os.close(reading)
        texts.append(b"".join(parts).decode())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), *texts


print(talk("1+1\nif _:\n  print(_)\n\n", "-q", "-i"))  # expect: (0, '2\n2\n', '>>> >>> ... ... >>> \n')
status, output, errors = talk("1/0\n", "-q", "-i")
print(errors.splitlines()[:5])  # expect: ['>>> Traceback (most recent call last):', '  File "<stdin>", line 1, in <module>', '    1/0', '    ~^~', 'ZeroDivisionError: division by zero']
print(talk("1+\nx = (1,\n\n2)\nx\n", "-q", "-i")[1:])  # expect: ('(1, 2)\n', '>>>   File "<stdin>", line 1\n    1+\n      ^\nSyntaxError: invalid syntax\n>>> ... ... >>> >>> \n')
print(talk("x\nexit(x)\n", "-q", "-i", "-c", "x = 7"))  # expect: (7, '7\n', '>>> >>> ')
print(talk("sys.ps1 = '? '\n2\n", "-q", "-i", "-c", "import sys; sys.exit(3)")[0:2])  # expect: (0, '2\n')
print(talk("import os\nos.close(0)\n", "-q", "-i")[0])  # expect: 0
print(talk("", "-i")[2].splitlines()[-2:])  # expect: ['Type "help", "copyright", "credits" or "license" for more information.', '>>> ']
print(talk("__loader__.__name__\n", "-q", "-i", "-c", "pass")[1])  # expect: 'BuiltinImporter'
# expect:
