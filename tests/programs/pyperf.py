"""Stands in for the pyperf package, so that pyperformance's programs run unmodified on a young interpreter.

It needs sys and time.perf_counter only. The tests and the benchmarks copy it next to a program and add options that
start with --dx-; all others are the program's own.
  --dx-loops=N    how often the measured work is repeated (0: only the set-up)
  --dx-warmups=N  unmeasured repetitions before that
  --dx-idle-thread  first start a thread that sleeps for ever
  --dx-skip       leave out the measured work and what belongs to it
  --dx-check      print what the program computed (checks.py), not how long it took
"""
import sys
from time import perf_counter


class Namespace:
    pass


class ArgumentParser:
    """As much of argparse as these programs use: options with a value, and one optional positional argument."""

    def __init__(self):
        self.options = {}
        self.positionals = []

    def add_argument(self, name, type=str, default=None, choices=None, nargs=None, help=None, metavar=None):
        if nargs not in (None, "?") or not (nargs is None) == name.startswith("--"):
            raise NotImplementedError("the stand-in for pyperf has no such argument: " + name)
        if name.startswith("--"):
            self.options[name] = (name[2:].replace("-", "_"), type, default, choices)
        else:
            self.positionals.append((name, type, default, choices))

    def parse(self, words):
        result = Namespace()
        for name, type, default, choices in [*self.options.values(), *self.positionals]:
            setattr(result, name, default)
        waiting = list(self.positionals)
        words = list(words)
        while words:
            word = words.pop(0)
            if word.startswith("--"):
                word, equals, value = word.partition("=")
                if word not in self.options or not (equals or words):
                    raise SystemExit("unknown option or missing value: " + word)
                name, type, default, choices = self.options[word]
                value = type(value if equals else words.pop(0))
            elif waiting:
                name, type, default, choices = waiting.pop(0)
                value = type(word)
            else:
                raise SystemExit("unexpected argument: " + word)
            if choices is not None and value not in choices:
                raise SystemExit("not among the choices: " + str(value))
            setattr(result, name, value)
        return result


def start_idle_thread():
    import _thread
    lock = _thread.allocate_lock()
    lock.acquire()
    _thread.start_new_thread(lock.acquire, ())


class Runner:
    def __init__(self, add_cmdline_args=None):
        self.metadata = {}
        self.argparser = ArgumentParser()
        self.loops, self.warmups, self.check, self.skip = 1, 0, False, False
        self.rest = []
        for word in sys.argv[1:]:
            if word.startswith("--dx-loops="):
                self.loops = int(word[11:])
            elif word.startswith("--dx-warmups="):
                self.warmups = int(word[13:])
            elif word == "--dx-idle-thread":
                start_idle_thread()
            elif word == "--dx-skip":
                self.skip = True
            elif word == "--dx-check":
                self.check = True
            else:
                self.rest.append(word)

    def parse_args(self):
        return self.argparser.parse(self.rest)

    def bench_time_func(self, name, function, *args, inner_loops=1):
        if self.skip:
            return
        if self.warmups:
            function(self.warmups, *args)
        seconds = function(self.loops, *args)
        self.report(name, seconds, None)

    def bench_func(self, name, function, *args, inner_loops=1):
        if self.skip:
            return
        result = None
        for _ in range(self.warmups):
            function(*args)
        start = perf_counter()
        for _ in range(self.loops):
            result = function(*args)
        self.report(name, perf_counter() - start, result)

    def report(self, name, seconds, result):
        if self.check:
            import checks
            checks.check(name, sys.modules["__main__"], result)
        else:
            print("time", name, repr(seconds / self.loops if self.loops else 0.0))
