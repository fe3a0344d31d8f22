# What stands before apt, for the programs that use it and those that tell of it.

# Prints the proxy that apt's own configuration names, without its login.
own_proxy() {
    timeout 10 apt-config dump --format '%f=%v%n' 2>/dev/null |
        sed -n -e '/=DIRECT$/d' -e 's|//.*@|//|' -e 's/^Acquire::https*::Proxy=\(..*\)/\1/p' | head -n 1
}

# Prints `PID NAME FILE` of whoever holds one of apt's locks. They are POSIX locks: only /proc/locks shows them all.
apt_lock_holder() {
    set -- /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock
    stat -c '%i %n' -- "$@" 2>/dev/null | while read -r lock_inode lock_file; do
        while read -r _ lock_kind _ _ lock_pid lock_place _; do
            [ "$lock_kind/${lock_place##*:}" = "POSIX/$lock_inode" ] || continue
            # Another file system may have a file of the same number.
            [ -n "$(find "/proc/$lock_pid/fd" -maxdepth 1 -lname "$lock_file" 2>/dev/null)" ] || continue
            lock_name=
            { read -r lock_name <"/proc/$lock_pid/comm"; } 2>/dev/null
            printf '%s %s %s\n' "$lock_pid" "${lock_name:-?}" "$lock_file"
            break 2
        done </proc/locks
    done
}
