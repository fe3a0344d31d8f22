# Tells what the journal remembers, and what now stands at each path of it. Writes nothing.
#
# In:  nonce · journal
# Out: begin · record LINE · now KEY STATE · packages-unrecorded · end
#      STATE is a file's SHA-256, a link's target in base64, `absent`, or `other`.

exec 2>&1
hang_up() { kill -TERM "$$"; }
IFS= read -r journal
watch_stdin hang_up
answer "begin $(id -u)"
for record in "$journal"/entries/*/record; do
    [ -f "$record" ] || continue
    read -r key kind _ _ _ path <"$record" || continue
    answer "record $(head -n 1 "$record")"
    case $kind in
        file | link | directory)
            if [ -L "$path" ]; then
                state=$(readlink -n -- "$path" | base64 -w 0)
            elif [ -f "$path" ]; then
                state=$(sha256sum <"$path")
                state=${state%% *}
            elif [ -e "$path" ]; then
                state=other
            else
                state=absent
            fi
            answer "now $key $state"
            ;;
    esac
done
unwatch
answer "end ok"
