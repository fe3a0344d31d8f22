# What apt would take away, in the programs that look and in those that change. Follows lists.sh.

# Sets `simulated` to what apt would say to $@, and `removed` to what it would remove, without writing anything; fails
# where it would not do that at all.
simulate() {
    removed=
    simulated=$(LC_ALL=C timeout 60 apt-get -sq -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
        -o APT::Install-Recommends=false -o APT::Install-Suggests=false -o APT::Get::AutomaticRemove=false \
        "$@" 2>&1 </dev/null) || return 1
    removed=$(printf '%s\n' "$simulated" | sed -n 's/^Remv \([^ ]*\).*/\1/p')
}

# Whether the host's sources have package $1, and its preferences forbid every version.
is_forbidden() {
    apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy -- "$1" 2>/dev/null |
        grep -qE '^ {8,}-?[0-9]+ [a-z+]+:'
}

# Prints the packages of which apt has heard, and has none.
without_candidate() {
    printf '%s\n' "$simulated" | sed -nE "s/^E: Package '([^']*)' has no installation candidate$/\1/p"
}

# Prints `? WORDS` where apt said why those of $@ cannot be installed, unless a list is missing that may have them.
tell_unmet() {
    for package in $(without_candidate); do
        if is_forbidden "$package"; then
            printf "? Package '%s' has no installation candidate\n" "$package"
            return
        fi
    done
    case $simulated in
        *'Unable to locate'* | *'no installation candidate'*)
            # shellcheck disable=SC2016 # apt-get expands it
            index_targets --no-release-info --format '$(FILENAME)' 'Created-By: Packages' 2>/dev/null |
                while read -r list; do
                    set -- "$list"*
                    # What all architectures share stands in the list of each.
                    case $list in *_binary-all_*) ;; *) [ -e "$1" ] || echo "$list" ;; esac
                done | grep -q . && return
            ;;
    esac
    printf '%s\n' "$simulated" | sed -n -e 's/^E: \(Package .*\|Unable to locate .*\)/\1/p' \
        -e 's/^ *\([^ ]* : \(Pre\)*\(Depends\|Conflicts\|Breaks\): .*\)/\1/p' | head -n 1 | sed 's/^/? /'
}

# Prints `CAUSE PACKAGE` for each package that would go if those of $@ were installed: the cause is one of them, or `-`
# where apt has to repair something first. `? WORDS` say why apt cannot install them, `! WORDS` why it does nothing at all.
removals() {
    if simulate install "$@"; then
        case $simulated in
            *'essential packages will be removed'*)
                # Nobody is to be told how to do that.
                removed=$(printf '%s' "$removed" | tr '\n' ' ' | cut -b 1-100)
                printf '! to install %s it would remove what every system needs (%s)\n' "$*" "$removed"
                return
                ;;
        esac
        together=$removed
        [ -n "$together" ] || return 0
        for package in "$@"; do
            simulate install "$package"
            [ -z "$removed" ] || together=
            tell_removed "$package"
        done
        # None of them alone.
        removed=$together
        tell_removed "$1"
    else
        unmet=$(tell_unmet)
        if simulate -f install; then
            tell_removed -
            # What apt would repair first may be why.
            printf '%s\n' "$simulated" | grep -qE '^(Inst|Conf|Remv) ' || printf '%s\n' "$unmet"
        elif index_targets >/dev/null 2>&1; then
            # Sources that it cannot read are told with its mirrors.
            printf '%s\n' "$simulated" | sed -n '/nmet dependencies\|broken packages/d;s/^E: /! /p' | head -n 1
        fi
    fi
}

tell_removed() {
    for removed_name in $removed; do
        printf '%s %s\n' "$1" "$removed_name"
    done
}
