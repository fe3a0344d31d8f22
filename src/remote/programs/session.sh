# Running what is not ours, for root, whatever it does: in a session of its own, with no stdin, no descriptor of ours and
# no terminal, in surroundings that are alike on all hosts, within bounds of time and output.
#
# Callers set `scratch`, which no other run has. What is run is ended by `timeout`, also where this program dies first.
# shellcheck disable=SC2154,SC2034

# Prints the processes of session $1, and those that left it but bear its mark. Without systemd such a one may be a service
# that a script of the system began: that stays.
session_members() {
    {
        grep -lE "^NSsid:	$1(	|\$)" /proc/[0-9]*/status
        [ ! -d /run/systemd/system ] || grep -lF "PROVISION_COMMAND=$mark" /proc/[0-9]*/environ
    } 2>/dev/null | tr -dc '0-9\n' | sort -u
}

# Ends what is left of session $1: it is told to, and after two seconds it has no say.
end_session() {
    ending=TERM
    for ended in 1 2 3 4 5 6 7 8 9 10; do
        members=$(session_members "$1" | tr '\n' ' ')
        [ -n "$members" ] || return 0
        # shellcheck disable=SC2086 # a list of numbers
        kill -s "$ending" $members 2>/dev/null
        sleep 0.2
        [ "$ended" -lt 9 ] || ending=KILL
    done
}

# Sets `status` to that of process $1. A signal to this program ends a wait too, and then the next one tells more.
await_process() {
    wait "$1"
    status=$?
    while [ "$status" -gt 128 ]; do
        wait "$1"
        set -- "$1" "$?"
        case $2 in "$status" | 127) return 0 ;; esac
        status=$2
    done
}

# Runs the words behind $2 for at most $1 seconds, with their output to $2. Sets `status`, `late` where they were ended, and
# `session`.
run_apart() {
    apart_limit=$1 apart_output=$2 late=''
    apart_number=$((apart_number + 1))
    mark=$scratch/$apart_number/
    shift 2
    read -r apart_begun _ </proc/uptime
    (
        # What our programs ignore is ignored by nobody else.
        trap - HUP PIPE
        cd /
        exec setsid -w -- timeout -k 5 "$apart_limit" env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/sh \
            PATH="$PATH" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PROVISION_COMMAND="$mark" \
            "$@" </dev/null >"$apart_output" 2>&1
    ) &
    session=$!
    await_process "$session"
    read -r apart_ended _ </proc/uptime
    case $status in
        124 | 137) [ $((${apart_ended%.*} - ${apart_begun%.*})) -lt "$apart_limit" ] || late=1 ;;
    esac
    [ "$status" -eq 0 ] || end_session "$session"
}

# The same, with the end of the output in the file $2. What is left behind may hold the output open: nobody reads it then.
run_heard() {
    heard_limit=$1 heard_file=$2
    shift 2
    rm -f -- "$scratch/said.pipe" "$scratch/kept.pipe"
    mkfifo -m 600 "$scratch/said.pipe" "$scratch/kept.pipe"
    cat <"$scratch/said.pipe" >"$scratch/kept.pipe" 2>/dev/null &
    listener=$!
    tail -c 262144 <"$scratch/kept.pipe" >"$heard_file" 2>/dev/null &
    keeper=$!
    run_apart "$heard_limit" "$scratch/said.pipe" "$@"
    for lingered in 1 2 3 4 5 6 7 8 9 10; do
        kill -0 "$listener" 2>/dev/null || break
        sleep 0.05
    done
    kill "$listener" 2>/dev/null
    wait "$listener" "$keeper" 2>/dev/null
}

# Prints the last lines of the file $1 that say something, $2 of them at most.
last_lines() {
    tr -d '\000' <"$1" | grep -a '[^[:space:]]' | tail -n "$2" | cut -b 1-1000
}
