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

# Sets `found` to those of the packages in file $1 that are in the state $2: `begun`, where dpkg has done something with them
# and not taken it away, or `config-files`.
find_listed() {
    found=
    [ -e "$1" ] || return 0
    fault="journal-damaged $1"
    listed=$newline$(cat -- "$1")$newline || return 1
    fault=
    # shellcheck disable=SC2016 # dpkg-query expands it
    ask_dpkg -W -f '${db:Status-Status} ${binary:Package}\n' || return 1
    while read -r listed_status listed_name; do
        case $2/$listed_status in
            config-files/config-files) ;;
            config-files/* | begun/config-files | begun/not-installed) continue ;;
        esac
        case $listed in *"$newline$listed_name$newline"*) found="$found$listed_name " ;; esac
    done <<END
$told
END
}

# Fails where dpkg does not know of one of `known` whose list of files it has: by an older status that was put back, what
# stands there would look as if it were gone.
are_all_told() {
    [ -n "$known" ] || return 0
    # shellcheck disable=SC2016,SC2086 # dpkg-query expands it; a list of names
    ask_dpkg -W -f '${db:Status-Status} ${binary:Package}\n' -- $known || return 1
    listed=' '
    while read -r listed_status listed_name; do
        [ "$listed_status" = not-installed ] || listed="$listed$listed_name "
    done <<END
$told
END
    for listed_name in $known; do
        case $listed in *" $listed_name "*) continue ;; esac
        if [ -e "/var/lib/dpkg/info/$listed_name.list" ]; then
            fault="dpkg-lost $listed_name"
            return 1
        fi
    done
}

# Adds $1 to `known`, once.
know() {
    case " $known" in *" $1 "*) ;; *) known="$known$1 " ;; esac
}

# Sets `known` to all packages that we added, each with a space behind it. What an apt run was about to add counts as soon as
# dpkg began with it.
find_known_packages() {
    known=
    if [ -e "$journal/entries/packages/record" ]; then
        fault="journal-damaged $journal/entries/packages"
        is_record "$journal/entries/packages/record" || return 1
        read -r _ _ _ _ _ known <"$journal/entries/packages/record"
        fault=
        known="$known "
    fi
    find_listed "$journal/new-packages" begun || return 1
    for listed_name in $found; do know "$listed_name"; done
    # What version 0.1 noted: all that was there before.
    if [ -e "$journal/before-packages" ]; then
        listed=$newline$(cat -- "$journal/before-packages")$newline || return 1
        # shellcheck disable=SC2016 # dpkg-query expands it
        ask_dpkg -W -f '${db:Status-Status} ${binary:Package} ${Priority}\n' || return 1
        while read -r listed_status listed_name listed_priority; do
            case $listed_status/$listed_priority$listed in
                installed/*"$newline$listed_name$newline"*) ;;
                installed/required*)
                    # Each system has it, so that the list was cut short.
                    fault="journal-damaged $journal/before-packages"
                    return 1
                    ;;
                installed/*) know "$listed_name" ;;
            esac
        done <<END
$told
END
    fi
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
    find_known_packages || return 1
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

# Puts the lines $2 in the place of file $1 of the packages' entry.
replace_list() {
    fault=journal-unwritable
    mkdir -p "$journal/entries/packages" && { [ -z "$2" ] || printf '%s\n' "$2"; } >"$journal/entries/packages/.$1" &&
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
    fault=journal-unwritable
    noted_lines=$({
        # shellcheck disable=SC2046 # a list of names
        [ ! -f "$journal/entries/packages/remains" ] ||
            lines_without $(printf '%s ' "$@" | sed 's/=[^ ]*//g') <"$journal/entries/packages/remains"
        for noted in "$@"; do printf '%s %s\n' "${noted%%=*}" "${noted#*=}"; done
    } | sort) && replace_list remains "$noted_lines"
}

# Notes that `maker` asks for $@, before they are installed. Each counts once it is among those that we added.
note_roots() {
    [ -n "$maker" ] || return 0
    fault=journal-unwritable
    noted_lines=$({
        root_packages | lines_without "$@"
        for noted in "$@"; do printf '%s %s\n' "$noted" "$maker"; done
    } | sort) && replace_list roots "$noted_lines"
}
