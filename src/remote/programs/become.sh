# Gains root and hands the rest of stdin to the next program, which then runs as root.
#
# In:  nonce · `sudo`, `none` or `login` · `or-login` or `-` · `password` or `-` · [the password] · `#next` ·
#      the next program · `#go` · its data
# Out: `here` at once; then nothing where root is gained, else `refused CODE` and `end refused`; with `or-login`, `no-root CODE`, and the next
#      program runs as the login.
#
# The password is read by a builtin into a variable that is never exported, and given to sudo by a builtin: no other
# process has it in its arguments or environment. A sudo that wants none leaves it to the next program, which skips
# what stands before `#next`.

unset password
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
umask 022
cd / || exit 1

IFS= read -r nonce
printf '\n%s here\n' "$nonce"
IFS= read -r method
IFS= read -r otherwise
IFS= read -r given
if [ "$given" = password ]; then
    IFS= read -r password
fi

# shellcheck disable=SC2016 # the next shell expands it
next='while IFS= read -r l;do [ "$l" = "#next" ]&&break;done;p=;n=$(printf "\nx");n=${n%x};while IFS= read -r l;do [ "$l" = "#go" ]&&break;p=$p$l$n;done;eval "$p"'

refuse() {
    if [ "$otherwise" = or-login ]; then
        unset password
        printf '\n%s no-root %s\n' "$nonce" "$1"
        exec sh -c "$next"
    fi
    printf '\n%s refused %s\n%s end refused\n' "$nonce" "$1" "$nonce"
    exit 0
}

if [ "$method" = login ] || [ "$(id -u)" = 0 ]; then
    unset password
    exec sh -c "$next"
fi
[ "$method" = sudo ] || refuse not-root
command -v sudo >/dev/null 2>&1 || refuse sudo-missing

# What sudo says is looked at only where it refused; prompts differ between sudo and sudo-rs and are not matched.
explain() {
    printf '%s\n' "$said"
    case $said in
        *"must have a tty"*) refuse sudo-tty ;;
        *"not in the sudoers"* | *"may not run sudo"* | *"is not allowed to"* | *"afraid I can't do that"*)
            refuse sudo-not-allowed
            ;;
        *"no new privileges"* | *"must be setuid"* | *"must be owned by uid 0"*) refuse sudo-broken ;;
    esac
    refuse "$1"
}

if [ "$given" != password ]; then
    said=$(sudo -n true 2>&1 </dev/null) || explain sudo-password-needed
    exec sudo -n -- sh -c "$next"
fi
# Prints what sudo says where it is given the password for once; $@ are its options. One attempt, however many it would
# allow: it is ended when it asks again, since the end of its input counts as one more.
try_password() {
    {
        read -r feeder _ </proc/self/stat
        printf '%s\n%s\n' "$feeder" "$password"
        unset password
        exec sleep 10
    } | {
        unset password
        read -r feeder
        sh -c 'echo $$; exec sudo -k -S "$@" echo root-gained 2>&1' sh "$@" | {
            read -r asking
            asked=0
            while IFS= read -r line; do
                case $line in
                    '?') asked=$((asked + 1)) ;;
                    *'try again'*) asked=2 ;;
                esac
                [ "$line" = '?' ] || printf '%s\n' "$line"
                [ "$asked" -lt 2 ] || kill -KILL "$asking"
            done
        }
        kill -PIPE "$feeder"
    }
}

newline='
'
# A sudo-rs before 0.2.5 knows no prompt of ours. Whether sudo wants a password is not asked before, since some count
# that as an attempt, too.
set -- -p "?$newline"
case $(sudo --version 2>/dev/null </dev/null) in
    'sudo-rs 0.2.'[0-4]) set -- ;;
esac
said=$(try_password "$@")
case $said in
    *root-gained) ;;
    *) explain sudo-password-wrong ;;
esac
[ $# -eq 0 ] || set -- -p ''

# A sudo-rs before 0.2.7 reads ahead and loses what follows the password: the rest waits until the shell that is root
# ends `gate`. The signal at the end is one of which shells say nothing.
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
    sudo -S "$@" -- sh -c "kill $gate 2>/dev/null;$next"
    status=$?
    kill -PIPE "$gate" "$feeder" 2>/dev/null
    exit "$status"
}
