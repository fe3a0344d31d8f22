"""Speaks the protocols of the socket lab, on a private copy of its folders.

Arguments: a folder of its own to work in, which it removes, and the lab's folder. Without that it only clears up what
was left in the first by one that was killed.
Prints a line for each variant, tab-separated: its name, then `ok`, or the step that failed, what was seen there and the
particulars of that.
Ends, with all that it started, by SIGTERM, when its parent dies, and after LIMIT seconds. Where root starts it, what
stands in the lab's folder runs as nobody: anybody may have changed it.

What a student's program started is known by its parent, by the folder where it works and by its HOME. What takes pains
to differ in all three, or multiplies faster than it is killed, may stay; and where this is killed together with the
shell that started it, all stays until the next probe of the same user.

One program in four files, one after the other: here the private copy and the connections to it, in socket_program.py how
a program of it runs, in socket_protocol.py what each variant has to do, in socket_probe.py the processes.
"""
import atexit
import errno
import os
import pwd
import resource
import select
import signal
import socket
import stat
import struct
import sys
import threading
import time

LIMIT = 20
START = 5.0
ANSWER = 2.0
SILENCE = 0.3
PATIENCE = 1.0
# The most of one file, and of all that a variant's folder holds.
OUTPUT = 1 << 20
COPIES = 16 << 20
# For a Python before 3.10, which does not say which modules it has.
MODULES = "calendar code copy json logging queue random select selectors signal socket string struct threading types"
FOLDER = os.O_RDONLY | os.O_DIRECTORY
# They are blocked in the first process, and asked for: none interrupts the clearing up.
WATCHED = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36


class Failed(Exception):
    def __init__(self, step, *seen):
        super().__init__(*seen)
        self.step = step
        self.seen = seen


class Stopped(BaseException):
    pass


try:
    import ctypes

    KERNEL = ctypes.CDLL(None)
except (ImportError, OSError):
    KERNEL = None


def ask_kernel(option, value):
    """Asks what Python has no word for; without ctypes it does without."""
    try:
        KERNEL.prctl(option, value, 0, 0, 0)
    except AttributeError:
        pass


def die_with_parent(parent, by):
    ask_kernel(PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(1)


def last_line(path):
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 2000))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


class Talk:
    """One client's connection."""

    def __init__(self, port, step):
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), ANSWER)
        except OSError as error:
            raise Failed(step, "no-connection", error)

    def send(self, message, step):
        try:
            self.socket.sendall(message)
        except OSError as error:
            raise Failed(step, "not-sent", repr(message.decode()), error)

    def receive(self, message, step):
        expected = message + b"*"
        answer = b""
        deadline = time.monotonic() + ANSWER
        sent = repr(message.decode())
        ended = None
        while len(answer) < len(expected) and not ended:
            try:
                self.socket.settimeout(max(0.01, deadline - time.monotonic()))
                piece = self.socket.recv(4096)
                answer += piece
                ended = None if piece else ("closed", sent)
            except socket.timeout:
                ended = ("no-answer", sent, "%g" % ANSWER)
            except OSError as error:
                ended = ("cut-off", sent, error)
        if answer != expected:
            if answer:
                ended = ("answered", sent, repr(answer[:60].decode("utf-8", "replace")))
            raise Failed(step, *ended)

    def ask(self, message, step):
        self.send(message, step)
        self.receive(message, step)

    def need_silence(self, seconds, step):
        if select.select([self.socket], [], [], seconds)[0]:
            try:
                answer = self.socket.recv(60).decode("utf-8", "replace")
            except OSError as error:
                raise Failed(step, "second-refused", error)
            if answer:
                raise Failed(step, "second-answered", repr(answer))
            raise Failed(step, "second-closed")

    def need_end(self, step):
        self.socket.settimeout(ANSWER)
        try:
            if self.socket.recv(60):
                raise Failed(step, "fim-answered")
        except ConnectionError:
            pass
        except socket.timeout:
            raise Failed(step, "still-open")

    def vanish(self):
        # With a linger time of 0 the close is a reset: a client that crashed.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def open_folder(path):
    """Opens a folder as root may: a link on the way could lead to what is not the lab's."""
    here = os.open("/", FOLDER)
    for part in filter(None, path.split("/")):
        try:
            below = os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=here)
        finally:
            os.close(here)
        here = below
    return here


def read_program(name, folder, flags, limit):
    """What a file holds; None where it is no file or too long to be a program of the lab."""
    # A pipe is not waited for.
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | flags, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(limit + 1)
        return content if len(content) <= limit else None
    finally:
        os.close(descriptor)


def unreadable(path, error):
    seen = ("denied", path) if isinstance(error, PermissionError) else ("file", path, error.strerror)
    return Failed("files", *seen)


def nobody():
    return pwd.getpwnam("nobody")


def give_up_root(folder):
    for name in os.listdir(folder):
        os.chown(os.path.join(folder, name), nobody().pw_uid, nobody().pw_gid)
    os.chown(folder, nobody().pw_uid, nobody().pw_gid)
    os.setgroups([])
    os.setgid(nobody().pw_gid)
    os.setuid(nobody().pw_uid)
    # A change of user undoes it.
    ask_kernel(PR_SET_PDEATHSIG, signal.SIGTERM)


