# What every program shares: a clean environment, framed answers, the watch over stdin, who holds a port.
#
# An answer is a line of its own: the nonce, then words. Whatever else is printed is log. The last answer is `end`.

# What changes how shells and ordinary tools work, and a folder for temporary files that cannot hold any.
unset BASH_ENV CDPATH ENV GREP_OPTIONS IFS POSIXLY_CORRECT
unset SYSTEMD_OFFLINE SYSTEMD_IGNORE_CHROOT SYSTEMD_IN_CHROOT SYSTEMD_LOG_LEVEL SYSTEMCTL_SKIP_SYSV
[ -w "${TMPDIR:-/tmp}/." ] || unset TMPDIR
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
umask 022
cd / || exit 1
IFS= read -r nonce

answer() {
    # The newline before it ends whatever another program left without one.
    printf '\n%s %s\n' "$nonce" "$*"
}

# Ends here; $@ is why.
refuse() {
    [ -z "${watcher-}" ] || unwatch
    answer "refused $*"
    answer "end refused"
    exit 0
}

# Keeps an eye on stdin from now on, in the background: `$2`, where given, takes each line that arrives as `frame`, and
# when the other side closes it, `$1` runs. Nothing else reads stdin after this. The watcher also keeps the descriptors
# that are open now, e.g. a lock, until `unwatch`.
watch_stdin() {
    exec 3<&0 </dev/null
    (
        # shellcheck disable=SC2034 # `$2` reads it
        while IFS= read -r frame; do "${2:-:}"; done <&3
        "$1"
    ) >/dev/null 2>&1 &
    watcher=$!
    exec 3<&-
}

unwatch() {
    kill "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
}

# Takes away the folders in $1 of runs that were killed; those that wait for the lock are alive.
sweep() {
    for stale in "$1"/provision.*.*; do
        stale_pid=${stale#"$1"/provision.}
        [ ! -d "$stale" ] || kill -0 "${stale_pid%%.*}" 2>/dev/null || rm -rf -- "$stale"
    done
}

# Prints the inode of each socket that listens on TCP port $1. A host under load has thousands of others.
listener_inodes() {
    holder_hex=$(printf '%04X' "$1")
    sed -En "s/^ *[0-9]+: [0-9A-F]+:$holder_hex [0-9A-F]+:0000 0A( +[^ ]+){5} +([0-9]+) .*/\\2/p" \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# Prints `PID NAME` for each process that listens on TCP port $1: the name of the service that it is of, else its own.
port_holders() {
    holder_inodes=
    for holder_inode in $(listener_inodes "$1"); do
        holder_inodes="$holder_inodes -o -lname socket:\\[$holder_inode\\]"
    done
    [ -n "$holder_inodes" ] || return 0
    # shellcheck disable=SC2086 # a list of find's own words, made of numbers
    find /proc/[0-9]*/fd -maxdepth 1 \( ${holder_inodes# -o} \) 2>/dev/null | while IFS=/ read -r _ _ holder_pid _; do
        holder_name=
        { read -r holder_name </proc/"$holder_pid"/comm; } 2>/dev/null
        while IFS= read -r holder_group; do
            case $holder_group in
                # What is started after a login is none of sshd's.
                */system.slice/ssh.service* | */system.slice/sshd.service*) ;;
                */system.slice/*.service*)
                    holder_group=${holder_group##*/system.slice/}
                    holder_name=${holder_group%%.service*}
                    ;;
            esac
        done 2>/dev/null <"/proc/$holder_pid/cgroup"
        printf '%s %s\n' "$holder_pid" "$holder_name"
    done | sort -u
}
