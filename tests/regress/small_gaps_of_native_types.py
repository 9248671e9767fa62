# What native types lacked: methods of objects that pickle, arrays as sequences, modules whose __dict__ is no dict.
import array
import collections.abc
import copy
import json.encoder
import types

print(copy.copy([].__len__)(), isinstance([].__len__.__reduce__(), tuple))  # expect: 0 True
print(issubclass(array.array, collections.abc.MutableSequence))  # expect: True


class Odd(types.ModuleType):
    __dict__ = 8


dir(Odd("odd"))  # raises TypeError: <module>.__dict__ is not a dictionary
encode = json.encoder.c_make_encoder(None, None, json.encoder.encode_basestring, "\t", ": ", ", ", False, False, True)
print(encode(["a"], -3))  # expect: ('[\n\t"a"\n]',)
