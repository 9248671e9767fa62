# A callback of PY_START that asks for LINE events of the code gets the first line's, too: pdb stops at it.
import os
import subprocess
import sys

monitoring = sys.monitoring
events = monitoring.events
monitoring.use_tool_id(3, "test")
monitoring.register_callback(3, events.LINE, lambda code, line: print("line", line))
monitoring.register_callback(3, events.PY_START, lambda code, offset: monitoring.set_local_events(3, code, events.LINE))
code = compile("x = 1\ny = 2\n", "<text>", "exec")
monitoring.set_events(3, events.PY_START)
exec(code)
# expect: line 1
# expect: line 2
monitoring.set_events(3, 0)
monitoring.free_tool_id(3)

folder = f"/tmp/dx-py-test-pdb-{os.getpid()}"
os.mkdir(folder)
with open(f"{folder}/program.py", "w") as file:
    file.write("x = 6\ny = 7\nprint(x * y)\n")
talk = subprocess.run([sys.executable, "-m", "pdb", f"{folder}/program.py"], input="next\np x\ncontinue\nquit\n", text=True,
                      capture_output=True, env=os.environ | {"HOME": folder, "PYTHON_COLORS": "0"})
print(talk.stdout.replace(folder, "").splitlines()[:6])  # expect: ['> /program.py(1)<module>()', '-> x = 6', '(Pdb) > /program.py(2)<module>()', '-> y = 7', '(Pdb) 6', '(Pdb) 42']
os.remove(f"{folder}/program.py")
