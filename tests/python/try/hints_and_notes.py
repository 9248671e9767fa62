# "Did you mean", notes, chains and groups in an uncaught exception's traceback.
# exit: 1
class Box:
    content = 1


try:
    Box.contnt
except AttributeError as error:
    error.add_note("a note")
    raise ExceptionGroup("several", [ValueError(1), error]) from None
# stderr:   + Exception Group Traceback (most recent call last):
# stderr:   |   File "hints_and_notes.py", line 11, in <module>
# stderr:   |     raise ExceptionGroup("several", [ValueError(1), error]) from None
# stderr:   | ExceptionGroup: several (2 sub-exceptions)
# stderr:   +-+---------------- 1 ----------------
# stderr:     | ValueError: 1
# stderr:     +---------------- 2 ----------------
# stderr:     | Traceback (most recent call last):
# stderr:     |   File "hints_and_notes.py", line 8, in <module>
# stderr:     |     Box.contnt
# stderr:     | AttributeError: type object 'Box' has no attribute 'contnt'. Did you mean: 'content'?
# stderr:     | a note
# stderr:     +------------------------------------
