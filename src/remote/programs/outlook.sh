# What apt will meet when it installs what is missing, in the programs that look. Follows machine.sh and removals.sh.
# shellcheck disable=SC2154 # from place.sh and machine.sh

# Answers what apt will meet when it installs what is missing.
tell_outlook() {
    if [ -n "$absent" ] && have_lists; then
        # shellcheck disable=SC2086 # a list of names
        tell_removals $absent
    elif [ -n "$absent" ]; then
        answer no-lists
    fi
    [ "$me" != 0 ] || tell_read_only /usr /usr/bin /usr/lib /usr/share /tmp /var/lib/apt /var/lib/apt/lists /var/lib/dpkg \
        /var/cache /var/cache/apt /var/cache/apt/archives
    # Apt's own user checks there who has signed a list.
    case $(stat -L -c %a /tmp 2>/dev/null) in *[2367]) ;; *) answer closed-tmp ;; esac
    tell_barred
}

# Answers `barred-scripts` where no script that dpkg keeps may run, whatever its mode says: so it is on a mount.
tell_barred() {
    script=$(find /var/lib/dpkg/info -name '*.postinst' -perm -100 2>/dev/null | head -n 1)
    [ -z "$script" ] || [ -x "$script" ] || answer barred-scripts
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
