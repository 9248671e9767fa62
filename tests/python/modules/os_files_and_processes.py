# The system calls behind os: files, directories, descriptors, processes.
import errno
import os
import sys
import tempfile

root = tempfile.mkdtemp()
os.chdir(root)
os.mkdir("d")
os.mkdir("d")  # raises FileExistsError: [Errno 17] File exists: 'd'
fd = os.open("d/file", os.O_RDWR | os.O_CREAT)
print(os.write(fd, b"0123456789"), os.lseek(fd, 2, os.SEEK_SET), os.read(fd, 3), os.pread(fd, 2, 8), os.pwrite(fd, b"ab", 0))  # expect: 10 2 b'234' b'89' 2
info = os.fstat(fd)
print(info.st_size, info[6], info.st_mtime_ns // 10**9 == info.st_mtime.__floor__(), info == os.stat("d/file"))  # expect: 10 10 True True
print(os.get_inheritable(fd), os.get_blocking(fd), os.isatty(fd))  # expect: False True False
os.close(fd)
os.close(fd)  # raises OSError: [Errno 9] Bad file descriptor
os.utime("d/file", ns=(1_500_000_000, 2_500_000_001))
print(os.stat("d/file").st_atime, os.stat("d/file").st_mtime_ns)  # expect: 1.5 2500000001
os.chmod("d/file", 0o640)
print(oct(os.stat("d/file").st_mode))  # expect: 0o100640
os.symlink("file", "d/link")
os.link("d/file", "d/hard")
print(os.readlink("d/link"), os.stat("d/link").st_nlink, os.path.islink("d/link"), os.lstat("d/link").st_size)  # expect: file 2 True 4
entries = sorted(os.scandir("d"), key=lambda entry: entry.name)
print([(entry.name, entry.is_file(), entry.is_symlink(), entry.is_dir()) for entry in entries])  # expect: [('file', True, False, False), ('hard', True, False, False), ('link', True, True, False)]
print(entries[0].path, repr(entries[0]), entries[0].stat().st_size, os.fspath(entries[0]))  # expect: d/file <DirEntry 'file'> 10 d/file
at = os.open("d", os.O_RDONLY)
print(os.stat("file", dir_fd=at).st_size, sorted(os.listdir(at)), os.access("file", os.W_OK, dir_fd=at))  # expect: 10 ['file', 'hard', 'link'] True
os.rename("hard", "moved", src_dir_fd=at, dst_dir_fd=at)
os.close(at)
os.rename("d/nothing", "x")  # raises FileNotFoundError: [Errno 2] No such file or directory: 'd/nothing' -> 'x'
os.unlink("d")  # raises IsADirectoryError: [Errno 21] Is a directory: 'd'
os.stat(b"no\xff")  # raises FileNotFoundError: [Errno 2] No such file or directory: b'no\xff'
os.stat("a\0b")  # raises ValueError: stat: embedded null character in path
os.listdir(1.5)  # raises TypeError: listdir: path should be string, bytes, os.PathLike, integer or None, not float
with open(b"d/\xff", "w"):
    pass
print([name for name in os.listdir("d") if not name.isascii()], os.fsencode("\udcff"))  # expect: ['\udcff'] b'\xff'
for name in os.listdir("d"):
    os.remove(os.path.join("d", name))
os.rmdir("d")
print(os.listdir())  # expect: []

# The environment, pipes, children.
os.environ["DX_TEST"] = "h\u00e9"
print(os.environb[b"DX_TEST"], os.getenv("DX_TEST_NOT"))  # expect: b'h\xc3\xa9' None
os.putenv("a=b", "c")  # raises ValueError: illegal environment variable name
read_end, write_end = os.pipe()
print(os.writev(write_end, [b"ab", bytearray(b"cd")]), os.readv(read_end, [a := bytearray(3), b := bytearray(3)]), bytes(a + b))  # expect: 4 4 b'abcd\x00\x00'
child = os.fork()
if child == 0:
    os.write(write_end, os.environb[b"DX_TEST"])
    os._exit(3)
pid, status = os.waitpid(child, 0)
print(pid == child, os.WIFEXITED(status), os.waitstatus_to_exitcode(status), os.read(read_end, 10))  # expect: True True 3 b'h\xc3\xa9'
child = os.fork()
if child == 0:
    os.execv(sys.executable, [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))  # expect: -9
child = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], os.environ, file_actions=[(os.POSIX_SPAWN_CLOSE, read_end)])
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))  # expect: 5
os.waitpid(child, 0)  # raises ChildProcessError: [Errno 10] No child processes
os.posix_spawn("/nope", ["x"], {})  # raises FileNotFoundError: [Errno 2] No such file or directory: '/nope'
os.execv("/nope", [])  # raises ValueError: execv() arg 2 must not be empty
calls = []
os.register_at_fork(before=lambda: calls.append("before"), after_in_parent=lambda: calls.append("parent"), after_in_child=lambda: calls.append("child"))
child = os.fork()
if child == 0:
    os._exit(calls == ["before", "child"])
print(calls, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))  # expect: ['before', 'parent'] 1
print(os.system("exit 2") >> 8, os.strerror(errno.ENOENT), len(os.urandom(5)))  # expect: 2 No such file or directory 5
print(os.sysconf("SC_PAGESIZE") == os.sysconf(os.sysconf_names["SC_PAGESIZE"]), os.cpu_count() >= 1, os.getpid() > 1)  # expect: True True True
print(os.terminal_size((80, 24)), os.uname().sysname)  # expect: os.terminal_size(columns=80, lines=24) Linux
os.chdir("/")
os.rmdir(root)
