# A class made by calling type() belongs to the module of the function that runs.
import types


class A:
    pass


print(type("B", (A,), {}).__module__)  # expect: __main__
print(type("C", (), {"__module__": "here"}).__module__)  # expect: here
print(type("D", (), {}))  # expect: <class '__main__.D'>
namespace = {"__name__": "elsewhere"}
exec("E = type('E', (), {})", namespace)
print(namespace["E"].__module__)  # expect: elsewhere
print(types.new_class("F").__module__)  # expect: types
