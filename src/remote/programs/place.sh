# Going to a folder so that nobody but root leads the way, in the programs that look and in those that change.
#
# Whoever may write into a folder, or into one above it, can put a link where something stood a moment ago. So a program
# goes into the folder first, and then speaks of what is in it by its name alone. A function that fails says why in
# `fault`.
# shellcheck disable=SC2154,SC2034

me=
while read -r key _ value _; do
    case $key in Uid:) me=$value && break ;; esac
done </proc/self/status
me=${me:-$(id -u)}
newline='
'

# Whether the lines $1 of `stat -c "$look"` are of folders that nobody else can change; where $2 is given, those count too
# that all may write to and not rename in what is of others.
look='%u %a %F'
are_sure() {
    while read -r sure_owner sure_mode sure_kind; do
        case $sure_owner/$sure_mode/$sure_kind in
            0/*[0145][0145]/directory | "$me"/*[0145][0145]/directory) ;;
            0/1[0-7][0-7][0-7]/directory) [ -n "${2-}" ] || return 1 ;;
            *) return 1 ;;
        esac
    done <<END
$1
END
}

# Folders that were found sure stay it, since nobody but root can change that, until root runs what may give them away.
forget_sure() {
    sure_folders=$newline
}
forget_sure

# Whether nobody else can change what is in folder $1, nor what leads there: no link does. Where all may write but not
# rename what is of others, what is below is sure all the same.
is_sure() {
    case $sure_folders in *"$newline$1$newline"*) return 0 ;; esac
    sure_folder=$1
    sure_rest=${1#/}
    sure_at=
    set -- /
    while [ -n "$sure_rest" ]; do
        sure_at=$sure_at/${sure_rest%%/*}
        set -- "$@" "$sure_at"
        sure_rest=${sure_rest#"${sure_rest%%/*}"}
        sure_rest=${sure_rest#/}
    done
    [ ! -k "$sure_at/." ] && sure_rest=$(stat -c "$look" -- "$@" 2>/dev/null) && are_sure "$sure_rest" sticky &&
        sure_folders=$sure_folders$sure_folder$newline
}

# Goes to folder $1, by no link but root's own in a folder that is sure.
go_to() {
    fault="path-astray $1"
    way=$1 links=0 sure=1
    if is_sure "$way"; then
        cd -P -- "${way:-/}" && fault=
        return
    fi
    cd / || return 1
    while [ -n "$way" ]; do
        part=${way%%/*}
        way=${way#"$part"}
        way=${way#/}
        if [ -z "$part" ]; then
            continue
        elif [ -L "./$part" ]; then
            links=$((links + 1))
            { [ -n "$sure" ] && [ "$links" -le 40 ]; } || return 1
            case $(stat -c %u -- "./$part") in
                0 | "$me") ;;
                *) return 1 ;;
            esac
            part=$(readlink -n -- "./$part")
            case $part in
                /*) cd / || return 1 ;;
            esac
            way=$part/$way
        else
            here=$(pwd -P)
            cd -P "./$part" || return 1
            [ "$part" = .. ] || [ "$part" = . ] || [ "$(pwd -P)" = "${here%/}/$part" ] || return 1
            is_sure "$(pwd -P)" || sure=
        fi
    done
    fault=
}

# Goes to where `path` is, and sets `leaf` to its name there.
arrive() {
    leaf=./${path##*/}
    go_to "${path%/*}"
}

# Prints what is in the file `leaf`, by no link; a pipe that nobody writes is empty.
read_leaf() {
    dd if="$leaf" iflag=nofollow,nonblock bs=65536 2>/dev/null
}
