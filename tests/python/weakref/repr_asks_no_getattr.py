# repr of a weak reference names classes and functions; what an instance answers for __name__ is not asked.
import weakref


class Answers(dict):
    def __getattr__(self, name):
        return self[name]


def function():
    pass


answers = Answers()
print("'Answers'" in repr(weakref.ref(answers)), "(" in repr(weakref.ref(answers)))  # expect: True False
print(repr(weakref.ref(function)).endswith("(function)>"), repr(weakref.ref(Answers)).endswith("(Answers)>"))  # expect: True True
