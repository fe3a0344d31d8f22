# The owner and the group that are wanted of a file or a folder: `USER:GROUP` by name in `ownership`, with `-` for what stays.
# shellcheck disable=SC2154,SC2034

# Sets `owner` to what chown takes, to nothing where both stay; fails where the host does not know a name.
find_owner() {
    owner=
    [ "$ownership" != - ] || return 0
    owner_user=${ownership%%:*} owner_group=${ownership#*:}
    if [ "$owner_user" != - ]; then
        owner=$(id -u -- "$owner_user" 2>/dev/null) || {
            fault="path-user $owner_user $path"
            return 1
        }
    fi
    if [ "$owner_group" != - ]; then
        owner_group_id=$(getent group "$owner_group" | cut -d : -f 3)
        if [ -z "$owner_group_id" ]; then
            fault="path-group $owner_group $path"
            return 1
        fi
        owner=$owner:$owner_group_id
    fi
}

# Gives $1 the owner that was found, by no link.
give_away() {
    [ -z "$owner" ] || chown -h -- "$owner" "$1"
}
