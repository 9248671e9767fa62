# sys.addaudithook: the runtime tells what it is about to do, and a hook that raises forbids it.
import sys, os, io, marshal, socket, tempfile, time
seen = []
on = False
forbidden = None
def hook(event, arguments):
    if not on: return
    seen.append(event)
    if event == forbidden: raise PermissionError(event)
sys.addaudithook(hook)
def events(action):
    global on
    seen.clear()
    on = True
    try: action()
    except (OSError, ImportError): pass
    finally: on = False
    return seen[:]
folder = tempfile.mkdtemp()
path = os.path.join(folder, "file")
print(events(lambda: open(path, "w").close()))  # expect: ['open']
print(events(lambda: os.close(os.open(path, os.O_RDONLY))))  # expect: ['open']
print(events(lambda: (os.chmod(path, 0o600), os.rename(path, path + "2"), os.remove(path + "2"))))  # expect: ['os.chmod', 'os.rename', 'os.remove']
print(events(lambda: (os.mkdir(path), os.listdir(path), os.rmdir(path))))  # expect: ['os.mkdir', 'os.listdir', 'os.rmdir']
print(events(lambda: os.execv("/nonexistent", ["a"])))  # expect: ['os.exec']
print(events(lambda: os.system("true")))  # expect: ['os.system']
print(events(lambda: compile("1", "f", "exec")))  # expect: ['compile']
print(events(lambda: exec("1")))  # expect: ['compile', 'exec']
code = compile("1", "f", "eval")
print(events(lambda: eval(code)))  # expect: ['exec']
print(events(lambda: __import__("no_such_module"))[:1])  # expect: ['import']
print(events(lambda: marshal.loads(marshal.dumps(1))))  # expect: ['marshal.dumps', 'marshal.loads']
print(events(lambda: socket.socket().close()))  # expect: ['socket.__new__']
print(events(lambda: time.sleep(0)), events(lambda: id(1)))  # expect: ['time.sleep'] ['builtins.id']
print(events(lambda: sys._getframe()), events(lambda: sys.settrace(None)))  # expect: ['sys._getframe'] ['sys.settrace']
def function(): yield
class A: pass
class B: pass
print(events(lambda: function.__code__), events(lambda: setattr(function, "__defaults__", (1,))))  # expect: ['object.__getattr__'] ['object.__setattr__']
print(events(lambda: function().gi_frame), events(lambda: setattr(A(), "__class__", B)))  # expect: ['object.__getattr__'] ['object.__setattr__']
print(events(lambda: setattr(A, "__name__", "C")), events(lambda: setattr(A, "x", 1)))  # expect: ['object.__setattr__'] []
forbidden = "os.mkdir"
print(events(lambda: os.mkdir(path)), os.path.exists(path))  # expect: ['os.mkdir'] False
forbidden = "sys.addaudithook"
on = True
sys.addaudithook(print)
on = False
print(seen[-1])  # expect: sys.addaudithook
