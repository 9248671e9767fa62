#!/usr/bin/env python3
"""./dev bench kernels: what the builtin types and native modules cost beside CPython 3.14, one operation a line.

Both interpreters run bench/micro/kernels.py in turn, on one core, a few rounds; medians count. Kernels where CPython is
faster come last, the worst at the end.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True

import measure

SCRIPT = HERE / "micro" / "kernels.py"
SIDES = ("CPython", "dx-py")


def one_pass(interpreter, core, match):
    """{kernel: nanoseconds or reason}. A kernel that ends the process is named, and the pass goes on behind it."""
    got, first = {}, 0
    while True:
        command = ["taskset", "-c", str(core), str(interpreter), str(SCRIPT), "--from", str(first)]
        command += ["--match", match] if match else []
        process = subprocess.run(command, capture_output=True, text=True, errors="replace", env=measure.ENVIRONMENT,
                                 timeout=measure.TIMEOUT)
        number = None
        for line in process.stdout.splitlines():
            number, name, *rest = line.split(" ", 2)
            try:
                got[name] = float(rest[0]) if rest else None
            except ValueError:
                got[name] = rest[0]
        if not process.returncode:
            return got
        if number is None:
            raise measure.Failed(f"{interpreter}: {process.stderr.strip()[-300:]}")
        got[name] = f"the process ended with status {process.returncode}"
        first = int(number) + 1


def main():
    parser = argparse.ArgumentParser(prog="./dev bench kernels", description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument("--dxpy", help="the interpreter to measure (default: the build's)")
    parser.add_argument("--peers", default=os.environ.get("DX_PEERS"), help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--match", help="only kernels whose name has one of these parts, separated by commas")
    parser.add_argument("--json", help="also write everything measured to this file")
    options = parser.parse_args()
    sides = {"CPython": Path(options.peers) / "bin" / "python3.14",
             "dx-py": options.dxpy or Path(options.build) / "bin" / "dx-py"}
    core = measure.pinned_core()
    print(f"{time.strftime('%Y-%m-%d')}, {measure.machine()}")

    collect = {}
    for number in range(options.rounds):
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
            for name, value in one_pass(sides[side], core, options.match).items():
                collect.setdefault(name, {}).setdefault(side, []).append(value)
    rows, failed = [], []
    for name, found in collect.items():
        values = {}
        for side in SIDES:
            numbers = [value for value in found.get(side, []) if isinstance(value, float)]
            if len(numbers) < options.rounds:
                reason = next((value for value in found.get(side, []) if not isinstance(value, float)), "did not run")
                failed.append(f"{name}: {side}: {reason}")
            else:
                values[side] = measure.median(numbers)
        if len(values) == 2:
            rows.append((values["CPython"] / values["dx-py"], name, values))
    rows.sort(key=lambda row: -row[0])
    slower = False
    print(f"\n  {'kernel':32} {'CPython ns':>12} {'dx-py ns':>12} {'speed':>7}")
    for ratio, name, values in rows:
        if ratio < 1.0 and not slower:
            slower = True
            print("  -- slower than CPython --")
        print(f"  {name:32} {values['CPython']:12.1f} {values['dx-py']:12.1f} {ratio:6.2f}x")
    if rows:
        print(f"\n  {len(rows)} kernels, geometric mean {measure.geometric_mean([row[0] for row in rows]):.2f}x CPython's "
              f"speed; {sum(row[0] < 1.0 for row in rows)} slower, {sum(row[0] < 0.5 for row in rows)} below half")
    for line in failed:
        print(f"  failed: {line[:160]}")
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": measure.machine(), "kernels": collect}, indent=1))


if __name__ == "__main__":
    main()
