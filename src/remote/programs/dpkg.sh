# What dpkg has begun and not ended, in the programs that look and in those that change.

# Prints the packages that are left half-done, at most 20; `?` where only dpkg's own notes are, or nobody can tell.
broken_packages() {
    set -- /var/lib/dpkg/updates/[0-9]*
    [ -e "$1" ] || shift
    broken_states='^Status: [a-z]+ (reinstreq|[a-z]+ (half-installed|unpacked|half-configured|triggers-))'
    grep -qsE "$broken_states" /var/lib/dpkg/status "$@"
    case $?/$# in
        0/*) sed -nE "/^Package: /h;/$broken_states/{x;s/^Package: //p;}" /var/lib/dpkg/status "$@" | sort -u | head -n 20 ;;
        1/0) ;;
        *) echo '?' ;;
    esac
}
