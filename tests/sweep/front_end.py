"""What dx-syntax and the oracle say about one source, in the same words. Shared by the sweeps beside it."""
import ast
import os
import subprocess
import sys
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
IS_STR, TYPE_COMMENTS, INCOMPLETE, NO_DEDENT = 1, 2, 4, 8


def find_tool(argument=None):
    for path in (argument, os.environ.get("DX_SYNTAX"), os.path.join(ROOT, "build/release/tests/dx-syntax")):
        if path and os.path.exists(path):
            return path
    sys.exit("dx-syntax not found: build the target dx-syntax, or name it with --tool or DX_SYNTAX")


class Ours:
    def __init__(self, tool):
        self.tool = tool
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.tool, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, source, mode="exec", flags=0):
        if isinstance(source, str):
            source, flags = source.encode("utf-8", "surrogatepass"), flags | IS_STR
        try:
            self.process.stdin.write(b"%s %d %d\n" % (mode.encode(), flags, len(source)) + source)
            self.process.stdin.flush()
            size = self.process.stdout.readline()
            return self.process.stdout.read(int(size)).decode("utf-8", "surrogatepass")
        except (ValueError, OSError):
            code = self.process.wait()
            self.start()
            return f"dx-syntax ended with {code}"


def theirs(source, mode="exec", flags=0):
    bits = ast.PyCF_ONLY_AST
    if flags & TYPE_COMMENTS:
        bits |= ast.PyCF_TYPE_COMMENTS
    if flags & INCOMPLETE:
        bits |= 0x4000
    if flags & NO_DEDENT:
        bits |= 0x200
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = compile(source, "<sweep>", "func_type" if mode == "func" else mode, bits)
            text = ast.dump(tree, include_attributes=True)
        except SyntaxError as error:
            text = f"{type(error).__name__}: {error.msg}"
            if error.lineno is not None:
                text += f" ({error.lineno}, {error.offset}, {error.end_lineno}, {error.end_offset}, {error.text!r})"
                place = getattr(error, "_metadata", None) or (0, 0)
                text += f" [{place[0]}, {place[1]}]"
        except (MemoryError, OverflowError, ValueError) as error:
            text = f"{type(error).__name__}: {error}"
    if text.startswith(("SyntaxError: future feature", "SyntaxError: not a chance")):
        return None  # the compiler's to say
    for warning in caught:
        # Warnings about the tree, not its text, belong to the compiler.
        if "in a 'finally' block" in str(warning.message):
            continue
        text += f"\n{warning.category.__name__} {warning.lineno}: {warning.message}"
    return text
