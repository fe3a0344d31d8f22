# What stands before apt, for the programs that use it and those that tell of it.

# Prints the proxies that apt goes through, without their logins: by its own configuration, also for single mirrors; by
# the environment; and by the programs that it asks for one.
own_proxies() {
    apt_settings=$(timeout 10 apt-config dump --format '%f=%v%n' 2>/dev/null)
    {
        printf '%s\n' "$apt_settings" | sed -nE 's/^Acquire::https?::Proxy(::[^=]*)?=//p'
        printf '%s\n' "${http_proxy-}" "${https_proxy-}" "${all_proxy-}"
        printf '%s\n' "$apt_settings" | sed -nE 's/^Acquire::https?::Proxy-?Auto-?Detect=//p' | sort -u |
            while IFS= read -r detector; do
                [ -z "$detector" ] || timeout 5 "$detector" http://deb.debian.org/ </dev/null 2>/dev/null | head -n 1
            done
    } | sed -n -e '/^DIRECT$/d' -e 's|//.*@|//|' -e '/./p'
}

# Prints the first of these that apt's words $1 name: by its name, by its address and a port that mirrors do
# not use, or since only a proxy answers so.
blamed_proxy() {
    own_proxies | while IFS= read -r own_proxy; do
        proxy_place=${own_proxy#*://}
        proxy_place=${proxy_place%%/*}
        proxy_port=${proxy_place##*:}
        case $proxy_port in 80 | 443) proxy_port='?' ;; esac
        case $1 in
            *"${proxy_place%:*}"* | *' 407 '* | *" $proxy_port]"*)
                printf '%s\n' "$own_proxy"
                break
                ;;
        esac
    done
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
