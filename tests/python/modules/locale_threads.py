# Threads that change the locale while others ask about it and format by it: every answer is one of the two.
import _locale
import threading
_locale.setlocale(_locale.LC_ALL, "C")
seen = set()
stop = False
def ask():
    while not stop:
        seen.add((_locale.localeconv()["decimal_point"], _locale.nl_langinfo(_locale.RADIXCHAR), f"{1.5:n}", _locale.gettext("x"), _locale.strcoll("a", "b") < 0, _locale.strxfrm("ab")))
        seen.add(_locale.setlocale(_locale.LC_CTYPE))
threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads:
    thread.start()
for round in range(300):
    _locale.setlocale(_locale.LC_CTYPE, "C.UTF-8" if round % 2 else "C")
    _locale.setlocale(_locale.LC_NUMERIC, "C" if round % 2 else "POSIX")
stop = True
for thread in threads:
    thread.join()
print(sorted(map(str, seen - {"C", "C.UTF-8"})))  # expect: ["('.', '.', '1.5', 'x', True, 'ab')"]
