# Tells how the host sees itself, looks at services and speaks with a private copy of the socket lab, as whoever logged in: nothing here needs root,
# and a root login starts what stands in the lab's folder as nobody.
#
# In:  nonce · name of a host … `.` · path … `.` · `SERVICE PORT …` … `.` · folder of the socket lab or `-` · the program of the socket_*.py in
#      base64 of gzip or `-` · service that is started with a file … `.`
# Out: begin · addresses · no-ipv6 · no-dpkg · systemd · started · leads · no-loopback · stands · standpoint · unit or service ·
#      port · no-python · no-room · bad-python · python-variable · python-said · socket · end
# shellcheck disable=SC2154 # from python.sh and names.sh

exec 2>&1
# A hang-up ends it; the trap tidies up.
hang_up() { kill -TERM "$$"; }

# Answers `stands` for what there is at each path, as far as everybody may know it.
tell_standing() {
    [ $# -gt 0 ] || return 0
    sums=$(find "$@" -prune -type f -perm -004 -exec sha256sum -- {} + 2>/dev/null)
    index=0
    for path in "$@"; do
        if [ -L "$path" ]; then
            answer "stands $index link $(readlink -- "$path")"
        elif [ -f "$path" ]; then
            tell_sum
        elif ! [ -e "$path" ] && [ -x "${path%/*}" ]; then
            answer "stands $index nothing"
        fi
        index=$((index + 1))
    done
}

tell_sum() {
    while read -r sum summed; do
        if [ "$summed" = "$path" ]; then
            answer "stands $index file $sum"
            return
        fi
    done <<END
$sums
END
    answer "stands $index hidden"
}

user=$(id -u)
answer "begin $user"
read_names
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "$line"
done
tell_standing "$@"
ports=
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "${line%% *}"
    for port in ${line#"${line%% *}"}; do
        ports="$ports $port/${line%% *}"
    done
done
IFS= read -r lab
IFS= read -r probe
started=
while IFS= read -r line && [ "$line" != . ]; do
    started="$started $line"
done
watch_stdin hang_up

# Without loopback and link-local ones.
answer "addresses $(hostname -I 2>/dev/null)"
[ -e /proc/net/if_inet6 ] || answer no-ipv6
command -v dpkg-query >/dev/null 2>&1 || answer no-dpkg
tell_systemd
# shellcheck disable=SC2086 # a list of names
tell_started $started
tell_names "$names"
tell_loopback
answer standpoint

idle=
tell_services "$@"
if [ -n "$idle" ]; then
    for port in $ports; do
        service=${port#*/} port=${port%%/*}
        holders=$(port_holders "$port" | head -n 1)
        # Without root, only that somebody listens is seen, and whether one that bears the service's name is about.
        if [ -z "$holders" ] && [ -n "$(listener_inodes "$port")" ]; then
            holders='?'
            grep -qxF -e "$(printf '%.15s' "$service")" /proc/[0-9]*/comm 2>/dev/null && holders="? $service"
        fi
        [ -z "$holders" ] || answer "port $port $holders"
    done
fi

speaker=
work=
tidy_up() {
    trap '' HUP INT TERM
    if [ -n "$speaker" ]; then
        kill -TERM "$speaker" 2>/dev/null
        tries=0
        while kill -0 "$speaker" 2>/dev/null && [ "$tries" -lt 20 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        # Whatever it is, and whatever it started.
        kill -KILL -- "-$speaker" 2>/dev/null
        kill -KILL "$speaker" 2>/dev/null
        wait "$speaker" 2>/dev/null
    fi
    # The speaker clears up itself, unless it was killed: then what it started may still be there.
    if [ -n "$work" ] && [ -d "$work" ]; then
        [ ! -e "$work/probe.py" ] || timeout -k 1 10 "$python" -I -B "$work/probe.py" "$work" </dev/null >/dev/null 2>&1
        rm -rf -- "$work"
    fi
}
if [ "$lab" != - ]; then
    trap tidy_up EXIT
    trap 'exit 1' HUP INT TERM
    temporary=${TMPDIR:-/tmp}
    # Root's own folder may be where nobody else can go.
    if [ "$user" -eq 0 ]; then
        temporary=/tmp
    fi
    if ! find_python "$user"; then
        :
    elif ! work=$(mktemp -d "$temporary/provision-socket.$$.XXXXXX") || ! head -c 65536 /dev/zero >"$work/report"; then
        answer "no-room $temporary"
    else
        # The report is read through its descriptor: the folder goes before that.
        exec 4>"$work/report"
        exec 5<"$work/report"
        printf '%s' "$probe" | base64 -d | gzip -dc >"$work/probe.py"
        # No file of it, its report least of all, fills the disk. It has the surroundings that a student's program is to have.
        (ulimit -f 8192 2>/dev/null
            exec $(command -v setsid) env -i PATH="$PATH" HOME="$work/." LANG=C.UTF-8 PYTHONIOENCODING=utf-8 \
                PYTHONDONTWRITEBYTECODE=1 "$python" "$work/probe.py" "$work" "$lab") \
            >&4 2>&4 3<&- 5<&- </dev/null &
        speaker=$!
        # A student's program has the login's.
        tell_python "$user"
        wait "$speaker"
        speaker=
        head -n 100 <&5 | while IFS= read -r line; do
            answer "socket $line"
        done
        exec 4>&- 5<&-
    fi
fi

unwatch
answer "end ok"
