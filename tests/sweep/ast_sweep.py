"""Compare the syntax trees of every file of the standard library and its tests with those of Python itself.

usage: python3.14 tests/sweep/ast_sweep.py [--tool DX_SYNTAX] [--fraction 0.1 --seed TEXT] [--file FILE]... [--jobs N]
                                           [FOLDER...]

Run by the Python to compare with (3.14); FOLDERs default to its own library. Files that Python rejects must be rejected
with the same type, message, positions and text. Prints counts and the first differences; exit status 1 on any.
"""
import argparse
import concurrent.futures
import hashlib
import os
import sys
import sysconfig
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import front_end

ours = None


def check(path):
    global ours
    if ours is None:
        ours = front_end.Ours(front_end.find_tool(os.environ.get("DX_SYNTAX")))
    with open(path, "rb") as file:
        source = file.read()
    expected, actual = front_end.theirs(source), ours(source)
    rejected = not expected.startswith("Module(")
    if expected == actual:
        return path, rejected, None
    at = next((i for i, (a, b) in enumerate(zip(expected, actual)) if a != b), min(len(expected), len(actual)))
    low = max(0, at - 80)
    return path, rejected, f"  python: ...{expected[low:at + 160]!r}\n  dx-py:  ...{actual[low:at + 160]!r}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool")
    parser.add_argument("--fraction", type=float, default=1.0)
    parser.add_argument("--seed", default="")
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("folders", nargs="*")
    options = parser.parse_args()
    os.environ["DX_SYNTAX"] = front_end.find_tool(options.tool)
    paths = options.file
    if not paths:
        for folder in options.folders or [os.path.realpath(sysconfig.get_path("stdlib"))]:
            for where, _, names in os.walk(folder):
                paths += [os.path.join(where, name) for name in names if name.endswith(".py")]
        paths = [path for path in paths if os.path.isfile(path)]  # Debian leaves links that lead nowhere
        # The choice depends on the seed and each file's place only, so that everyone with the seed checks the same.
        limit = options.fraction * 2**32
        digest = lambda p: int.from_bytes(hashlib.sha256((options.seed + p).encode()).digest()[:4], "big")
        if options.fraction < 1:
            paths = [p for p in paths if digest(p) < limit]
    start, different, rejections = time.time(), [], 0
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for path, rejected, difference in pool.map(check, sorted(paths), chunksize=8):
            rejections += rejected
            if difference:
                different.append((path, difference))
    for path, difference in different[: options.show]:
        print(f"{path}\n{difference}")
    print(f"{len(paths)} files, {rejections} of them rejected by Python {sys.version.split()[0]}: "
          f"{len(different)} differ ({time.time() - start:.0f} s)")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
