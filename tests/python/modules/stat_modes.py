# _stat and _types: what stat.py and types.py are made from.
import _stat, _types
print(_stat.filemode(0o100644), _stat.filemode(0o041777), _stat.filemode(0o120777), _stat.filemode(0o106750), _stat.filemode(0))  # expect: -rw-r--r-- drwxrwxrwt lrwxrwxrwx -rwsr-s--- ?---------
print(_stat.S_ISDIR(0o040755), _stat.S_ISREG(0o040755), _stat.S_IMODE(0o106750), _stat.S_IFMT(0o106750), _stat.S_ISDOOR(1), _stat.ST_MTIME)  # expect: True False 3560 32768 False 8
print(_types.FunctionType is type(lambda: 0), _types.UnionType is type(int | str), _types.NoneType, _types.ModuleType is type(_stat))  # expect: True True <class 'NoneType'> True
