"""The pyperformance programs that dx-py is tested and measured with: which, where from, how to run one.

They are fetched once per user with pip and never committed. Imported by tests/programs/run and bench/core.py.
"""
import fcntl
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = "1.14.0"

# Name -> options that make it a small test; empty: it has no size to choose.
PROGRAMS = {
    "nbody": ["--iterations=500"],
    "richards": [],
    "fannkuch": [],
    "deltablue": [],
    "chaos": ["--iterations=600", "--width=64", "--height=64"],
    "float": [],
    "go": [],
    "hexiom": ["--level=2"],
    "nqueens": [],
    "spectral_norm": [],
    "raytrace": ["--width=24", "--height=24"],
    "pyflate": [],
    "generators": [],
    "comprehensions": [],
    "unpack_sequence": [],
    "scimark": [],
    "mdp": [],
    "meteor_contest": [],
    "barnes_hut": ["--iterations=4", "--particles=60"],
    "btree": [],
    "coroutines": [],
}
# Programs that can write the picture they compute.
PICTURES = ("chaos", "raytrace")


def fetch():
    """Returns the folder of unpacked programs, or exits with the reason."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dx-py"
    target = cache / f"pyperformance-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "programs-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            download = cache / "pyperformance-download"
            shutil.rmtree(download, ignore_errors=True)
            got = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", download,
                                  f"pyperformance=={VERSION}"], capture_output=True, text=True)
            wheels = list(download.glob("*.whl"))
            if got.returncode or not wheels:
                sys.exit(f"cannot fetch pyperformance {VERSION} with pip (is there a network?):\n{got.stderr}")
            with zipfile.ZipFile(wheels[0]) as wheel:
                names = [name for name in wheel.namelist() if "/benchmarks/bm_" in name]
                wheel.extractall(download, names)
            (download / "pyperformance/data-files/benchmarks").rename(target)
            shutil.rmtree(download)
    return target


def prepare(source, scratch, name):
    """Copies one program with the stand-in for pyperf into scratch; returns its script, or None if there is none."""
    if not (source / f"bm_{name}").exists():
        return None
    folder = scratch / name
    if not folder.exists():
        shutil.copytree(source / f"bm_{name}", folder)
        for own in ("pyperf.py", "checks.py"):
            shutil.copyfile(HERE / own, folder / own)
    return folder / "run_benchmark.py"
