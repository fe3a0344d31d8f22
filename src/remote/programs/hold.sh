# Keeps other drills of the same cluster away: holds a lock on its balancer until the other side closes stdin.
#
# The lock is not the one of all runs, which the drill of a balancer's server takes on the same host. It is let go after
# the seconds that are given in any case: a link that died without a word may keep stdin open for hours.
#
# In:  nonce · run directory · seconds
# Out: begin · refused · held · end

exec 2>&1
answer "begin $(id -u)"
read -r run_root
read -r limit
lock=$run_root/provision-drill.lock

true >>"$lock" || refuse no-scratch "$run_root"
exec 9>>"$lock"
if ! flock -n 9; then
    lock_pid='' lock_since='' lock_user=''
    read -r lock_pid lock_since lock_user <"$lock"
    refuse drill-busy "${lock_pid:-?} $(($(date +%s) - ${lock_since:-$(date +%s)})) ${lock_user:-?}"
fi
printf '%s %s %s\n' "$$" "$(date +%s)" "${SUDO_USER:-root}" >"$lock"
answer held
timeout "$limit" cat >/dev/null
exec 9>&-
answer "end ok"
