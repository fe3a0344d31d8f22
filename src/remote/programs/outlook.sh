# What apt will meet when it installs what is missing, in the programs that look. Follows machine.sh and removals.sh.
# shellcheck disable=SC2154 # from place.sh and machine.sh

# Answers what apt will meet when it installs what is missing.
tell_outlook() {
    tell_lost
    if [ -n "$absent" ] && have_lists; then
        # shellcheck disable=SC2086 # a list of names
        tell_removals $absent
    elif [ -n "$absent" ]; then
        answer no-lists
    fi
    if [ "$me" = 0 ]; then
        tell_read_only /usr /usr/bin /usr/lib /usr/share /tmp /var/lib/apt /var/lib/apt/lists /var/lib/dpkg \
            /var/cache /var/cache/apt /var/cache/apt/archives
        tell_fixed
    fi
    tell_gone
    # Apt's own user checks there who has signed a list.
    case $(stat -L -c %a /tmp 2>/dev/null) in *[2367]) ;; *) answer closed-tmp ;; esac
    tell_closed_key
    tell_barred
    tell_other_release
}

# Ends where dpkg does not know of packages whose lists of files it has, and apt lacks them: its status was lost in part.
tell_lost() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    ask_dpkg -W -f '${Package}\n' || refuse "$fault"
    lost=
    for list in /var/lib/dpkg/info/*.list; do
        [ -e "$list" ] || continue
        list=${list##*/}
        list=${list%.list}
        case $newline$told$newline in *"$newline${list%:*}$newline"*) ;; *) lost="$lost ${list%:*}" ;; esac
    done
    if [ -n "$lost" ] && ! simulate install; then
        refuse "dpkg-lost $(printf '%.200s' "${lost# }")"
    fi
    # What it reads only when it unpacks. One that knows of nothing ends with 1.
    said=$(dpkg-query -S /usr/bin/dpkg 2>&1 >/dev/null && dpkg-statoverride --list 2>&1 >/dev/null) || [ $? -eq 1 ] ||
        refuse "dpkg-unreadable $(printf '%s' "$said" | tr '\n' ' ')"
}

# Answers `closed-key` where apt's own user can read none by which its main mirror is believed: of those that its sources
# name, or else of those that all share.
# shellcheck disable=SC2046,SC2086 # paths
tell_closed_key() {
    names_mirror && [ -n "$release" ] || return 0
    of_mirror=$(grep -lsF -e "$(mirror_name)" /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
        /etc/apt/sources.list.d/*.sources)
    set -- $(named_keys $of_mirror)
    [ $# -gt 0 ] || set -- /etc/apt/trusted.gpg.d/*
    closed=$(closed_keys "$@")
    [ "$(printf '%s\n' "$@")" != "$closed" ] || [ ! -e "$1" ] || answer "closed-key $1"
}

# Answers `other-release SUITE OWN` where the archive's packages would come from a release that is not the host's own,
# and none from that: an upgrade that was begun, or a line of another host.
tell_other_release() {
    # Other distributions have names of their own, and packages of these.
    grep -qE '^ID="?(debian|ubuntu)"?$' /etc/os-release 2>/dev/null && names_mirror || return 0
    own=$(sed -nE 's/^VERSION_CODENAME="?([a-z]+)"?$/\1/p' /etc/os-release)
    [ -n "$own" ] || return 0
    case $release in
        */debian/dists/* | */ubuntu/dists/* | */ubuntu-ports/dists/* | */debian.list/dists/*) ;;
        *) return 0 ;;
    esac
    suite=${release%/InRelease}
    suite=${suite##*/dists/}
    case $suite in
        # What these mean changes; the last list says what they do now.
        stable | oldstable)
            suite=$(sed -n 's/^Codename: //p' /var/lib/apt/lists/*_dists_"$suite"_InRelease 2>/dev/null | head -n 1)
            ;;
        sid | unstable | testing | experimental | *[!a-z]*) return 0 ;;
    esac
    case $suite/$newline$sources in
        "$own"/* | /* | *"/dists/$own/"*) ;;
        *) answer "other-release $suite $own" ;;
    esac
}

# Answers `fixed-accounts` with the first of their files that cannot be written: a package that brings a user needs all.
tell_fixed() {
    for accounts in /etc/passwd /etc/group /etc/shadow /etc/gshadow; do
        if [ -e "$accounts" ] && [ ! -w "$accounts" ]; then
            answer "fixed-accounts $accounts"
            return
        fi
    done
}

# Answers `barred` with the first folder of those that apt and dpkg run programs from where none may run, whatever its
# mode says: so it is on a mount.
tell_barred() {
    for folder in /var/lib/dpkg/info /usr/sbin /usr/lib/apt/methods; do
        program=$(find "$folder/" -type f -perm -100 2>/dev/null | head -n 1)
        if [ -n "$program" ] && [ ! -x "$program" ]; then
            answer "barred $folder"
            return
        fi
    done
}

# Answers `gone` with the first folder of apt's that is not there and that apt does not make: it makes none below a link
# that leads to nothing, nor one whose own base is not there.
tell_gone() {
    # It quotes them itself.
    eval "$(timeout 10 apt-config shell apt_cache Dir::Cache/d apt_archives Dir::Cache::archives/d \
        apt_state Dir::State/d apt_lists Dir::State::lists/d 2>/dev/null)"
    while IFS= read -r folder && IFS= read -r base; do
        folder=${folder%/} base=${base%/}
        base=${base%/apt}
        if [ -z "$folder" ] || [ -d "$folder/." ]; then
            continue
        fi
        until [ -e "${folder:-/}" ] || [ -L "$folder" ]; do folder=${folder%/*}; done
        if [ ! -d "${base:-/}" ] || { [ -L "$folder" ] && [ ! -e "$folder" ]; }; then
            [ -d "${base:-/}" ] || folder=$base
            answer "gone $folder"
            return
        fi
    done <<END
${apt_archives-}
${apt_cache-}
${apt_lists-}
${apt_state-}
END
}

# Answers `removes` for each package that would go, and `unmet` or `refuses` where apt cannot install those of $@ as things are.
tell_removals() {
    removals "$@" | head -n 64 | while IFS= read -r line; do
        case $line in
            "? "*) answer "unmet ${line#??}" ;;
            "! "*) answer "refuses ${line#??}" ;;
            *) [ -z "$line" ] || answer "removes $line" ;;
        esac
    done
}
