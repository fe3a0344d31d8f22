# What dpkg knows, and what it lacks, in the programs that ask for more than a look does. A function that fails says why in
# `fault`.
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

# Prints the configuration files of $@ that these brought and that are gone.
lost_conffiles() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    dpkg-query -W -f '${Conffiles}\n' -- "$@" 2>/dev/null | while read -r conffile _ obsolete; do
        case $conffile/$obsolete in
            /*/) [ -e "$conffile" ] || printf '%s\n' "$conffile" ;;
        esac
    done
}
