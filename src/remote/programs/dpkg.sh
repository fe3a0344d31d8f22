# What dpkg knows, what it has begun and not ended, and what it lacks, in the programs that look and in those that change.
# shellcheck disable=SC2034 # read by those

# Sets `told` to what dpkg-query says with $@. It ends with 1 where it does not know one of several packages; where it says
# nothing that counts, this fails with its words in `fault`: what is not known is not there as little as it is not.
ask_dpkg() {
    told=$(dpkg-query "$@" 2>/dev/null) || [ $? -eq 1 ] || {
        fault="dpkg-unreadable $(dpkg-query "$@" 2>&1 >/dev/null | tr '\n' ' ')"
        return 1
    }
}

# Sets `native` to dpkg's own architecture.
find_native() {
    native=$(dpkg --print-architecture 2>&1) || {
        fault="dpkg-unreadable $(printf '%s' "$native" | tr '\n' ' ')"
        return 1
    }
}

# Fails where dpkg does not even know itself: all packages would look as if they were gone.
knows_itself() {
    ask_dpkg -W dpkg || return 1
    [ -n "$told" ] || fault="dpkg-unreadable $(dpkg-query -W dpkg 2>&1 | tr '\n' ' ')"
    [ -n "$told" ]
}

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

# Prints the configuration files of $@ that these brought and that are gone.
lost_conffiles() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    dpkg-query -W -f '${Conffiles}\n' -- "$@" 2>/dev/null | while read -r conffile _ obsolete; do
        case $conffile/$obsolete in
            /*/) [ -e "$conffile" ] || printf '%s\n' "$conffile" ;;
        esac
    done
}
