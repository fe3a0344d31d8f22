# The processes of a probe, from the first to the end of the last. Follows socket_protocol.py, which they speak.


def stop(*_):
    raise Stopped


def begin(task, *arguments):
    """Gives a task a process: all run at once, and no thread is there when more processes are made."""
    parent = os.getpid()
    worker = os.fork()
    if worker:
        return worker
    try:
        signal.signal(signal.SIGTERM, stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        die_with_parent(parent, signal.SIGTERM)
        task(*arguments)
    finally:
        os._exit(0)


def reap(workers):
    """Forgets those that ended. Tells whether any process is left, an adopted one too."""
    try:
        while True:
            ended = os.waitpid(-1, os.WNOHANG)[0]
            if not ended:
                return True
            workers.discard(ended)
    except ChildProcessError:
        return False


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def children():
    parent = str(os.getpid()).encode()
    for process in processes():
        try:
            with open("/proc/%d/stat" % process, "rb") as status:
                # A name may hold blanks and brackets.
                if status.read().rpartition(b")")[2].split()[1] == parent:
                    yield process
        except OSError:
            pass


def end(workers):
    """Ends the workers, who end what they started, and then whatever comes to us as an orphan."""
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    patience = time.monotonic() + PATIENCE
    while reap(workers) and time.monotonic() < patience + PATIENCE:
        if not workers or time.monotonic() > patience:
            for child in children():
                kill(child)
        time.sleep(0.01)


def leftovers(folder):
    """Processes that were started in a folder, whoever their parent is now."""
    user = os.getuid() or nobody().pw_uid
    home = os.fsencode("HOME=%s/" % folder)
    for process in processes():
        try:
            # This one has such a home, too, for all that it forks.
            if process != os.getpid() and os.stat("/proc/%d" % process).st_uid == user:
                with open("/proc/%d/environ" % process, "rb") as environment:
                    if home in environment.read() or os.readlink("/proc/%d/cwd" % process).startswith(folder + "/"):
                        yield process
        except OSError:
            pass


def remove(folder):
    """Removes a folder as root may: a link in what is of others leads nowhere."""
    for _, folders, files, opened in os.fwalk(folder, topdown=False):
        for name in folders + files:
            try:
                os.unlink(name, dir_fd=opened)
            except IsADirectoryError:
                os.rmdir(name, dir_fd=opened)
    os.rmdir(folder)


def clear(folder):
    # What dies meanwhile may still add a file.
    for _ in range(20):
        found = list(leftovers(folder))
        for process in found:
            kill(process)
        try:
            remove(folder)
        except OSError:
            pass
        if not found and not os.path.lexists(folder):
            return
        time.sleep(0.05)


def stale(work):
    """Folders of probes of the same user that were killed together with their shell, whose number they bear."""
    temporary = os.path.dirname(work)
    for name in os.listdir(temporary):
        folder = os.path.join(temporary, name)
        title, number, suffix = (name.split(".") + ["", ""])[:3]
        is_ours = name == "%s.%s.%s" % (title, number, suffix) and title == "provision-socket"
        if is_ours and number.isdigit() and len(suffix) == 6 and not os.path.exists("/proc/" + number):
            try:
                status = os.lstat(folder)
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
                yield folder


def main(work, source=None):
    shell = os.getppid()
    # As the kernel tells where a process works.
    work = os.path.realpath(work)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.umask(0o077)
    workers = set()
    try:
        if source:
            # Orphans come to us.
            ask_kernel(PR_SET_CHILD_SUBREAPER, 1)
            if os.getuid() == 0:
                os.chmod(work, 0o711)
            for folder in stale(work):
                workers.add(begin(clear, folder))
            for lane in range(len(VARIANTS)):
                workers.add(begin(probe, lane, source, work))
        deadline = time.monotonic() + LIMIT
        while workers and os.getppid() == shell and time.monotonic() < deadline:
            signalled = signal.sigtimedwait(WATCHED, 0.2)
            if signalled and signalled.si_signo != signal.SIGCHLD:
                break
            reap(workers)
    finally:
        end(workers)
        clear(work)


main(*sys.argv[1:])
