# The program that apt runs when all is downloaded and decided, under its own lock, just before dpkg. It notes in the
# journal $1 what is going to be added, so that this can be undone whatever cuts dpkg short, and of what of that there was
# a configuration of others, left by a removal, which is none of ours to purge. Where it fails, apt ends: so it does where
# apt would take away what was not named to it, and where the run that began this apt does not agree. That is waited for;
# a run has ended when its lock is free.
#
# In:  what apt says of its settings and, after an empty line, of each package (protocol 3 of DPkg::Pre-Install-Pkgs in
#      apt.conf(5)). Its own folder is that of the run.
# shellcheck disable=SC2086,SC2154 # lists of names; `repairing` is the run's

[ -z "$repairing" ] || exit 0
if [ -p "${0%/*}/taken" ]; then
    echo taken 1<>"${0%/*}/taken"
    flock 6 6<>"${0%/*}/taken" && [ -e "${0%/*}/agreed" ] || exit 1
fi
told=$(sed '1,/^$/d') || exit 1
removable=" $(cat "${0%/*}/removable") "
printf '%s\n' "$told" | while read -r name line; do
    case $line/$removable in
        *"**REMOVE**/"*" $name "*) ;;
        *"**REMOVE**/"*) echo "$name" ;;
    esac
done >"${0%/*}/takes"
[ ! -s "${0%/*}/takes" ] || exit 1
added=$(printf '%s\n' "$told" |
    sed -En 's/^([^ ]+) - [^<]*< [^ ]+ ([^ ]+) same .*/\1:\2/p;t;s/^([^ ]+) - [^<]*<.*/\1/p') || exit 1
[ -n "$added" ] || exit 0
states=$(dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' -- $added 2>/dev/null) || [ $? -eq 1 ] || exit 1
# Of what is there, with its list of files, and which dpkg has lost from its status, nothing is ours.
added=$(for name in $added; do
    [ -e "/var/lib/dpkg/info/$name.list" ] && ! printf '%s\n' "$states" | cut -d ' ' -f 2 | grep -qxF -e "$name" ||
        echo "$name"
done)
[ -n "$added" ] || exit 0
left=$(printf '%s\n' "$states" | sed -n 's/^config-files //p')
if [ -n "$left" ]; then
    entry=$1/entries/packages
    ours=$(
        cat "$1/new-packages" "$entry/removed" 2>/dev/null
        cut -d ' ' -f 6- "$entry/record" 2>/dev/null | tr ' ' '\n'
    )
    mkdir -p "$entry" && printf '%s\n' "$left" | grep -vxF -e "${ours:-.}" >>"$entry/left"
    sync "$entry/left" || exit 1
fi
{
    [ ! -e "$1/new-packages" ] || cat "$1/new-packages"
    printf '%s\n' "$added"
} | sort -u >"$1/.new-packages" &&
    sync "$1/.new-packages" && mv -T "$1/.new-packages" "$1/new-packages" && sync "$1"
