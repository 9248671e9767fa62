#!/usr/bin/env python3
"""Runs the small Python tests of tests/python, tests/foundation and tests/regress on CPython 3.14 and on dx-py.

A test is one file; what it must do stands beside its lines (docs/internals/testing.md has the whole list):

    print([1].pop())  # expect: 1
    [].pop()          # raises IndexError: pop from empty list

All `# expect:` texts, read from top to bottom, are the program's whole standard output. A line with `# raises` must
raise exactly that; the runner runs it as `with raises(...): LINE`, on the same line, so line numbers stay true.
CPython goes first: where it disagrees with a test, the test is wrong.

usage: run_python_tests.py [--record REASON] [--start-images] [FOLDER_OR_FILE...]     (DX_BUILD, DX_PEERS, DX_FILTER as in run-tests)

--start-images shares one home and cache folder among the tests, so that dx-py starts from its start images.

--record adds what fails on dx-py now to tests/known_failures.txt, with that reason, and drops what passes.
"""
import concurrent.futures
import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUITES = ("python", "foundation", "regress")
DEFAULT_TIMEOUT = 20
SLOW_BUILDS = ("asan", "tsan", "hostile", "debug")

# Executed by the interpreter under test; kept to what the core language has.
RAISES_MODULE = '''
class raises:
    def __init__(self, line, expected):
        self.line = line
        self.expected = expected

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            print("line", self.line, "raised nothing; expected", self.expected)
            return True
        text = str(value)
        got = kind.__name__ + ": " + text if text else kind.__name__
        if got != self.expected and kind.__name__ != self.expected:
            print("line", self.line, "raised", got + "; expected", self.expected)
        return True
'''

HEADER = re.compile(r"# (only|not in|needs|options|env|timeout|exit|stdin): ?(.*)")
EXPECT = re.compile(r"(?:^\s*|\s)# expect: ?(.*)$")
STDERR = re.compile(r"^\s*# stderr: ?(.*)$")
RAISES = re.compile(r"^(\s*)(\S.*?)\s+# raises (\w+(?:: .*)?)$")


class BadTest(Exception):
    pass


def has_pseudo_terminals():
    """A chroot without /dev/pts has none."""
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except OSError:
        return False
    return True


# What a machine may lack; a test that needs it is then left out, and the runner says so.
NEEDS = {"pseudo-terminals": has_pseudo_terminals}


