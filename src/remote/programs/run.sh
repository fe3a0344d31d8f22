# The frame of the programs that change a host: a folder of their own, the lock, the graceful stop. Follows clock.sh.
#
# When the other side closes stdin (Ctrl-C, or a link that died) or TERM arrives, the step under way is finished, since
# apt and dpkg cannot be ended safely, and nothing new is started. Output that nobody reads any more does no harm. A link
# that died may leave stdin open: where the other side, which says `here` every few seconds, is silent at the end of a
# step, it is waited for a minute.
# shellcheck disable=SC2154,SC2034

# Begins: reads the folders, how long to wait for another run, which run was the last when the host was looked at (or
# `any`), the token of what this run changes here (or `-`), and all data up to `#end`.
start_run() {
    IFS= read -r journal
    IFS= read -r run_root
    IFS= read -r patience
    IFS= read -r last_run
    IFS= read -r token
    silence=15 absence=60
    trap '' HUP PIPE
    if ! scratch=$(mktemp -d "$run_root/provision.$$.XXXXXX"); then
        refuse no-scratch "$run_root"
    fi
    trap clean_run EXIT
    sed '/^#end$/q' >"$scratch/data"
    # The watcher keeps this descriptor, and with it the lock; neither apt nor a daemon ever inherits it.
    exec 9>>"$run_root/provision.lock"
    uploads='' apt_waits=
    watch_stdin hang_up take_line
    # Not before the watcher, which would take what ends it for its own as long as it has not begun.
    trap 'stop_run "$scratch"' TERM INT
    take_lock
    exec 9>&-
}

# Tells the program whose folder is $1 to end after its step.
stop_run() {
    : >"$1/stop"
    hang_up_uploads "$1"
    # Who waits there for apt to come to dpkg.
    [ ! -p "$1/taken" ] || echo stop 1<>"$1/taken"
}

hang_up() {
    stop_run "$scratch"
    # Holds the lock until the step under way is finished.
    while kill -0 "$$" 2>/dev/null; do sleep 0.2 9>&-; done
}

take_line() {
    read -r heard _ </proc/uptime
    printf '%s\n' "$heard" >"$scratch/heard"
    [ "$frame" = here ] || take_frame
}

# Whether the other side spoke lately, if it speaks at all.
is_heard() {
    [ -e "$scratch/heard" ] || return 0
    # Where it has no end, it is being written.
    read -r heard _ <"$scratch/heard" || return 0
    read -r heard_now _ </proc/uptime
    [ $((${heard_now%.*} - ${heard%.*})) -le "$silence" ]
}

stopping() {
    awaited=0
    until [ -e "$scratch/stop" ] || is_heard; do
        if [ "$awaited" -ge "$absence" ]; then
            : >"$scratch/stop"
        else
            sleep 1
            awaited=$((awaited + 1))
        fi
    done
    [ -e "$scratch/stop" ]
}

# Tells the program of process $1 to hand over after its step.
relieve() {
    for relieved in "$run_root/provision.$1".*; do
        [ ! -d "$relieved" ] || stop_run "$relieved"
    done
}

take_lock() {
    lock_waited=0
    until flock -n 9; do
        lock_pid='' lock_since='' lock_user='' lock_token=''
        read -r lock_pid lock_since lock_user lock_token <"$run_root/provision.lock"
        lock_age=$(($(date +%s) - ${lock_since:-0}))
        if stopping; then
            end_run interrupted
        elif [ "$token" != - ] && [ "$lock_token" = "$token" ]; then
            # What this run began over a connection that was lost does not wait for it any more.
            relieve "$lock_pid"
            [ $((lock_waited % 10)) -ne 0 ] || answer "waiting the step that was under way when the connection was lost"
        elif [ "$lock_waited" -ge "$patience" ]; then
            answer "refused busy ${lock_pid:-?} $lock_age ${lock_user:-?}"
            end_run refused
        elif [ $((lock_waited % 10)) -eq 0 ]; then
            answer "waiting another run (process ${lock_pid:-?} of ${lock_user:-?}, for $lock_age s)"
        fi
        sleep 1
        lock_waited=$((lock_waited + 1))
    done
    IFS= read -r lock_holder <"$run_root/provision.lock"
    # What was seen before another run is worth nothing after it.
    [ "$last_run" = any ] || [ "$last_run" = "$lock_holder" ] || end_run stale
    printf '%s %s %s %s\n' "$$" "$(date +%s)" "${SUDO_USER:-root}" "$token" >"$run_root/provision.lock"
    # What a run left that was killed.
    rm -rf -- "$journal/uploads"
    sweep "$run_root"
}

clean_run() {
    [ -z "$apt_waits" ] || leave_apt
    close_uploads
    rm -rf "$scratch"
}

end_run() {
    clean_run
    trap - EXIT
    unwatch
    answer "end $1"
    exit 0
}

# Ends before anything was begun, for what `fault` says.
refuse_run() {
    [ "$fault" != interrupted ] || end_run interrupted
    answer "refused $fault"
    end_run refused
}

progress() {
    answer "progress $index $*"
}

begin_step() {
    answer "started $index"
    read_time
    begun=$now
}

end_step() {
    read_time
    answer "done $index $(((now - begun) * 10))"
}

# Begins the steps $@, which are done as one.
begin_steps() {
    for index in "$@"; do
        answer "started $index"
    done
    index=$1
    read_time
    begun=$now
    fault=
}

# Sets `share` to what each of $1 steps took that were done as one.
share_time() {
    read_time
    share=$(((now - begun) * 10 / $1))
}

# Ends the steps $@, which were done as one.
end_steps() {
    share_time $#
    for index in "$@"; do
        answer "done $index $share"
    done
}

fail_step() {
    [ "$fault" != interrupted ] || end_run interrupted
    answer "failed $index ${fault:-unknown}"
    end_run failed
}

# Sets `word` to the first word of `rest` and takes it away.
take_word() {
    word=${rest%% *}
    rest=${rest#* }
}
