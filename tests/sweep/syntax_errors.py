"""Break valid programs in small ways and compare the SyntaxErrors of the front end with Python's.

usage: python3.14 tests/sweep/syntax_errors.py [--tool DX_SYNTAX] [--count N] [--seed N] [--show N] [--jobs N]
                                               [--floor PERCENT] [--table]

--table compares only the fixed snippets: tests/sweep/syntax_error_snippets.txt and every doctest and string of the
library's own tests of syntax errors that looks like a program. Otherwise N mutants (tokens deleted, doubled, swapped,
inserted) of statements from the library are made too. A difference in type, message, positions or text counts. Exit
status 1 when the agreement is below --floor.
"""
import argparse
import ast
import collections
import concurrent.futures
import doctest
import io
import os
import random
import sys
import sysconfig
import tokenize
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import front_end

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.realpath(sysconfig.get_path("stdlib"))
TEST_FILES = ["test_syntax", "test_exceptions", "test_fstring", "test_tstring", "test_patma", "test_grammar",
              "test_named_expressions", "test_positional_only_arg", "test_type_params", "test_unparse", "test_eof",
              "test_string_literals", "test_unpack_ex", "test_except_star", "test_type_comments", "test_generators",
              "test_genexps", "test_listcomps", "test_dictcomps", "test_setcomps", "test_with", "test_lambda",
              "test_compile", "test_ast/test_ast", "test_codeop", "test_coroutines", "test_keywordonlyarg", "test_cmd_line",
              "test_traceback", "test_source_encoding", "test_tokenize", "test_unicode_identifiers", "test_call"]
SPARE = ["=", ":", ",", "(", ")", "[", "]", "{", "}", "*", "**", ".", "if", "else", "for", "in", "not", "is", "lambda",
         "def", "class", "return", "yield", "await", "async", "import", "from", "as", "None", "True", "1", "x", "'s'",
         "f'{x}'", ":=", "->", "==", "+", "-", "@", "pass", "with", "try", "except", "finally", "while", "del", "global",
         "raise", "assert", "match", "case", "_", "type", "print", "elif", "and", "or", "!", "$", "\n", "\n  ", ";", "'",
         '"""', "\\", "0777", "1_", "...", "/", "<", "+=", "nonlocal", "break", "t'{x}'", "b'x'", "#"]


def snippets():
    """Programs, most of them wrong, from the tests that are about wrong programs."""
    found = []
    with open(os.path.join(HERE, "syntax_error_snippets.txt"), encoding="utf-8") as file:
        found += [ast.literal_eval(line) for line in file if line.strip() and not line.startswith("#")]
    for name in TEST_FILES:
        path = os.path.join(LIBRARY, "test", name + ".py")
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 3000:
                text = node.value
                found.append(text)
            elif isinstance(node, ast.Constant) and isinstance(node.value, bytes) and len(node.value) < 500:
                found.append(node.value)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ">>>" in node.value:
                try:
                    found += [example.source for example in doctest.DocTestParser().get_examples(node.value)]
                except ValueError:
                    pass
    return list(dict.fromkeys(found))


def statements(rng, count):
    """Short pieces of real programs."""
    paths = [os.path.join(where, name) for where, _, names in os.walk(LIBRARY) for name in names if name.endswith(".py")]
    paths = sorted(path for path in paths if os.path.isfile(path))
    out = []
    while len(out) < count:
        try:
            with open(rng.choice(paths), encoding="utf-8") as file:
                source = file.read()
            body = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.stmt) and n.end_lineno - n.lineno < rng.choice((1, 4, 15, 15, 60))]
        except (SyntaxError, UnicodeDecodeError):
            continue
        lines = source.splitlines(keepends=True)
        for node in rng.sample(body, min(len(body), 20)):
            text = "".join(lines[node.lineno - 1:node.end_lineno])
            indent = len(text) - len(text.lstrip(" "))
            text = "".join(line[indent:] if not line[:indent].strip() else line for line in text.splitlines(True))
            out.append(text)
    return out