class Test:
    """One file: its directives, its expectations, and the text that is run."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(HERE)) if path.is_relative_to(HERE) else path.name
        self.expected, self.stderr = [], []
        self.options, self.environment, self.only, self.not_in, self.needs, self.stdin = [], {}, None, [], None, ""
        self.timeout, self.exit = DEFAULT_TIMEOUT, 0
        self.rewritten = None
        raw = path.read_bytes()
        lines = raw.decode("utf-8", errors="surrogateescape").split("\n")
        for number, line in enumerate(lines, 1):
            if found := HEADER.fullmatch(line):
                self.directive(*found.groups())
            elif found := STDERR.match(line):
                self.stderr.append(found[1])
            elif found := EXPECT.search(line):
                self.expected.append(found[1])
            if found := RAISES.match(line):
                self.rewrite(lines, number, *found.groups())
        if not self.expected and not self.rewritten and not self.stderr and not self.exit:
            raise BadTest("states no expectation (# expect:, # raises, # stderr: or # exit:)")

    def directive(self, kind, text):
        if kind == "only":
            side, _, reason = text.partition(", because ")
            if side not in ("cpython", "dxpy") or not reason:
                raise BadTest("write `# only: cpython, because ...` or `# only: dxpy, because ...`")
            self.only = side
        elif kind == "not in":
            builds, _, reason = text.partition(", because ")
            self.not_in = builds.split()
            if not set(self.not_in) <= set(SLOW_BUILDS) or not reason:
                raise BadTest("write `# not in: BUILDS, because ...`, with some of " + ", ".join(SLOW_BUILDS))
        elif kind == "needs":
            if text not in NEEDS:
                raise BadTest("write `# needs: ...`, with one of " + ", ".join(NEEDS))
            self.needs = text
        elif kind == "options": self.options = text.split()
        elif kind == "env": self.environment.update(item.split("=", 1) for item in text.split())
        elif kind == "timeout": self.timeout = int(text)
        elif kind == "exit": self.exit = int(text)
        elif kind == "stdin": self.stdin += text + "\n"

    def rewrite(self, lines, number, indent, statement, expected):
        if statement.endswith(":") or re.match(r"(async|class|def|for|if|try|while|with|elif|else)\b|@", statement):
            raise BadTest(f"line {number}: `# raises` belongs to a simple statement on one line")
        lines[number - 1] = f"{indent}with _raises({number}, {expected!r}): {statement}"
        # The import takes the place of the opening comment, so that line numbers stay; without one they move by one.
        at = 1 if lines[0].startswith("#") else 0
        self.rewritten = "\n".join(["from raises_helper import raises as _raises", *lines[at:]]).encode(
            "utf-8", errors="surrogateescape")


def run(test, interpreter, scratch):
    """Returns what is wrong, as text; empty when the test passes."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    # Under a name of its own: a test called struct.py must not be what `import struct` finds.
    script = folder / f"test_{test.path.name}"
    script.write_bytes(test.rewritten or test.path.read_bytes())
    if test.rewritten:
        (folder / "raises_helper.py").write_text(RAISES_MODULE)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8",
                   "PYTHONDONTWRITEBYTECODE": "1", "XDG_CACHE_HOME": str(folder)}
    if START_IMAGES:
        environment |= {"HOME": str(scratch), "XDG_CACHE_HOME": str(scratch)}
        del environment["PYTHONDONTWRITEBYTECODE"]
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(test.environment)
    process = subprocess.Popen([str(interpreter), *test.options, str(script)], cwd=folder, env=environment,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    timed_out = False
    try:
        out, err = process.communicate(test.stdin.encode(), timeout=test.timeout * SLOWDOWN)
    except subprocess.TimeoutExpired:
        timed_out = True
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    shutil.rmtree(folder, ignore_errors=True)
    out = out.decode("utf-8", errors="surrogateescape")
    err = err.decode("utf-8", errors="surrogateescape").replace(f"{folder}/test_", "").replace(f"{folder}/", "")

    problems = []
    if timed_out:
        problems.append(f"still running after {test.timeout * SLOWDOWN} s")
    elif process.returncode != test.exit:
        status = process.returncode
        problems.append(f"ended by {signal.Signals(-status).name}" if status < 0 else
                        f"exit status {status}, expected {test.exit}")
    for title, expected, got in (("stdout", test.expected, out), ("stderr", test.stderr, err)):
        lines = got.split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        if lines != expected:
            diff = list(difflib.unified_diff(expected, lines, f"expected {title}", f"actual {title}", lineterm=""))
            problems += diff[:40] + ([f"... {len(diff) - 40} more lines"] if len(diff) > 40 else [])
    return "\n".join("    " + problem for problem in problems).encode("utf-8", "backslashreplace").decode()


def why_not_started(subject):
    """Why dx-py cannot run one line, or empty. Suites treat an interpreter that does not start as one not built."""
    if not subject.exists():
        return "dx-py is not built yet"
    try:
        result = subprocess.run([str(subject), "-c", "print(1 + 1)"], capture_output=True, text=True, timeout=60,
                                errors="replace")
    except subprocess.TimeoutExpired:
        return "dx-py does not start: still running after 60 s"
    if (result.returncode, result.stdout) == (0, "2\n"):
        return ""
    return f"dx-py does not start: status {result.returncode}: {(result.stderr.strip().splitlines() or ['no message'])[-1]}"


def known_failures():
    """tests/known_failures.txt: `path  reason`; a listed test that passes is a failure, so the list only shrinks."""
    known = {}
    listing = HERE / "known_failures.txt"
    for line in listing.read_text().splitlines() if listing.exists() else ():
        path, _, reason = line.partition("  ")
        if path and not path.startswith("#"):
            if not reason.strip():
                sys.exit(f"{listing}: {path} has no reason")
            known[path] = reason.strip()
    return known


def main():
    global SLOWDOWN, START_IMAGES
    build = Path(os.environ.get("DX_BUILD", HERE.parent / "build" / "release"))
    SLOWDOWN = 6 if build.name in SLOW_BUILDS else 1
    peers = Path(os.environ.get("DX_PEERS") or
                 Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dx-py" / "peers")
    oracle, subject = peers / "bin" / "python3.14", build / "bin" / "dx-py"
    words, record = sys.argv[1:], None
    if START_IMAGES := "--start-images" in words:
        words.remove("--start-images")
    if words[:1] == ["--record"]:
        if len(words) < 2:
            sys.exit("--record needs a reason")
        record, words = words[1], words[2:]
    wanted = [Path(name) if Path(name).exists() else HERE / name for name in words] or [HERE / s for s in SUITES]
    files = sorted({file.resolve() for place in wanted for file in
                    ([place] if place.is_file() else place.glob("**/*.py"))})
    files = [file for file in files if os.environ.get("DX_FILTER", "") in str(file)]
    if not files:
        print("no test has this name")
        return 77

    interpreters = []
    # A sanitizer build repeats what the release build has shown to hold on CPython.
    if oracle.exists() and SLOWDOWN == 1:
        interpreters.append(("CPython", oracle))
        print("compared with " + (peers / "version").read_text().splitlines()[0])
    if problem := why_not_started(subject):
        print(f"{problem}: these tests are checked on CPython only")
    else:
        interpreters.append(("dx-py", subject))
    if not interpreters:
        print("nothing to run them with here")
        return 77

    known, known_seen, passed, failed, outcomes = known_failures(), 0, 0, 0, {}
    with tempfile.TemporaryDirectory(prefix="dx-tests-") as scratch, \
         concurrent.futures.ThreadPoolExecutor(max_workers=min(os.cpu_count() or 2, 2)) as pool:
        jobs = []
        for file in files:
            try:
                test = Test(file)
            except (BadTest, ValueError) as error:
                print(f"FAILED {file.relative_to(HERE)}: bad test: {error}")
                failed += 1
                continue
            if test.needs and not NEEDS[test.needs]():
                print(f"left out: {test.name} needs {test.needs}")
                continue
            for side, interpreter in interpreters:
                if side == "dx-py" and build.name in test.not_in:
                    continue
                if test.only in (None, side.lower().replace("-", "")):
                    jobs.append((test, side, pool.submit(run, test, interpreter, scratch)))
        for test, side, job in jobs:
            problem = job.result()
            if side == "dx-py" and record is not None:
                outcomes[test.name] = bool(problem)
                continue
            if side == "dx-py" and test.name in known:
                if problem:
                    known_seen += 1
                    continue
                problem = "    passes, but tests/known_failures.txt lists it: remove the line"
            if problem:
                failed += 1
                print(f"FAILED {test.name} on {side}\n{problem}", flush=True)
            else:
                passed += 1
    if record is not None:
        known = {name: reason for name, reason in known.items() if outcomes.get(name, True)}
        known |= {name: known.get(name, record) for name, wrong in outcomes.items() if wrong}
        (HERE / "known_failures.txt").write_text(
            "# What dx-py is known to fail: `path  reason`. Only ever shorter: a listed test that passes fails the run.\n"
            + "".join(f"{name}  {reason}\n" for name, reason in sorted(known.items())))
        print(f"{len(known)} known failures are listed; {sum(not wrong for wrong in outcomes.values())} pass on dx-py")
    if known_seen:
        print(f"{known_seen} known failures (tests/known_failures.txt)")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
