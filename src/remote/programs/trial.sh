# Runs the commands by which practices are probed, one behind the other, as whoever it is run as. Follows clock.sh and
# session.sh.
#
# In:  nonce · a limit in seconds and a text for sh in base64 … `.`
# Out: begin · no-room, or for each: `ran INDEX STATUS` or `late INDEX`, then how long it took in hundredths of a second and
#      the end of what it printed in base64 · end
# shellcheck disable=SC2154 # these set them

exec 2>&1
# A hang-up ends it; the trap tidies up.
hang_up() { kill -TERM "$$"; }

tidy_up() {
    trap '' HUP INT TERM
    [ -z "$session" ] || end_session "$session"
    rm -rf -- "$scratch"
}

# Runs the text $2 for sh, in the surroundings that this program has, for at most $1 seconds.
try() {
    read_time
    begun=$now
    run_heard "$1" "$scratch/said" env -i HOME="${HOME:-/}" USER="${USER:-}" LOGNAME="${LOGNAME:-}" SHELL=/bin/sh \
        PATH="$PATH" LC_ALL=C.UTF-8 sh -c "$2"
    read_time
    # What it left behind is part of it.
    end_session "$session"
    session=
    end="ran $index $status"
    [ -z "$late" ] || end="late $index"
    answer "$end $((now - begun)) $(base64 -w 0 <"$scratch/said")"
}

user=$(id -u)
answer "begin $user"
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "$line"
done
watch_stdin hang_up
session='' scratch=''
# Not before the watcher, which would take what ends it for its own as long as it has not begun.
trap tidy_up EXIT
trap 'exit 1' HUP INT TERM

folder=${TMPDIR:-/tmp}
[ "$user" -ne 0 ] || folder=/run
if ! scratch=$(mktemp -d "$folder/provision.$$.XXXXXX") || ! head -c 262144 /dev/zero >"$scratch/said"; then
    answer "no-room $folder"
    set --
fi
index=0
for line in "$@"; do
    try "${line%% *}" "$(printf '%s' "${line#* }" | base64 -d)"
    index=$((index + 1))
done

unwatch
answer "end ok"
