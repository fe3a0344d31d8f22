# Takes away packages of ours that the inventory no longer wants. Follows leaving.sh and purge.sh.
# shellcheck disable=SC2154,SC2034

# Prints those of $@ that bring a service, which may have written what is worth keeping, or of which dpkg knows no file: one
# that has lost its list may bring one, too.
with_services() {
    for served in "$@"; do
        case $newline$(dpkg-query -L "$served" 2>/dev/null) in
            *"$newline/lib/systemd/system/"?* | *"$newline/usr/lib/systemd/system/"?* | *"$newline/etc/init.d/"?*) ;;
            *"$newline/"?*) continue ;;
        esac
        printf '%s ' "$served"
    done
}

# Prints the names that the record has for $@: some bear this machine's architecture.
recorded_names() {
    for recorded in $added; do
        case " $* " in *" $recorded "* | *" ${recorded%":$native"} "*) printf '%s ' "$recorded" ;; esac
    done
}

# Takes away $@ with what came with them alone; `staying` are wanted. What is to be left of them is removed and not purged:
# `lasting_names` with what came with these, nothing of `passing_names` but what those need, and of the rest what comes with
# a service.
# shellcheck disable=SC2046,SC2086 # lists of names
remove_packages() {
    wait_for_apt || return 1
    # A removal that was cut short goes on where it stopped.
    broken=$(broken_packages | tr '\n' ' ')
    if [ -n "$broken" ]; then
        progress "finishing what dpkg left half-done: $broken"
        configure_all
    fi
    find_known_packages || return 1
    added=$known
    plan_removal "$@" || return 1
    if [ -n "$foreign" ]; then
        fault="apt-takes $1 $foreign"
        return 1
    fi
    unsaid=$(without "$leaving" "$(needs_of $passing_names)")
    lasting=$(among "$leaving" "$(needs_of $lasting_names $(with_services $unsaid))")
    purged=$(without "$leaving" "$lasting")
    if [ -n "$purged" ]; then
        purge_packages $(recorded_names $purged) || return 1
    fi
    if [ -n "$lasting" ]; then
        # Of what is gone dpkg tells nothing.
        served=$(with_services $lasting)
        note_folders removed-folders $lasting || return 1
        if ! run_apt 1800 remove $lasting; then
            explain_apt
            return 1
        fi
        if [ -n "$served" ]; then
            served=$(printf '%s\n' ${served% } | paste -sd , | sed 's/,/, /g')
            answer "note what $served wrote stays on the host, until a reset purges it"
        fi
        noted_lines=$({
            [ ! -e "$journal/entries/packages/removed" ] || cat -- "$journal/entries/packages/removed"
            for removed_name in $(recorded_names $lasting); do printf '%s\n' "$removed_name"; done
        } | sort -u) && replace_list removed "$noted_lines" || return 1
        unrecord $(recorded_names $lasting) || return 1
    fi
    # What stays since others need it goes with these.
    [ -z "$needed" ] || apt-mark auto $needed >/dev/null 2>&1
    forget_roots "$@"
}
