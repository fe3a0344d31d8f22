# Where names lead from the host, in every program that asks.

# Reads names up to `.` into `names`, a line of `INDEX NAME` for each.
read_names() {
    names='' index=0
    while IFS= read -r line && [ "$line" != . ]; do
        names="$names$index $line
"
        index=$((index + 1))
    done
}

# Answers `leads` for each address that a name of $1 leads to, which has lines of `INDEX NAME`.
tell_names() {
    [ -n "$1" ] || return 0
    # All names at once: each may wait for a name server that is silent.
    # shellcheck disable=SC2016 # the inner shell expands it
    printf '%s' "$1" | timeout 10 xargs -n 2 -P 16 sh -c \
        'getent ahosts "$2" | while read -r address kind _; do [ "$kind" != STREAM ] || echo "$1 $address"; done' - |
        while IFS= read -r line; do
            answer "leads $line"
        done
}

# Answers `no-loopback` where the interface is down by which a host reaches itself, by any of its addresses.
tell_loopback() {
    loopback=1
    { read -r loopback </sys/class/net/lo/flags; } 2>/dev/null
    [ $((loopback & 1)) -ne 0 ] || answer no-loopback
}
