# What a look tells of a host where a package is missing: what apt would do, and whether its mirrors answer. Follows
# removals.sh and mirror.sh.
# shellcheck disable=SC2154 # from observe.sh, machine.sh and mirror.sh

tell_missing() {
    tell_outlook
    # Apt trusts no release file from the future.
    answer "clock $(date +%s)"
    answer "own-tls $(hosts_with_own_tls | sort -u | head -n 64 | tr '\n' ' ')"
    sources=$(grep -hs '' /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        /etc/apt/mirrors/* | head -c 262144 | base64 -w 0)
    answer "sources $sources"
    [ "$mirror" = mirror ] || return 0
    # Where no other way would help, apt itself says what is wrong.
    if mirror_answers "$run_root" || [ -n "$gone$unreadable" ]; then
        answer "mirror yes"
    else
        answer "mirror no"
    fi
}
