# Looks at services and speaks with a private copy of the socket lab, as whoever logged in: nothing here needs root,
# and a root login gives it up before it starts what stands in the lab's folder.
#
# In:  nonce · service … `.` · folder of the socket lab or `-` · socket_probe.py in base64 or `-`
# Out: begin · systemd · unit or service · no-python · no-room · socket · end

exec 2>&1
# A hang-up ends it; the trap tidies up.
hang_up() { kill -TERM "$$"; }

answer "begin $(id -u)"
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
    # What dies meanwhile may still add a file.
    [ -z "$work" ] || rm -rf -- "$work" 2>/dev/null || { sleep 0.3 && rm -rf -- "$work"; }
}
if [ "$lab" != - ]; then
    trap tidy_up EXIT
    trap 'exit 1' HUP INT TERM
    if ! command -v python3 >/dev/null 2>&1; then
        answer no-python
    elif ! work=$(mktemp -d "${TMPDIR:-/tmp}/provision.XXXXXX") || ! head -c 65536 /dev/zero >"$work/report"; then
        answer "no-room ${TMPDIR:-/tmp}"
    else
        # The report is read through its descriptor: the folder goes before that.
        exec 4>"$work/report"
        exec 5<"$work/report"
        printf '%s' "$probe" | base64 -d >"$work/probe.py"
        python3 -I -B "$work/probe.py" "$lab" "$work" >&4 2>&4 3<&- 5<&- </dev/null &
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
