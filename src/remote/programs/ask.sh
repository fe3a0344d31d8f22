# Asks the host for a page from itself, or, where none of its bytes are wanted, whether it takes the connection, where its sshd opens no connections for clients, as whoever logged in.
#
# In:  nonce · address · port · number of requests · most bytes of an answer · the request in base64
# Out: begin · page answered, refused, silent or closed, once for each request until three have failed; `page no-way` · end

exec 2>&1
# A hang-up ends it; each request runs under `timeout`.
hang_up() { kill -TERM "$$"; }

answer "begin $(id -u)"
IFS= read -r address
IFS= read -r port
IFS= read -r count
IFS= read -r most
IFS= read -r request
watch_stdin hang_up

# Only bash opens connections by itself, and it is not on every host.
if ! command -v bash >/dev/null 2>&1; then
    answer "page no-way"
    count=0
fi
failed=0
while [ "$count" -gt 0 ] && [ "$failed" -lt 3 ]; do
    count=$((count - 1))
    # shellcheck disable=SC2016 # bash expands it
    said=$(printf '%s' "$request" | base64 -d | timeout 5 bash -c \
        'exec 3<>"/dev/tcp/$1/$2" && cat >&3 && head -c "$3" <&3 | base64 -w 0' - "$address" "$port" "$most" 2>&1)
    case $?:$said in
        124:*) said=silent ;;
        *" refused"*) said=refused ;;
        0:[!\ ]*) said="answered $said" ;;
        0:) [ "$most" -gt 0 ] && said=closed || said="answered " ;;
        *) said=closed ;;
    esac
    answer "page $said"
    case $said in
        answered*) ;;
        *) failed=$((failed + 1)) ;;
    esac
done

unwatch
answer "end ok"
