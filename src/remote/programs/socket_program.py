# How a program of the lab runs: as `python3 FILE` runs it, but in a process forked from this one, which spares the start of
# a Python for each. Where that could make a difference, it gets one. Follows socket_lab.py.


class Program:
    """A program of the private copy, in a session of its own."""

    def __init__(self, folder, script, *streams):
        self.code = None
        parent = os.getpid()
        # What is sent to this process must not be taken for what is sent to that one.
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        self.process = os.fork()
        if not self.process:
            try:
                prepare(parent, folder, [stream.fileno() for stream in streams])
                become(folder, script)
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)

    def poll(self):
        if self.code is None:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                self.code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return self.code

    def wait(self, seconds):
        """The exit code; None where it still runs after so many seconds."""
        deadline = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.code

    def kill(self):
        # It may not have its own group yet; what is waited for has no number any more, but its group may go on.
        for end in (os.killpg,) if self.code is not None else (os.killpg, os.kill):
            try:
                end(self.process, signal.SIGKILL)
            except OSError:
                pass
        self.wait(PATIENCE)


def prepare(parent, folder, streams):
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
    die_with_parent(parent, signal.SIGKILL)
    # Else what was root may not look at itself.
    ask_kernel(PR_SET_DUMPABLE, 1)
    os.chdir(folder)
    os.environ["HOME"] = folder
    for descriptor, stream in enumerate(streams):
        os.dup2(stream, descriptor)
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2:
            try:
                os.close(descriptor)
            except OSError:
                pass


def become(folder, script):
    """Runs a program in this process, to its end."""
    path = os.path.join(folder, script)
    try:
        with open(path, "rb") as file:
            source = file.read()
        # In a comment, what is no UTF-8 would pass.
        source.decode()
        code = compile(source, path, "exec", dont_inherit=True)
    except Exception:
        # Python itself says best what it does not take.
        code = None
    # Of two modules with one name, the first stays.
    hides = any(name[-3:] == ".py" and name[:-3] in sys.modules for name in os.listdir(folder))
    if hides or code is None:
        os.execv(sys.executable, [sys.executable, script])
    sys.path[0] = folder
    sys.argv = [script]
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    program = sys.modules["__main__"] = type(sys)("__main__")
    program.__file__ = path
    status = 0
    try:
        exec(code, program.__dict__)
    except SystemExit as end:
        status = end.code
        if status is not None and not isinstance(status, int):
            print(status, file=sys.stderr)
            status = 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    # As Python ends: with the threads that are no daemons, with what was asked for, and with all that was printed.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit((status or 0) & 0xFF)
