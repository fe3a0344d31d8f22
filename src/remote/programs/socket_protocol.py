# What each variant of the lab has to do, as its clients see it. Follows socket_lab.py, of which it is made.


def simple(lab):
    lab.start()
    first = lab.connect()
    first.ask(b"provision 1", "answer")
    first.ask(b"provision 2", "answer")
    first.socket.close()
    lab.need_end()
    lab.start()
    lab.need_client(b"", b"Hello World*")
    lab.need_end()


def sequential(lab):
    lab.start()
    first = lab.connect()
    first.ask(b"first", "answer")
    second = lab.connect("free")
    second.send(b"second", "free")
    second.need_silence(SILENCE, "wait")
    first.ask(b"first again", "answer")
    second.need_silence(0, "wait")
    first.send(b"fim", "free")
    first.need_end("free")
    second.receive(b"second", "free")
    second.vanish()
    third = lab.connect("survive")
    third.ask(b"third", "survive")
    third.socket.close()
    lab.need_client(b"ol\xc3\xa1\nfim\n", b"ol\xc3\xa1*")
    lab.need_running("survive")


def thread(lab):
    lab.start()
    talks = [lab.connect()]
    talks[0].ask(b"client 1", "answer")
    for number in (2, 3, 4):
        talks.append(lab.connect("together"))
        talks[-1].ask(b"client %d" % number, "together")
    for talk in reversed(talks):
        talk.ask(b"again", "together")
    lab.need_client(b"ol\xc3\xa1\nfim\n", b"ol\xc3\xa1*")
    talks[0].send(b"fim", "free")
    talks[0].need_end("free")
    talks[1].vanish()
    talks[2].ask(b"still here", "survive")
    lab.connect("survive").ask(b"newcomer", "survive")
    lab.need_running("survive")


VARIANTS = (
    ("simple", simple, "01-simples", "server-book.py", "client-book.py"),
    ("sequential", sequential, "02-sequencial", "server.py", "client.py"),
    ("thread", thread, "03-thread", "server-thread.py", "client.py"),
)


# What a module of Python that a student's file hides may lead to.
SHADOWED = ("deaf", "ended-at-once", "ended", "ended-badly", "client-endless", "client-printed")


def speak_with(lane, source, work):
    _, speak, folder, server, client = VARIANTS[lane]
    lab = None
    try:
        lab = Lab(os.path.join(source, folder), os.path.join(work, folder), server, client, lane)
        speak(lab)
        return ("ok",)
    except Failed as failure:
        step, seen = failure.step, failure.seen
        # That the server died says more than what its client saw of it.
        if step in ("answer", "wait", "free", "together", "survive"):
            seen = lab.last_words() or seen
        shadows = lab.shadows() if seen[0] in SHADOWED else []
        return (step, "shadowed", ", ".join(shadows[:3]), *seen) if shadows else (step, *seen)
    finally:
        if lab:
            lab.stop()


def probe(lane, source, work):
    try:
        # For all that it starts, too.
        resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        verdict = speak_with(lane, source, work)
    except OSError as error:
        verdict = "setup", "error", error
    except Exception as error:
        verdict = "setup", "error", "%s: %s" % (type(error).__name__, error)
    fields = [" ".join(str(field).split())[:300] for field in (VARIANTS[lane][0], *verdict)]
    os.write(1, ("\t".join(fields) + "\n").encode("utf-8", "replace"))
