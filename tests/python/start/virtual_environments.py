"""Where sys says things are: called directly, through a symbolic link, by name, and in a virtual environment."""
import os
import subprocess
import sys
import tempfile

PROGRAM = "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='|')"


def places(*command, **options):
    run = subprocess.run([*command, "-c", PROGRAM], capture_output=True, text=True, **options)
    return (run.stdout.strip() or run.stderr).split("|")


def has_library(prefix):
    return os.path.exists(os.path.join(prefix, "lib", "python3.14", "os.py"))


with tempfile.TemporaryDirectory() as folder:
    folder = os.path.realpath(folder)
    base = sys.base_prefix

    # expect: by path: True True True
    executable, prefix, base_prefix = places(sys.executable)
    print("by path:", executable == sys.executable, prefix == base, has_library(base_prefix))

    environment = os.path.join(folder, "environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    inside = os.path.join(environment, "bin", "python")
    # expect: environment: True True True
    for _ in range(3):  # an ordinary start, one that remembers, one that is remembered
        executable, prefix, base_prefix = places(inside)
    print("environment:", executable == inside, prefix == environment, has_library(base_prefix))

    # expect: without site: True True
    executable, prefix, base_prefix = places(inside, "-I", "-S")
    print("without site:", prefix == environment, has_library(base_prefix))

    # expect: by name: True True
    executable, prefix, _ = places("python", env={**os.environ, "PATH": os.path.dirname(inside)})
    print("by name:", executable == inside, prefix == environment)

    # expect: relative: True True
    executable, prefix, _ = places("./bin/python", cwd=environment)
    print("relative:", executable == inside, prefix == environment)

    # expect: site-packages inside: True
    packages = os.path.join(environment, "lib", "python3.14", "site-packages")
    with open(os.path.join(packages, "only_here.py"), "w") as module:
        module.write("print('found')")
    run = subprocess.run([inside, "-c", "import only_here"], capture_output=True, text=True)
    print("site-packages inside:", run.stdout == "found\n")

    # expect: without home: True True
    with open(os.path.join(environment, "pyvenv.cfg"), "w") as configuration:
        configuration.write("version = 3\n")
    executable, prefix, base_prefix = places(inside, "-I", "-S")
    print("without home:", prefix == environment, has_library(base_prefix))
