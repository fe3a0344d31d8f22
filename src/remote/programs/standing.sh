# What stands where the journal says that we put something, in the programs that tell it.
# shellcheck disable=SC2154,SC2034

# For the entry $1 with its words in `kind` and `path`: sets `state` to what stands there, which is a file's SHA-256, a
# link's target in base64, `absent`, or `other`; and `put` to that where a run that died had no time to record it.
look_at_entry() {
    state=absent
    if [ ! -e "$path" ] && [ ! -L "$path" ]; then
        :
    elif ! arrive; then
        state=other
    elif [ -L "$leaf" ]; then
        state=$(readlink -n -- "$leaf" | base64 -w 0)
    elif [ -f "$leaf" ]; then
        state=$(read_leaf | sha256sum)
        state=${state%% *}
    elif [ -e "$leaf" ]; then
        state=other
    fi
    cd /
    announced=
    { IFS= read -r announced <"$1/next"; } 2>/dev/null
    [ "$announced" != "$state" ] || put=$state
}