def mutate(rng, text):
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.string.strip()]
    except (SyntaxError, IndentationError, tokenize.TokenError):
        return text[: rng.randrange(len(text) + 1)]
    if not tokens:
        return text
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = [(starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1]) for t in tokens]
    a, b = rng.choice(spans)
    kind = rng.randrange(8)
    if kind == 0:
        return text[:a] + text[b:]
    if kind == 1:
        return text[:b] + " " + text[a:b] + text[b:]
    if kind == 2:
        c, d = rng.choice(spans)
        if (a, b) > (c, d):
            a, b, c, d = c, d, a, b
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:] if b <= c else text
    if kind in (3, 4):
        return text[:a] + rng.choice(SPARE) + " " + text[a:]
    if kind == 5:
        return text[:a] + rng.choice(SPARE) + text[b:]
    if kind == 6:
        return text[:b]
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice("()[]{}'\"\\:=,.*\t\n #$?!0é€") + text[at:]


MODES = [("exec", 0), ("single", 0), ("eval", 0), ("single", front_end.INCOMPLETE | front_end.NO_DEDENT),
         ("exec", front_end.TYPE_COMMENTS), ("func", 0)]
MODE_WEIGHTS = [70, 10, 5, 8, 6, 1]

ours = None


def check(case):
    global ours
    if ours is None:
        ours = front_end.Ours(front_end.find_tool(os.environ.get("DX_SYNTAX")))
    source, mode, flags = case
    try:
        if isinstance(source, str):
            source.encode("utf-8")
    except UnicodeEncodeError:
        return None
    expected, actual = front_end.theirs(source, mode, flags), ours(source, mode, flags)
    return expected and (expected, actual)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--floor", type=float, default=100.0)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--only", default="", help="show only differences whose expected text contains this")
    options = parser.parse_args()
    os.environ["DX_SYNTAX"] = front_end.find_tool(options.tool)
    warnings.simplefilter("ignore")
    rng = random.Random(options.seed)
    table = snippets()
    cases = [(s, "exec", 0) for s in table]
    cases += [(s, "eval", 0) for s in table[::3]] + [(s, "single", 0) for s in table[::3]]
    cases += [(s, "single", front_end.INCOMPLETE | front_end.NO_DEDENT) for s in table[::5]]
    cases += [(s, "exec", front_end.TYPE_COMMENTS) for s in table[::5]]
    if not options.table:
        pieces = statements(rng, options.count // 10)
        for _ in range(options.count):
            text = mutate(rng, rng.choice(pieces))
            while rng.random() < 0.15:
                text = mutate(rng, text)
            cases.append((text, *rng.choices(MODES, MODE_WEIGHTS)[0]))
    different, errors, agreed, kinds = [], 0, 0, collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for case, answer in zip(cases, pool.map(check, cases, chunksize=50)):
            if answer is None:
                continue
            expected, actual = answer
            errors += "Error: " in expected[:40]
            if expected == actual:
                agreed += 1
            else:
                different.append((case, expected, actual))
                kinds[expected.split(" (")[0][:70]] += 1
    total = agreed + len(different)
    different.sort(key=lambda d: len(d[0][0]))
    shown = [d for d in different if options.only in d[1]]
    for case, expected, actual in shown[: options.show]:
        print(f"{case!r}\n  python: {expected[:300]}\n  dx-py:  {actual[:300]}")
    for kind, count in kinds.most_common(15 if options.show else 0):
        print(f"{count:6} {kind}")
    percent = 100.0 * agreed / total
    print(f"{total} sources, {errors} of them wrong: {len(different)} differ, {percent:.3f}% agree "
          f"with Python {sys.version.split()[0]}")
    sys.exit(percent < options.floor)


if __name__ == "__main__":
    main()
