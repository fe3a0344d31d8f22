# Gains root by sudo without a password. Follows become.sh.
# shellcheck disable=SC2154 # from become.sh

command -v sudo >/dev/null 2>&1 || refuse sudo-missing

# What sudo says is looked at only where it refused; prompts differ between sudo and sudo-rs and are not matched. $1 is
# what it is where sudo wants another password. What nobody knows is told in sudo's own words.
explain() {
    printf '%s\n' "$said"
    # That it is unable to resolve the host's name does no harm, and is said before all else.
    verdict=$(printf '%s\n' "$said" | grep -v 'unable to resolve host')
    line=$(printf '%s\n' "$verdict" | grep -m 1 -E '^(sudo|sudo-rs|/[^ ]*): |^Sorry' ||
        printf '%s\n' "$verdict" | grep . | tail -n 1)
    line=$(printf '%.300s' "$line")
    case $1/$verdict in
        sudo-password-wrong/*"try again"* | sudo-password-wrong/*"incorrect password"* | \
            sudo-password-wrong/*"PAM error: Permission denied"* | sudo-password-wrong/*uthentication\ fail*)
            refuse "$1"
            ;;
        *"must have a tty"*) refuse sudo-tty ;;
        *"not allowed to execute"*) refuse sudo-limited ;;
        *world[\ -]writable* | *"should be 0"* | *"syntax error"* | *"invalid configuration"* | \
            *"no valid sudoers sources"* | *"initialize policy plugin"*)
            refuse "sudo-rules $line"
            ;;
        *"not in the sudoers"* | *"may not run sudo"* | *"is not allowed to"* | *"afraid I can't do that"*)
            refuse sudo-not-allowed
            ;;
        *"no new privileges"* | *"must be setuid"* | *"must be owned by uid 0"* | *"effective uid is not 0"*)
            refuse "sudo-broken $line"
            ;;
        *"is required"* | *"try again"* | *"incorrect password"* | *"incorrect authentication"* | *"no password was provided"*)
            refuse "$1"
            ;;
    esac
    refuse "sudo-fails $line"
}

if [ "$given" = apart ]; then
    said=$(sudo -n -u root -- sh -c : 2>&1 </dev/null) || explain sudo-password-needed
    exec sudo -n -u root -- sh -c "$next"
elif [ "$given" != password ]; then
    # One sudo finds out and runs it: on its stderr nobody speaks but sudo, which may repeat what it does not allow, and the
    # shell that is root.
    exec 3>&1
    said=$(sudo -n -u root -- sh -c "echo root-''gained >&2;exec 2>&1;$next" 2>&1 >&3 3>&-)
    exec 3>&-
    case $said in
        *root-gained*)
            printf '%s' "${said%root-gained*}" >&2
            exit 0
            ;;
    esac
    explain sudo-password-needed
fi
