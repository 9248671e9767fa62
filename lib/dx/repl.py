"""The interactive interpreter: what python3 does without a program, with -i, and in sys._baserepl().

    begin()      PYTHONSTARTUP, sys.__interactivehook__, then line editing (_pyrepl) on a terminal, else interact()
    interact()   one statement after another from sys.stdin, prompts on sys.stderr, until the end of the input
"""

import codeop
import linecache
import os
import sys


def begin(startup):
    """Runs in __main__. `startup`: PYTHONSTARTUP and the banner come first, as they do without a program."""
    main = sys.modules["__main__"]
    on_terminal = sys.stdin is not None and sys.stdin.isatty()
    if startup:
        if not sys.flags.quiet:
            print(f"Python {sys.version} on {sys.platform}", file=sys.stderr)
            if not sys.flags.no_site:
                print('Type "help", "copyright", "credits" or "license" for more information.', file=sys.stderr)
        run_startup(main.__dict__)
    run_hook()
    if on_terminal and (sys.flags.ignore_environment or not os.environ.get("PYTHON_BASIC_REPL")):
        from _pyrepl.main import interactive_console

        interactive_console(mainmodule=main)
    else:
        interact()


def run_startup(namespace):
    path = None if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP")
    if not path:
        return
    sys.audit("cpython.run_startup", path)
    try:
        try:
            file = open(path, "rb")
        except OSError as error:
            print(f"Could not open PYTHONSTARTUP\n{type(error).__name__}: {error}", file=sys.stderr)
            return
        with file:
            code = compile(file.read(), path, "exec")
        namespace["__file__"] = path
        try:
            exec(code, namespace)
        finally:
            namespace.pop("__file__", None)
    except SystemExit:
        raise
    except BaseException as error:
        show(error)


def run_hook():
    hook = getattr(sys, "__interactivehook__", None)
    if hook is None:
        return
    sys.audit("cpython.run_interactivehook", hook)
    try:
        hook()
    except SystemExit:
        raise
    except BaseException as error:
        print("Failed calling sys.__interactivehook__", file=sys.stderr)
        show(error)


def interact():
    """Returns at the end of the input; SystemExit passes through."""
    namespace = sys.modules["__main__"].__dict__
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    compile_command = codeop.CommandCompiler()  # remembers the __future__ statements
    while True:
        try:
            more = one_statement(compile_command, namespace)
        except SystemExit:
            raise
        except BaseException as error:
            show(error)
            more = True
        if not more:
            return


def one_statement(compile_command, namespace):
    """Reads and runs one statement. False at the end of the input, where an unfinished statement is run as it is."""
    source, code = "", None
    while code is None:
        line = read_line("ps2" if source else "ps1")
        begun = bool(source.strip())
        if not line and not begun:
            return False
        source += line
        last = not line.endswith("\n")
        try:
            code = compiled(source, last or begun and line == "\n", compile_command)
        except SyntaxError as error:
            if last or not is_unfinished(error):
                raise
    linecache._register_code(code, source, "<stdin>")
    exec(code, namespace)
    return True


def compiled(source, ended, compile_command):
    """The statement's code; None: it may go on, unless an empty line or the end of the input has `ended` it. Errors come without
    the frames that found them."""
    flags = compile_command.compiler.flags & ~(codeop.PyCF_ALLOW_INCOMPLETE_INPUT | codeop.PyCF_DONT_IMPLY_DEDENT)
    try:
        if ended:
            return compile(source, "<stdin>", "single", flags, True)
        try:
            return compile_command(source.removesuffix("\n"), "<stdin>", "single")
        except SyntaxError:
            compile(source, "<stdin>", "single", flags, True)  # codeop's text has no end of line to point at
            raise
    except (SyntaxError, OverflowError, ValueError) as error:
        raise error.with_traceback(None) from None


def is_unfinished(error):
    """An empty line inside of brackets or of a text ends nothing."""
    return "was never closed" in error.msg or error.msg.startswith("unterminated triple-quoted")


def read_line(prompt):
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    try:
        text = str(getattr(sys, prompt, ""))
    except Exception:
        text = ""
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise
    except (OSError, ValueError):  # closed meanwhile: as good as its end
        return ""
    if not line.endswith("\n") and sys.stderr is not None:  # the input ends here
        sys.stderr.write("\n")
    return line


def show(error):
    """As at the end of a program; the frames of this file are nobody's business."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_globals is globals():
        traceback = traceback.tb_next
    error.__traceback__ = traceback
    sys.last_exc = sys.last_value = error
    sys.last_type, sys.last_traceback = type(error), traceback
    try:
        hook = sys.excepthook
    except AttributeError:
        hook = sys.__excepthook__
        print("sys.excepthook is missing", file=sys.stderr)
    try:
        hook(type(error), error, traceback)
    except SystemExit:
        raise
    except BaseException as second:
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(second), second, second.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, traceback)
