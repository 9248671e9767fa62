#!/usr/bin/env python3
"""lay_out_library.py SOURCE PREFIX VERSION [WHEELS]: makes PREFIX/lib/python3.14 from a CPython 3.14 library.

SOURCE is Debian's (or any) lib/python3.14. Only Python files come along, and what a distributor added for its own
system goes away: Debian's install schemes, dist-packages folders, EXTERNALLY-MANAGED, sitecustomize, compiled modules
and build facts. Ours come on top: lib/python3.14 of this repository, lib/dx, and tools/sysconfigdata.py.
Every edit states the text it replaces and fails when a new library version no longer has it.
"""
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {"EXTERNALLY-MANAGED", "sitecustomize.py", "usercustomize.py", "_distutils_system_mod.py", "lib-dynload",
            "test", "tests", "idlelib", "turtledemo", "__pycache__", "dist-packages", "site-packages"}
LEFT_OUT_STARTS = ("_sysconfigdata", "_sysconfig_vars", "build-details", "config-3.14", "libpython")
MULTIARCH = "x86_64-linux-gnu" if os.uname().machine == "x86_64" else os.uname().machine + "-linux-gnu"

# File -> (from, up to but without, replacement): whole stretches, so that the result reads as if written that way.
EDITS = {
    "sysconfig/__init__.py": [
        ("    'deb_system': {\n", "    'posix_home': {\n", ""),
        ("'posix_home', 'posix_local', 'deb_system')", ":\n", "'posix_home')"),
        ("    if sys.base_prefix != sys.prefix or hasattr(sys, \"real_prefix\"):\n        # virtual environments\n",
         "        'home': 'posix_home',\n        'user': 'posix_user',\n",
         "    return {\n        'prefix': 'posix_prefix',\n"),
    ],
    "site.py": [
        ("sys.exec_prefix (if different) and appends\nlib/python3", "On other platforms",
         "sys.exec_prefix (if different) and appends\nlib/python<version>/site-packages.\n"),
        ("For Debian and derivatives, this sys.path", "If a file named \"pyvenv.cfg\"", ""),
        ("    is_virtual_environment = sys.base_prefix", "    for prefix in prefixes:\n", ""),
        ("            if is_virtual_environment:\n", "        else:\n            sitepackages.append(prefix)\n",
         "            for libdir in libdirs:\n"
         "                path = os.path.join(prefix, libdir,\n"
         "                                    f\"{implementation}{ver[0]}.{ver[1]}{abi_thread}\",\n"
         "                                    \"site-packages\")\n"
         "                sitepackages.append(path)\n"),
    ],
    "pydoc.py": [("              not file.startswith(os.path.join(basedir, 'dist-packages'))",
                  "              not file.startswith(os.path.join(basedir, 'site-packages'", "")],
    "ensurepip/__init__.py": [
        ("def _ensurepip_is_disabled_in_debian_for_system():\n", "__all__", ""),
        ("    # Ensure that we are only running this inside of a virtual", "    if altinstall and default_pip", ""),
    ],
}
DEBIAN_MARKS = ("dist-packages", "posix_local", "deb_system", "DEB_PYTHON", "disabled_in_debian")


def wanted(folder, names):
    return [name for name in names
            if name in LEFT_OUT or name.startswith(LEFT_OUT_STARTS) or name.endswith((".so", ".pyc", ".a"))
            or os.path.islink(os.path.join(folder, name)) and not os.path.exists(os.path.join(folder, name))]


def edit(path, edits):
    text = path.read_text(encoding="utf-8")
    if not any(mark in text for mark in DEBIAN_MARKS):
        return
    for start, end, replacement in edits:
        at = text.find(start)
        upto = text.find(end, at + len(start)) if at >= 0 else -1
        if at < 0 or upto < 0 or text.find(start, at + 1) >= 0:
            sys.exit(f"lay_out_library: {path.name} no longer has the expected text {start[:60]!r}")
        text = text[:at] + replacement + text[upto:]
    if left := [mark for mark in DEBIAN_MARKS if mark in text]:
        sys.exit(f"lay_out_library: {path.name} still mentions {left}")
    path.write_text(text, encoding="utf-8")


def main():
    source, prefix, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    final = prefix / "lib" / "python3.14"
    fresh = prefix / "lib" / "python3.14.new"
    shutil.rmtree(fresh, ignore_errors=True)
    (prefix / "lib").mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, fresh, ignore=wanted)
    for required in ("os.py", "encodings/__init__.py", "importlib/_bootstrap.py", "site.py", "sysconfig/__init__.py"):
        if not (fresh / required).exists():
            sys.exit(f"lay_out_library: {source} is no complete library: {required} is missing")
    for name, edits in EDITS.items():
        if (fresh / name).exists():
            edit(fresh / name, edits)
    shutil.copyfile(ROOT / "tools" / "sysconfigdata.py", fresh / f"_sysconfigdata__linux_{MULTIARCH}.py")
    (fresh / "site-packages").mkdir()
    wheels = sorted(Path(sys.argv[4]).glob("pip-*.whl")) if len(sys.argv) > 4 else []
    if wheels and (fresh / "ensurepip").exists():
        bundled = fresh / "ensurepip" / "_bundled"
        bundled.mkdir(exist_ok=True)
        shutil.copyfile(wheels[-1], bundled / wheels[-1].name)
    own = ROOT / "lib" / "python3.14"
    if own.exists():
        shutil.copytree(own, fresh, dirs_exist_ok=True, ignore=wanted)
    features = ROOT / "lib" / "dx"
    if features.exists():
        shutil.rmtree(prefix / "lib" / "dx", ignore_errors=True)
        shutil.copytree(features, prefix / "lib" / "dx", ignore=wanted)
        (fresh / "dx").symlink_to("../dx")
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)
    # Last, so that an interrupted layout is done again.
    (prefix / "lib" / "library-version").write_text(version + "\n")
    print(f"{final}: the library of CPython {version}")


main()
