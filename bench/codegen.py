#!/usr/bin/env python3
"""./dev bench codegen: what the code generator costs and what its code is worth.

Sections: compile (time per CLIF instruction, code size), start (engine, installing a unit), cache (mapping a file of
units), kernels (nanoseconds and instructions beside C++), context (register or parameter), stencils, exit (leaving a unit), disassembly (hot code of
every kernel beside the C++ compiler's), library (size), cold (a build from nothing; minutes, only when named).
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = ("library", "start", "compile", "cache", "kernels", "context", "stencils", "exit", "disassembly")


def build(folder):
    cache = folder / "CMakeCache.txt"
    if not cache.exists() or "DX_JIT:BOOL=ON" not in cache.read_text():
        subprocess.run(["cmake", "-S", ROOT, "-B", folder, "--preset", folder.name, "-DDX_JIT=ON"],
                       check=True, stdout=subprocess.DEVNULL)
    result = subprocess.run(["cmake", "--build", folder, "--target", "bench_codegen"], capture_output=True, text=True)
    if result.returncode:
        sys.exit("bench_codegen does not build; is there a Rust of at least 1.95?\n" + result.stdout[-3000:])
    return folder / "bench" / "codegen" / "bench_codegen"


def library(folder, program):
    archive = folder / "lib" / "libdxclif.a"
    print(f"\nlibrary: {archive.stat().st_size / 1e6:.1f} MB as an archive, Rust's standard library included")
    sizes = subprocess.run(["size", program], capture_output=True, text=True).stdout.split("\n")[1].split()
    # Everything of the generator that a program needs is reachable from dxcl_compile, so the linker's map tells the rest.
    symbols = subprocess.run(["nm", "-CS", "--defined-only", program], capture_output=True, text=True).stdout
    total = 0
    for line in symbols.split("\n"):
        parts = line.split(maxsplit=3)
        if len(parts) == 4 and parts[2] in "tTrRdD" and re.search(r"cranelift|regalloc2|dxclif|dxcl_|gimli", parts[3]):
            total += int(parts[1], 16)
    print(f"linked into a program of {int(sizes[0]) / 1e6:.1f} MB text: {total / 1e6:.1f} MB of named code and data")


def cold(folder):
    """A build from nothing, in a folder of its own."""
    for jobs in (2,):
        with tempfile.TemporaryDirectory(dir=folder) as target:
            before = os.times()
            started = time.monotonic()
            subprocess.run(["cargo", "build", "--quiet", "--release", "--lib", f"-j{jobs}", "--manifest-path",
                            ROOT / "codegen" / "Cargo.toml"], check=True, env={**os.environ, "CARGO_TARGET_DIR": target})
            after = os.times()
            cpu = after.children_user - before.children_user + after.children_system - before.children_system
            print(f"\ncold build with {jobs} jobs: {time.monotonic() - started:.0f} s, {cpu:.0f} s of CPU")


def hot_lines(text):
    """The function without its padding: enough to read, not a page of int3."""
    lines = [line.split("\t", 1)[1] if "\t" in line else line for line in text.split("\n") if re.match(r"\s+[0-9a-f]+:", line)]
    offsets = [line.split(":")[0].strip() for line in text.split("\n") if re.match(r"\s+[0-9a-f]+:", line)]
    return [f"  {offset:>6}  {line}" for offset, line in zip(offsets, lines) if line.strip() not in ("int3", "nop")]


def disassembly(program, tiers):
    if not shutil.which("objdump"):
        return print("\ndisassembly: objdump is not here")
    flags = ["-M", "intel", "--no-show-raw-insn"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "dump", folder], check=True)
        for path in sorted(path for tier in tiers for path in Path(folder).glob(f"*.{tier}.bin")):
            text = subprocess.run(["objdump", "-D", "-b", "binary", "-mi386:x86-64", *flags, path],
                                  capture_output=True, text=True).stdout
            print(f"\n--- {path.stem}")
            print("\n".join(hot_lines(text)))
    text = subprocess.run(["objdump", "-dC", *flags, program], capture_output=True, text=True).stdout
    for match in re.finditer(r"^[0-9a-f]+ <(?:unsigned long )?dx::bench::\(anonymous namespace\)::(\w+_native[^(]*|native_exit)\(.*>:\n((?:.+\n)+)",
                             text, re.M):
        print(f"\n--- C++ {match[1]}")
        print("\n".join(hot_lines(re.sub(r"<dx::bench.*", "", match[2]))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--rounds", type=int, help="instead of each section's own number")
    parser.add_argument("--tiers", nargs="+", default=["single_pass", "baseline", "optimizing"], help="to disassemble")
    parser.add_argument("sections", nargs="*", metavar="section", help=f"{', '.join(SECTIONS)} or cold; default: all but cold")
    arguments = parser.parse_args()
    for name in arguments.sections:
        if name not in (*SECTIONS, "cold"):
            parser.error(f"no section is called {name}")
    program = build(arguments.build.resolve())
    pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
    for name in arguments.sections or SECTIONS:
        sys.stdout.flush()
        if name == "library":
            library(arguments.build, program)
        elif name == "cold":
            cold(arguments.build)
        elif name == "disassembly":
            disassembly(program, arguments.tiers)
        else:
            # The compile section measures a background thread too, which needs the other core.
            wanted = [] if name == "compile" else pinned
            subprocess.run([*wanted, program, name, *([str(arguments.rounds)] if arguments.rounds else [])], check=True)


if __name__ == "__main__":
    main()
