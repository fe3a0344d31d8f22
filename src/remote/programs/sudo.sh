# Gains root by sudo without a password. Follows become.sh.
# shellcheck disable=SC2154 # from become.sh

command -v sudo >/dev/null 2>&1 || refuse sudo-missing

# What sudo says is looked at only where it refused; prompts differ between sudo and sudo-rs and are not matched.
explain() {
    printf '%s\n' "$said"
    case $said in
        *"must have a tty"*) refuse sudo-tty ;;
        *"not in the sudoers"* | *"may not run sudo"* | *"is not allowed to"* | *"afraid I can't do that"*)
            refuse sudo-not-allowed
            ;;
        *"no valid sudoers sources"* | *"world-writable"* | *"invalid configuration"* | *"initialize policy plugin"*)
            refuse sudo-rules
            ;;
        *"no new privileges"* | *"must be setuid"* | *"must be owned by uid 0"*) refuse sudo-broken ;;
        # Before these it may say that it is unable to resolve the host's name, which does no harm.
        *"is required"* | *"try again"* | *"incorrect password"*) ;;
        *"command not found"* | *"unable to "*) refuse sudo-fails ;;
    esac
    refuse "$1"
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
