# Gains root by sudo with a password. Follows sudo.sh.
# shellcheck disable=SC2154 # from become.sh

# Prints what sudo says where it is given the password for once; $@ are its options. One attempt, however many it would
# allow: it is ended when it asks again, since the end of its input counts as one more. The shell's own words about
# that, on stderr, are nobody's concern.
try_password() {
    {
        read -r feeder _ </proc/self/stat
        printf '%s\n%s\n' "$feeder" "$password"
        unset password
        exec sleep 10
    } | {
        unset password
        read -r feeder
        sh -c 'echo $$; exec sudo -k -S "$@" -u root sh -c "echo root-gained" 2>&1' sh "$@" | {
            read -r asking
            asked=0
            while IFS= read -r line; do
                case $line in
                    '?') asked=$((asked + 1)) ;;
                    *'try again'*) asked=2 ;;
                esac
                [ "$line" = '?' ] || printf '%s\n' "$line"
                # Its own words about that may be anything, or none.
                [ "$asked" -lt 2 ] || { echo 'try again' && kill -KILL "$asking"; }
            done
        }
        hang_up_on "$feeder"
    }
}

# Ends a program by signals of which shells say nothing: those written in Rust are deaf to the first, and what a shell has
# put behind itself to the second.
hang_up_on() {
    kill -PIPE "$1" 2>/dev/null
    kill -INT "$1" 2>/dev/null
}

newline='
'
# A sudo-rs before 0.2.5 knows no prompt of ours. Whether sudo wants a password is not asked before, since some count
# that as an attempt, too.
set -- -p "?$newline"
case $(sudo --version 2>&1 </dev/null) in
    'sudo-rs 0.2.'[0-4]) set -- ;;
esac
said=$(try_password "$@" 2>/dev/null)
case $said in
    *root-gained) ;;
    *) explain sudo-password-wrong ;;
esac
[ $# -eq 0 ] || set -- -p ''

# A sudo-rs before 0.2.7 reads ahead and loses what follows the password: the rest waits until the shell that is root
# ends `gate`.
{
    sleep 60 >/dev/null &
    gate=$!
    read -r feeder _ </proc/self/stat
    printf '%s %s\n%s\n' "$gate" "$feeder" "$password"
    unset password
    wait "$gate" 2>/dev/null
    exec cat
} | {
    unset password
    read -r gate feeder
    sudo -S "$@" -u root -- sh -c "kill $gate 2>/dev/null;$next"
    status=$?
    kill "$gate" 2>/dev/null
    hang_up_on "$feeder"
    exit "$status"
}
