# Gains root and hands the rest of stdin to the next program, which then runs as root.
#
# In:  nonce · `sudo`, `none` or `login` · `or-login` or `-` · `password`, `apart` or `-` · [the password] · `#next` ·
#      the next program · `#go` · its data
# Out: `here` at once; then nothing where root is gained, else `refused CODE` and `end refused`; with `or-login`, `no-root CODE`, and the next
#      program runs as the login.
# Where `apart`, the next program has a stderr of its own.
#
# Where sudo is the means, sudo.sh follows, and where it is given a password, sudo_password.sh.
#
# The password is read by a builtin into a variable that is never exported, and given to sudo by a builtin: no other
# process has it in its arguments or environment. A sudo that wants none leaves it to the next program, which skips
# what stands before `#next`. The next program is packed.

# GZIP holds flags of gzip, which unpacks the next program.
unset password GZIP
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
umask 022
cd / || exit 1

IFS= read -r nonce
printf '\n%s here\n' "$nonce"
# Not for root alone: what follows has nowhere to write, nor to read nothing from.
if ! [ -c /dev/null ] || ! true >/dev/null; then
    printf '\n%s refused no-null\n%s end refused\n' "$nonce" "$nonce"
    exit 0
fi
IFS= read -r method
IFS= read -r otherwise
IFS= read -r given
# shellcheck disable=SC2034 # sudo_password.sh uses it
if [ "$given" = password ]; then
    IFS= read -r password
fi

# shellcheck disable=SC2016 # the next shell expands it
next='PATH=$PATH:/usr/bin:/bin;while IFS= read -r l;do [ "$l" = "#next" ]&&break;done;p=;n=$(printf "\nx");n=${n%x};while IFS= read -r l;do [ "$l" = "#go" ]&&break;p=$p$l$n;done;p=$(printf %s "$p"|base64 -d|gzip -dc)&&[ -n "$p" ]||{ IFS= read -r n;printf "\n%s refused no-gzip\n%s end refused\n" "$n" "$n";exit;};eval "$p"'

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
