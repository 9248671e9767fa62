# While a metaclass's mro() runs, the class has no MRO yet and cannot be a base.
class Meta(type):
    def mro(cls):
        if cls.__mro__ is None and cls.__name__ == "Early":
            try:
                type("Late", (cls,), {})
            except TypeError as error:
                print(error)  # expect: Cannot extend an incomplete type 'Early'
        return type.mro(cls)


class Early(metaclass=Meta):
    pass


print(type("Late", (Early,), {}).__mro__[1:])  # expect: (<class '__main__.Early'>, <class 'object'>)