class Lab:
    """The private copy of one variant."""

    def __init__(self, source, folder, server, client, lane):
        self.source = source
        self.folder = folder
        self.server = server
        self.client = client
        self.lane = lane
        self.process = None
        self.port = None
        os.mkdir(folder, 0o700)
        opened = None
        if os.getuid() == 0:
            # Perhaps only root can read the lab. What root may not follow is left to nobody, who also tells faults.
            try:
                opened = open_folder(source)
                self.copy(opened, os.O_NOFOLLOW)
            except OSError:
                pass
            give_up_root(folder)
        try:
            opened = os.open(source, FOLDER) if opened is None else opened
            self.copy(opened, 0)
        except OSError as error:
            raise unreadable(source, error)
        os.close(opened)
        copied = os.listdir(folder)
        missing = [name for name in (server, client) if name not in copied]
        if missing:
            raise Failed("files", "missing", source, *missing)

    def copy(self, opened, flags):
        room = COPIES
        needed = (self.server, self.client)
        copied = os.listdir(self.folder)
        for name in sorted(os.listdir(opened), key=lambda name: name not in needed):
            # A hidden one is an editor's, and may be a link that leads nowhere.
            if not name.endswith(".py") or name.startswith(".") or name in copied:
                continue
            path = os.path.join(self.source, name)
            try:
                content = read_program(name, opened, flags, min(room, OUTPUT))
            except OSError as error:
                if flags:
                    continue
                raise unreadable(path, error)
            if content is not None:
                room -= len(content)
                self.keep(os.path.join(self.folder, name), content)
            elif name in needed:
                raise Failed("files", "no-program", path)

    def keep(self, path, content):
        try:
            with open(path, "xb") as file:
                file.write(content)
        except OSError as error:
            raise Failed("setup", "file", path, error.strerror)

    def spare_port(self):
        # Below the ports that the kernel gives to outgoing connections; each variant has a lane of its own.
        for _ in range(200):
            port = 20000 + 3 * (int.from_bytes(os.urandom(2), "little") % 4000) + self.lane
            with socket.socket() as trial:
                try:
                    trial.bind(("127.0.0.1", port))
                except OSError:
                    continue
            return port
        raise Failed("setup", "no-port")

    def start(self):
        self.stop()
        for attempt in (1, 2):
            self.port = self.spare_port()
            with open(os.path.join(self.folder, "constCS.py"), "w") as constants:
                constants.write('HOST = "127.0.0.1"\nPORT = %d\nSERVER = "127.0.0.1"\n' % self.port)
            path = os.path.join(self.folder, "errors.txt")
            with open(path, "wb") as errors, open(os.devnull, "r+b") as nothing:
                self.process = Program(self.folder, self.server, nothing, nothing, errors)
            deadline = time.monotonic() + START
            while self.process.poll() is None and not listening(self.port):
                if time.monotonic() > deadline:
                    raise Failed("start", "deaf", self.server, "%g" % START)
                time.sleep(0.01)
            if self.process.poll() is None:
                return
            words = last_line(path)
            if attempt == 1 and "in use" in words:
                continue
            raise Failed("start", "ended-at-once", self.server, words)

    def connect(self, step="answer"):
        return Talk(self.port, step)

    def last_words(self):
        if self.process.wait(0.3) is None:
            return None
        return "ended", self.server, last_line(os.path.join(self.folder, "errors.txt"))

    def need_running(self, step):
        if self.process.poll() is not None:
            raise Failed(step, *self.last_words())

    def need_end(self):
        code = self.process.wait(ANSWER)
        if code is None:
            raise Failed("end", "still-running", self.server, "%g" % ANSWER)
        if code:
            words = last_line(os.path.join(self.folder, "errors.txt"))
            raise Failed("end", "ended-badly", self.server, words or code)

    def need_client(self, typed, expected):
        path = os.path.join(self.folder, "output.txt")
        with open(path, "w+b") as output:
            keyboard, hands = os.pipe()
            os.write(hands, typed)
            os.close(hands)
            with open(keyboard, "rb") as keyboard:
                client = Program(self.folder, self.client, keyboard, output, output)
            code = client.wait(START)
            client.kill()
            if code is None:
                raise Failed("client", "client-endless", self.client, "%g" % START)
            output.seek(0)
            if expected not in output.read():
                words = last_line(path)
                raise Failed("client", "client-printed", self.client, repr(words[:100]))

    def stop(self):
        if self.process:
            self.process.kill()

    def shadows(self):
        """The files that Python takes for modules of its own."""
        modules = set(getattr(sys, "stdlib_module_names", MODULES.split())) - set(sys.builtin_module_names)
        return [name for name in sorted(os.listdir(self.folder)) if name[-3:] == ".py" and name[:-3] in modules]


def listening(port):
    """Whether somebody waits for connections to a port of this host."""
    # Where many connections may be, to read the tables of all costs milliseconds; to ask for one socket does not.
    wanted = struct.pack("!HH4s12x4s12x4x8s", port, 0, socket.inet_aton("127.0.0.1"), bytes(4), b"\xff" * 8)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as kernel:
            kernel.settimeout(PATIENCE)
            question = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0) + wanted
            header = struct.pack("=IHHII", 16 + len(question), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0)
            kernel.send(header + question)
            _, kind, _, _, _, error = struct.unpack_from("=IHHIIi", kernel.recv(4096))
        if kind == SOCK_DIAG_BY_FAMILY:
            return True
        if error == -errno.ENOENT:
            return False
    except OSError:
        pass
    return stands_listening(port)


def stands_listening(port):
    wanted = ":%04X" % port
    for name in ("tcp", "tcp6"):
        try:
            with open("/proc/net/" + name) as table:
                for line in table:
                    fields = line.split()
                    if fields[1].endswith(wanted) and fields[3] == "0A":
                        return True
        except OSError:
            pass
    return False
