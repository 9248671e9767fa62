# str.__format__ without a specification did not ask a subclass's __str__.
from enum import StrEnum


class Text(str):
    def __str__(self):
        return "shown"


class Name(StrEnum):
    first = "first"

    def __str__(self):
        return self.name.upper()


text = Text("kept")
print(format(text), f"{text}", "{}".format(text), f"{text:>6}", format(Name.first))  # expect: shown shown shown   kept FIRST
