# Looks at services and speaks with a private copy of the socket lab, as whoever logged in: nothing here needs root,
# and a root login starts what stands in the lab's folder as nobody.
#
# In:  nonce · service … `.` · folder of the socket lab or `-` · the program of the socket_*.py in base64 or `-`
# Out: begin · systemd · unit or service · no-python · no-room · socket · end

exec 2>&1
# A hang-up ends it; the trap tidies up.
hang_up() { kill -TERM "$$"; }

user=$(id -u)
answer "begin $user"
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "$line"
done
IFS= read -r lab
IFS= read -r probe
watch_stdin hang_up

tell_systemd
tell_services "$@"

speaker=
work=
tidy_up() {
    trap '' HUP INT TERM
    if [ -n "$speaker" ]; then
        kill -TERM "$speaker" 2>/dev/null
        wait "$speaker" 2>/dev/null
    fi
    # The speaker clears up itself, unless it was killed: then what it started may still be there.
    if [ -n "$work" ] && [ -d "$work" ]; then
        [ ! -e "$work/probe.py" ] || "$python" -I -B "$work/probe.py" "$work" </dev/null >/dev/null 2>&1
        rm -rf -- "$work"
    fi
}
if [ "$lab" != - ]; then
    trap tidy_up EXIT
    trap 'exit 1' HUP INT TERM
    temporary=${TMPDIR:-/tmp}
    python=python3
    # Root's own folder and root's own python3 may be where nobody else can go.
    if [ "$user" -eq 0 ]; then
        temporary=/tmp
        [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
    fi
    if ! command -v "$python" >/dev/null 2>&1; then
        answer no-python
    elif ! work=$(mktemp -d "$temporary/provision-socket.$$.XXXXXX") || ! head -c 65536 /dev/zero >"$work/report"; then
        answer "no-room $temporary"
    else
        # The report is read through its descriptor: the folder goes before that.
        exec 4>"$work/report"
        exec 5<"$work/report"
        printf '%s' "$probe" | base64 -d >"$work/probe.py"
        "$python" -I -B "$work/probe.py" "$work" "$lab" >&4 2>&4 3<&- 5<&- </dev/null &
        speaker=$!
        wait "$speaker"
        speaker=
        while IFS= read -r line; do
            answer "socket $line"
        done <&5
        exec 4>&- 5<&-
    fi
fi

unwatch
answer "end ok"
