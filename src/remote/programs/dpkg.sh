# What dpkg has begun and not ended, and what it lacks, in the programs that look and in those that change.

# Prints the packages that are left half-done, at most 20; `?` where only dpkg's own notes are.
broken_packages() {
    set -- /var/lib/dpkg/updates/[0-9]*
    [ -e "$1" ] || shift
    broken_states='^Status: [a-z]+ (reinstreq|[a-z]+ (half-installed|unpacked|half-configured|triggers-))'
    if grep -qsE "$broken_states" /var/lib/dpkg/status "$@"; then
        sed -nE "/^Package: /h;/$broken_states/{x;s/^Package: //p;}" /var/lib/dpkg/status "$@" | sort -u | head -n 20
    elif [ $# -gt 0 ]; then
        echo '?'
    fi
}

# Prints the configuration files of $@ that these brought and that are gone.
lost_conffiles() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    dpkg-query -W -f '${Conffiles}\n' -- "$@" 2>/dev/null | while read -r conffile _ obsolete; do
        case $conffile/$obsolete in
            /*/) [ -e "$conffile" ] || printf '%s\n' "$conffile" ;;
        esac
    done
}
