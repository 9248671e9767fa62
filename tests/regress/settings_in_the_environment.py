# PYTHON* variables and -X options that set up the interpreter.
import os, subprocess, sys
def run(code, *options, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | variables
    done = subprocess.run([sys.executable, *options, "-c", code], env=environment, capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]
print(run("import sys; print(sys.warnoptions)", "-Wonce", PYTHONWARNINGS="ignore::UserWarning,error"))  # expect: ['ignore::UserWarning', 'error', 'once']
print(run("import warnings; warnings.warn('x')", PYTHONWARNINGS="error"))  # expect: UserWarning: x
print(run("import sys; print(sys.flags.dev_mode, sys.warnoptions)", PYTHONDEVMODE="1"))  # expect: True ['default']
print(run("import sys; print(sys.flags.dev_mode, sys.warnoptions)", "-b", "-X", "dev"))  # expect: True ['default', 'default::BytesWarning']
print(run("import sys; print(sys.pycache_prefix)", PYTHONPYCACHEPREFIX="/tmp/p"))  # expect: /tmp/p
print(run("import sys; print(sys.pycache_prefix)", "-X", "pycache_prefix=/tmp/q", PYTHONPYCACHEPREFIX="/tmp/p"))  # expect: /tmp/q
print(run("import sys; print(sys.get_int_max_str_digits(), sys.flags.int_max_str_digits)", PYTHONINTMAXSTRDIGITS="700"))  # expect: 700 700
print(run("import sys; print(sys.get_int_max_str_digits())", "-X", "int_max_str_digits=0", PYTHONINTMAXSTRDIGITS="700"))  # expect: 0
print(run("1", PYTHONINTMAXSTRDIGITS="7") != "")  # expect: True
print(run("import sys; print(sys.flags.optimize, sys.flags.hash_randomization)", PYTHONOPTIMIZE="2", PYTHONHASHSEED="0"))  # expect: 2 0
print(run("import sys; print(sys.flags.no_user_site)", PYTHONNOUSERSITE="x"))  # expect: 1
print(run("import sys\ntry: sys.exit((42,))\nexcept SystemExit as e: print(e.code, e.args)"))  # expect: 42 (42,)
