# Runs the user's command and passes its output through untouched. Its arguments come one a line in base64; a command of
# one argument is a line for the shell. When the other side closes stdin, the command's process group ends.
#
# In:  nonce · number of arguments · arguments
# Out: begin · what the command prints · the nonce and ` exit STATUS`, without a newline before them

IFS= read -r count
set --
while [ "$count" -gt 0 ]; do
    IFS= read -r word
    # The `x` keeps newlines at the end.
    word=$(printf '%s' "$word" | base64 -d && printf x)
    set -- "$@" "${word%x}"
    count=$((count - 1))
done
answer "begin $(id -u)"
if [ $# -eq 1 ]; then
    set -- sh -c "$1"
fi

# A group of its own, so that ending it ends nothing else; what ignores TERM is ended for good after two seconds.
setsid -w -- "$@" </dev/null &
command=$!
hang_up() {
    trap '' TERM
    kill -TERM "-$command"
    sleep 2
    kill -KILL "-$command"
}
watch_stdin hang_up
wait "$command"
status=$?
unwatch
# shellcheck disable=SC2154 # common.sh reads the nonce
printf '%s exit %s\n' "$nonce" "$status"
