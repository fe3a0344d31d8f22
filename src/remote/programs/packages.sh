# The packages that we added, as the journal remembers them.
#
# Callers set `journal`; a function that fails says why in `fault`.
# shellcheck disable=SC2154,SC2034

# Waits, bounded, until nobody holds apt; says who does. No lock is ever taken away. An apt of ours that waits holds it, too.
wait_for_apt() {
    [ -z "$apt_waits" ] || leave_apt
    apt_waited=0
    while holder=$(apt_lock_holder) && [ -n "$holder" ]; do
        if stopping; then
            fault=interrupted
            return 1
        elif [ "$apt_waited" -ge 600 ]; then
            fault="apt-locked $holder"
            return 1
        fi
        if [ $((apt_waited % 10)) -eq 0 ]; then
            # `rest` and `word` are the caller's.
            apt_holder=${holder#* }
            answer "waiting ${apt_holder%% *} (process ${holder%% *}), which holds ${apt_holder#* }"
        fi
        sleep 1
        apt_waited=$((apt_waited + 1))
    done
}

# Prints the packages whose status fits the pattern $1.
packages_that_are() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' | sed -nE "s/^($1) //p" | sort
}

# Prints all packages that we added. What an apt run was about to add counts as soon as dpkg began with it.
known_packages() {
    {
        if [ -e "$journal/entries/packages/record" ]; then
            read -r _ _ _ _ _ known <"$journal/entries/packages/record"
            printf '%s\n' "$known" | tr ' ' '\n'
        fi
        [ ! -e "$journal/new-packages" ] ||
            packages_that_are 'installed|unpacked|(half|triggers)-[a-z]*' | comm -12 "$journal/new-packages" -
        # What version 0.1 noted: all that was there before.
        [ ! -e "$journal/before-packages" ] || packages_that_are installed | comm -13 "$journal/before-packages" -
    } | sort -u | tr '\n' ' '
}

# Prints those that we took away without what they keep: as long as nobody installs them again, a purge is still due.
removed_packages() {
    [ ! -e "$journal/entries/packages/removed" ] ||
        packages_that_are config-files | comm -12 "$journal/entries/packages/removed" - | tr '\n' ' '
}

# Takes away what a killed apt, and a useradd or groupadd that died with it, left beside what they work on. No apt is at
# work, and only root makes such files of root's. The locks of shadow's programs hold the number of their process, or
# nothing yet.
sweep_killed() {
    find /tmp -maxdepth 1 -type d -user root -name 'apt-dpkg-install-??????' -exec rm -rf -- {} +
    for account_file in /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid; do
        for left in "$account_file".[0-9]* "$account_file.lock"; do
            [ -n "$(find "$left" -type f -user root -size -13c 2>/dev/null)" ] || continue
            left_by=$(tr -d '\0' <"$left")
            case $left_by in
                '') left_by=${left##*.} ;;
                *[!0-9]*) continue ;;
            esac
            [ -d "/proc/$left_by" ] || rm -f -- "$left" "$account_file+"
        done
    done
}

# Keeps in the journal what apt runs added. Their notes stay until dpkg is whole: what was cut short may go on.
record_packages() {
    [ -e "$journal/new-packages" ] || [ -e "$journal/before-packages" ] || return 0
    wait_for_apt || return 1
    sweep_killed
    known=$(known_packages)
    if [ -n "$known" ]; then
        write_packages "${known% }" || return 1
    fi
    [ -z "$(broken_packages)" ] || return 0
    rm -f -- "$journal/new-packages" "$journal/before-packages"
}

write_packages() {
    entry=$journal/entries/packages
    mkdir -p "$entry" && printf 'packages packages absent - - %s\n' "$1" >"$entry/.record" &&
        sync "$entry/.record" && mv -T -- "$entry/.record" "$entry/record"
}

# Puts what is on stdin in the place of file $1 of the packages' entry.
replace_list() {
    fault=journal-unwritable
    mkdir -p "$journal/entries/packages" && cat >"$journal/entries/packages/.$1" &&
        sync "$journal/entries/packages/.$1" &&
        mv -T -- "$journal/entries/packages/.$1" "$journal/entries/packages/$1" || return 1
    fault=
}

# Prints the lines of stdin that begin with none of the words $@.
lines_without() {
    while IFS= read -r listed; do
        case " $* " in *" ${listed%% *} "*) ;; *) printf '%s\n' "$listed" ;; esac
    done
}

# Notes what is to be left of packages once they go: each of $@ is `PACKAGE=data`, where what their services write stays, or
# `PACKAGE=nothing`.
note_remains() {
    [ $# -gt 0 ] || return 0
    {
        # shellcheck disable=SC2046 # a list of names
        [ ! -f "$journal/entries/packages/remains" ] ||
            lines_without $(printf '%s ' "$@" | sed 's/=[^ ]*//g') <"$journal/entries/packages/remains"
        for noted in "$@"; do printf '%s %s\n' "${noted%%=*}" "${noted#*=}"; done
    } | sort | replace_list remains || {
        fault=journal-unwritable
        return 1
    }
}

# Notes that `maker` asks for $@, before they are installed. Each counts once it is among those that we added.
note_roots() {
    [ -n "$maker" ] || return 0
    {
        root_packages | lines_without "$@"
        for noted in "$@"; do printf '%s %s\n' "$noted" "$maker"; done
    } | sort | replace_list roots
}
