# pwd and grp: named tuples of the system's users and groups.
import grp
import os
import pwd

root = pwd.getpwuid(0)
print(root.pw_name, root[2], root.pw_dir == pwd.getpwnam("root").pw_dir, type(root))  # expect: root 0 True <class 'pwd.struct_passwd'>
print(any(entry.pw_uid == 0 for entry in pwd.getpwall()))  # expect: True
pwd.getpwnam("no such user")  # raises KeyError: "getpwnam(): name not found: 'no such user'"
pwd.getpwuid(987654321)  # raises KeyError: 'getpwuid(): uid not found: 987654321'
pwd.getpwuid(2**40)  # raises KeyError: 'getpwuid(): uid not found'
pwd.getpwuid("0")  # raises TypeError: uid should be integer, not str
pwd.getpwnam("a\0b")  # raises ValueError: embedded null byte

group = grp.getgrgid(0)
print(group.gr_name, group.gr_gid, isinstance(group.gr_mem, list), type(group))  # expect: root 0 True <class 'grp.struct_group'>
print(any(entry.gr_name == "root" for entry in grp.getgrall()), grp.getgrnam(name="root").gr_gid)  # expect: True 0
grp.getgrnam("no such group")  # raises KeyError: "getgrnam(): name not found: 'no such group'"
grp.getgrgid(id=987654321)  # raises KeyError: 'getgrgid(): gid not found: 987654321'
os.environ.pop("HOME", None)
print(os.path.expanduser("~root") == root.pw_dir, os.path.expanduser("~") == pwd.getpwuid(os.getuid()).pw_dir)  # expect: True True
