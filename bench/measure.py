"""Running one process pinned to a core, under callgrind, or weighed. Every failure becomes a Failed with its reason."""
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

TIMEOUT = 300
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
ENVIRONMENT |= {"PYTHONHASHSEED": "0"}


class Failed(Exception):
    pass


def pinned_core():
    """The last core this process may use: the first ones get more interrupts."""
    return max(os.sched_getaffinity(0))


def run(command, core=None, cwd=None, timeout=TIMEOUT):
    """Standard output of a process that must end well."""
    if core is not None:
        command = ["taskset", "-c", str(core), *command]
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               cwd=cwd, env=ENVIRONMENT, text=True, errors="replace", start_new_session=True)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"still running after {timeout} s") from None
    if process.returncode:
        lines = (err.strip() or out.strip() or "no message").splitlines()
        raise Failed(f"status {process.returncode}: {lines[-1][:160]}")
    return out


def instructions(command, cwd=None):
    """Instructions executed by a whole process, from callgrind."""
    with tempfile.NamedTemporaryFile(mode="r") as log:
        run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log.name}", *command],
            cwd=cwd, timeout=4 * TIMEOUT)
        found = re.search(r"Collected : (\d+)", log.read())
    if not found:
        raise Failed("callgrind reported no count")
    return int(found[1])


def seconds(command, core):
    """Wall time of a whole process, the cost of starting it through posix_spawn included."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
    words = [str(word) for word in command]
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})  # the child inherits it; starting it through taskset would count twice
    try:
        start = time.perf_counter()
        pid = os.posix_spawnp(words[0], words, ENVIRONMENT, file_actions=actions)
        _, status = os.waitpid(pid, 0)
        elapsed = time.perf_counter() - start
    finally:
        os.sched_setaffinity(0, allowed)
        os.close(null)
    if status:
        raise Failed(f"status {os.waitstatus_to_exitcode(status)}")
    return elapsed


def median(values):
    return statistics.median(values)


def geometric_mean(values):
    return statistics.geometric_mean(values)


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.2f}"
