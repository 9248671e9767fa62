#!/usr/bin/env python3
"""./dev bench core: the interpreter's costs beside CPython 3.14, in one run. `--help` lists the switches.

Sections: programs (time and instructions), nanoseconds, bytes, startup, idle (the programs with a second thread that
sleeps), threads (two threads against the same loop in C).
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "programs"))
sys.dont_write_bytecode = True

import measure
import programs
from measure import Failed

SECTIONS = ("programs", "nanoseconds", "bytes", "startup", "idle", "threads")
SPEED_WANTED, FLOOR_TIME, FLOOR_INSTRUCTIONS, STARTUP_WANTED = 1.5, 0.95, 1.0, 4.0
SCALING_WANTED = {"nothing_shared": 0.9, "shared_dict": 0.8, "shared_function": 0.8}
SIDES = ("CPython", "dx-py")


def table(title, header, rows):
    print(f"\n{title}")
    rows = [header, *rows]
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(header))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
              + ("   " + row[-1] if len(row) > len(header) else ""), flush=True)


def progress(text):
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n",
          file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options):
        self.options = options
        self.sides = {"CPython": Path(options.peers) / "bin" / "python3.14", "dx-py": Path(options.dxpy)}
        self.core = measure.pinned_core()
        # valgrind gives up on some compilers' debug information; it counts a copy without, beside the original so that
        # it finds the same library.
        self.counted = dict(self.sides)
        stripped = self.sides["dx-py"].with_name("dx-py-counted")
        if self.sides["dx-py"].exists() and not subprocess.run(
                ["strip", "-g", "-o", stripped, self.sides["dx-py"]], capture_output=True).returncode:
            self.counted["dx-py"] = stripped
        self.results = {}

    def per_side(self, collect, key, side, action):
        """Runs action unless this side failed here before; a failure is kept as the side's result."""
        if isinstance(collect.setdefault(key, {}).get(side), str):
            return
        try:
            collect[key].setdefault(side, []).append(action())
        except (Failed, OSError, ValueError) as error:
            collect[key][side] = str(error) or type(error).__name__

    # -- programs ------------------------------------------------------------------------------------------------

    def program_times(self, extra, rounds):
        """{program: {side: [seconds per loop]} or {side: reason}}; rounds alternate between the two sides."""
        source = programs.fetch()
        collect = {}
        with tempfile.TemporaryDirectory(prefix="dx-bench-") as scratch:
            scripts = {name: programs.prepare(source, Path(scratch), name) for name in self.names()}
            scripts = {name: script for name, script in scripts.items() if script}
            loops = {}
            for name, script in scripts.items():
                progress(f"calibrating {name}")
                try:
                    once = sum(self.program_once(self.sides["CPython"], script, 1, []).values())
                    loops[name] = max(1, round(self.options.target / max(once, 1e-6)))
                except Failed as error:
                    collect[name] = {"CPython": str(error)}
            for number in range(rounds):
                for name in loops:
                    order = SIDES if number % 2 == 0 else SIDES[::-1]
                    for side in order:
                        progress(f"round {number + 1} of {rounds}: {name}")
                        self.per_side(collect, name, side, lambda: self.program_once(
                            self.sides[side], scripts[name], loops[name], extra))
        progress("")
        # scimark is five programs in one: each kernel gets its own line.
        times = {}
        for name, sides in collect.items():
            kernels = next((list(runs[0]) for runs in sides.values() if isinstance(runs, list)), [name])
            for kernel in kernels:
                label = kernel if len(kernels) > 1 else name
                times[label] = {side: runs if isinstance(runs, str) else [run[kernel] for run in runs]
                                for side, runs in sides.items()}
        return times

    def names(self):
        return [name for name in programs.PROGRAMS if not self.options.programs or name in self.options.programs]

    def program_once(self, interpreter, script, loops, extra):
        warmups = 1 if loops < 20 else loops // 20
        out = measure.run([interpreter, script, f"--dx-loops={loops}", f"--dx-warmups={warmups}", *extra],
                          core=self.core, cwd=script.parent)
        times = {words[1]: float(words[2]) for words in map(str.split, out.splitlines()) if words[:1] == ["time"]}
        if not times:
            raise Failed("the program reported no time")
        return times

    def program_instructions(self):
        """{program: {side: instructions of one repetition, set-up taken away}}, at the sizes the tests use."""
        source = programs.fetch()
        counts = {}
        with tempfile.TemporaryDirectory(prefix="dx-bench-") as scratch:
            for name in self.names():
                script = programs.prepare(source, Path(scratch), name)
                if not script:
                    continue
                progress(f"counting instructions: {name}")
                # Counts do not mind a busy neighbour, so both sides are counted at once.
                with concurrent.futures.ThreadPoolExecutor() as pool:
                    jobs = {side: pool.submit(self.instructions_once, interpreter, script, name)
                            for side, interpreter in self.counted.items()}
                    counts[name] = {side: job.result() for side, job in jobs.items()}
        progress("")
        return counts

    def instructions_once(self, interpreter, script, name):
        """Instructions, or why there are none. A program that checks its own result cannot run zero times."""
        nothing = "--dx-skip" if name in ("hexiom", "pyflate", "mdp", "meteor_contest") else "--dx-loops=0"
        command = [interpreter, script, *programs.PROGRAMS[name]]
        loops = 500 if name in ("comprehensions", "unpack_sequence") else 1
        try:
            # Once uncounted: what the first run of all compiles and keeps is no part of a repetition.
            measure.run([*command, nothing], cwd=script.parent)
            return (measure.instructions([*command, f"--dx-loops={loops}"], cwd=script.parent) -
                    measure.instructions([*command, nothing], cwd=script.parent)) // loops
        except Failed as error:
            return str(error)

    def programs(self):
        counts = {} if self.options.no_instructions else self.program_instructions()
        times = self.program_times([], self.options.rounds)
        self.results["programs"] = {"times": times, "instructions": counts}
        rows, ratios, below, failed = [], [], [], []
        for name, sides in times.items():
            count = counts.get(name) or (counts.get("scimark") if name.startswith("scimark") else None) or {}
            by_count = None
            if all(isinstance(count.get(side), int) for side in SIDES):
                by_count = count["CPython"] / max(count["dx-py"], 1)
            row, ratio = self.ratio_row(name, sides, 1e3, "{:.3f}")
            row.insert(4, f"{by_count:.2f}x" if by_count else "-")
            rows.append(row)
            if ratio is None:
                failed.append(name)
                continue
            ratios.append(ratio)
            if ratio < FLOOR_TIME and not (by_count and by_count >= FLOOR_INSTRUCTIONS):
                below.append(name)
        table(f"Programs: milliseconds a repetition, median of {self.options.rounds} interleaved rounds on core "
              f"{self.core}; instructions by callgrind", ["program", *SIDES, "speed", "by instructions"], rows)
        if ratios:
            mean = measure.geometric_mean(ratios)
            print(f"  geometric mean {mean:.2f}x CPython's speed over {len(ratios)} of {len(rows)} "
                  f"({SPEED_WANTED}x wanted); below the floor: {', '.join(below) or 'none'}; "
                  f"failed: {', '.join(failed) or 'none'}")
        else:
            print("  no program ran on both sides")
        missing = [name for name in self.names() if name not in times and not (name == "scimark" and any(
            label.startswith("scimark") for label in times))]
        if missing:
            print(f"  not in pyperformance {programs.VERSION}: {', '.join(missing)}")

    def idle(self):
        times = self.program_times(["--dx-idle-thread"], self.options.rounds)
        self.results["idle"] = times
        rows = []
        alone = self.results.get("programs", {}).get("times", {})
        for name, sides in times.items():
            row, _ = self.ratio_row(name, sides, 1e3, "{:.3f}")
            own = alone.get(name, {}).get("dx-py")
            mine = sides.get("dx-py")
            row.insert(4, f"{measure.median(own) / measure.median(mine):.2f}x"
                       if isinstance(own, list) and isinstance(mine, list) else "-")
            rows.append(row)
        table("The programs once more, with a second thread that sleeps: milliseconds a repetition",
              ["program", *SIDES, "speed", "of alone"], rows)

    def ratio_row(self, name, sides, scale, form):
        cells, values, notes = [], [], []
        for side in SIDES:
            got = sides.get(side, "did not run")
            if isinstance(got, str):
                cells.append("FAILED")
                notes.append(f"{side}: {got}")
            else:
                values.append(measure.median(got))
                cells.append(form.format(values[-1] * scale))
        ratio = values[0] / values[1] if len(values) == 2 and values[1] > 0 else None
        row = [name, *cells, f"{ratio:.2f}x" if ratio else "-"]
        if notes:
            row += [""] * (1 if scale == 1e3 else 0)
            row.append("; ".join(notes))
        return row, ratio

    # -- single operations ---------------------------------------------------------------------------------------

    def nanoseconds(self):
        script = HERE / "micro" / "nanoseconds.py"
        names = [line.split('"')[1] for line in script.read_text().splitlines() if line.startswith('    "')]
        jobs = [(name, [name]) for name in names] + [("count_pair, 2nd thread asleep", ["count_pair", "--second-thread"])]
        collect = {}
        for number in range(max(3, self.options.rounds // 2)):
            for label, words in jobs:
                for side in SIDES:
                    progress(f"round {number + 1}: {label}")
                    self.per_side(collect, label, side, lambda: float(measure.run(
                        [self.sides[side], script, *words], core=self.core).split()[1]))
        progress("")
        self.results["nanoseconds"] = collect
        table("Nanoseconds of one operation", ["operation", *SIDES, "speed"],
              [self.ratio_row(label, collect[label], 1.0, "{:.1f}")[0] for label, _ in jobs])

    def bytes(self):
        script = HERE / "micro" / "objects.py"
        kinds = [line.split('"')[1] for line in script.read_text().splitlines() if line.startswith('    "')]
        collect = {}
        for kind in kinds:
            for side in SIDES:
                progress(f"weighing {kind}")
                self.per_side(collect, kind, side, lambda: float(measure.run([self.sides[side], script, kind])))
        progress("")
        self.results["bytes"] = collect
        rows = []
        for kind in kinds:
            row, _ = self.ratio_row(kind, collect[kind], 1.0, "{:.1f}")
            values = [collect[kind].get(side) for side in SIDES]
            if all(isinstance(value, list) for value in values):
                row[3] = f"{values[1][0] / max(values[0][0], 0.1):.2f}x"
            rows.append(row)
        table("Bytes of one object, from the resident memory that 200,000 of them add", ["object", *SIDES, "memory"], rows)

    def startup(self):
        jobs = {"-I -S -c pass": ["-I", "-S", "-c", "pass"], "-c pass": ["-c", "pass"]}
        collect, counts = {}, {}
        # The first start compiles, the second stores a start image (for each program and each set of options).
        for words in [*jobs.values()] * 3:
            for interpreter in self.sides.values():
                if interpreter.exists():
                    measure.seconds([interpreter, *words], self.core)
        for number in range(max(20, self.options.rounds)):
            for label, words in jobs.items():
                for side in SIDES:
                    self.per_side(collect, label, side,
                                  lambda: measure.seconds([self.sides[side], *words], self.core))
        rows = []
        # Valgrind's addresses look like numbers and text, so no start image is stored there: ordinary starts are counted.
        measure.ENVIRONMENT["DX_START_IMAGE"] = "0"
        for label, words in jobs.items():
            row, _ = self.ratio_row(label, collect[label], 1e3, "{:.2f}")
            try:
                counts[label] = {side: measure.instructions([self.counted[side], *words]) for side in SIDES}
                row.insert(4, f"{counts[label]['CPython'] / counts[label]['dx-py']:.2f}x")
            except Failed as error:
                counts[label] = str(error)
                row.insert(4, "-")
            rows.append(row)
        del measure.ENVIRONMENT["DX_START_IMAGE"]
        self.results["startup"] = {"times": collect, "instructions": counts}
        table(f"Start-up: milliseconds of a whole process ({STARTUP_WANTED:.0f}x wanted)",
              ["command", *SIDES, "speed", "by instructions, without start image"], rows)

    # -- threads -------------------------------------------------------------------------------------------------

    def threads(self):
        if len(os.sched_getaffinity(0)) < 2:
            print("\nTwo threads: this process may use one core only, so nothing was measured")
            return
        script = HERE / "micro" / "threads.py"
        kinds = [word.split('"')[1] for word in script.read_text().split("KINDS = ")[1].split("}")[0].split(":")
                 if '"' in word]
        with tempfile.TemporaryDirectory() as scratch:
            loop = Path(scratch) / "threads"
            compiler = os.environ.get("CC") or "clang-19"
            subprocess.run([compiler, "-O2", "-pthread", str(HERE / "micro" / "threads.c"), "-o", str(loop)], check=True)
            rounds = max(5, self.options.rounds // 2)
            collect = {}
            for number in range(rounds):
                progress(f"two threads, round {number + 1} of {rounds}")
                for threads in (1, 2):
                    self.per_side(collect, "the loop in C", str(threads),
                                  lambda: float(measure.run([loop, threads])))
                    for kind in kinds:
                        for side in SIDES:
                            self.per_side(collect, f"{kind}/{side}", str(threads),
                                          lambda: float(measure.run([self.sides[side], script, kind, threads])))
        progress("")
        self.results["threads"] = collect

        def speedup(key):
            runs = collect[key]
            failed = [value for value in runs.values() if isinstance(value, str)]
            return failed[0] if failed else 2 * measure.median(runs["1"]) / measure.median(runs["2"])

        machine = speedup("the loop in C")
        if isinstance(machine, str):
            print(f"\nTwo threads: the loop in C failed: {machine}")
            return
        rows = []
        for kind in kinds:
            row, notes = [kind], []
            for side in SIDES:
                got = speedup(f"{kind}/{side}")
                row.append("FAILED" if isinstance(got, str) else f"{got / machine:.2f}")
                if isinstance(got, str):
                    notes.append(f"{side}: {got}")
            row.append(f"{SCALING_WANTED[kind]}" if kind in SCALING_WANTED else "-")
            rows.append(row + (["; ".join(notes)] if notes else []))
        table(f"Two threads, as a share of what the same machine reaches in C ({machine:.2f} times one thread's work)",
              ["work", *SIDES, "wanted"], rows)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench core", description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument("--dxpy", help="the interpreter to measure (default: the build's)")
    parser.add_argument("--peers", default=os.environ.get("DX_PEERS"), help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=10, help="interleaved rounds (default 10)")
    parser.add_argument("--target", type=float, default=0.25, help="seconds of one measurement on CPython")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas: " + ", ".join(SECTIONS))
    parser.add_argument("--programs", type=lambda text: text.split(","), help="only these programs")
    parser.add_argument("--no-instructions", action="store_true", help="leave callgrind out (minutes)")
    parser.add_argument("--json", help="also write everything measured to this file")
    options = parser.parse_args()
    options.dxpy = options.dxpy or str(Path(options.build) / "bin" / "dx-py")
    wanted = options.only.split(",")
    if unknown := [name for name in wanted if name not in SECTIONS]:
        parser.error(f"no such section: {', '.join(unknown)}")

    bench = Bench(options)
    versions = (Path(options.peers) / "version").read_text().splitlines()
    print(f"{time.strftime('%Y-%m-%d')}, {measure.machine()}")
    print(f"compared with {versions[0]}; dx-py is {options.dxpy}")
    for section in SECTIONS:
        if section in wanted:
            getattr(bench, section)()
    if options.json:
        bench.results["about"] = {"machine": measure.machine(), "compared with": versions[0],
                                  "rounds": options.rounds, "date": time.strftime("%Y-%m-%d")}
        Path(options.json).write_text(json.dumps(bench.results, indent=1))
        print(f"\neverything measured: {options.json}")


if __name__ == "__main__":
    main()
