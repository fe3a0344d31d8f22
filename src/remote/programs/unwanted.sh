# What a look tells of what the journal has and nobody wants. Follows place.sh, standing.sh and leaving.sh.
# shellcheck disable=SC2154,SC2034 # from observe.sh and paths.sh; read in the others

tell_unwanted() {
    for key in $unwanted; do
        read -r _ kind _ put _ path <"$journal/entries/$key/record" || continue
        case $kind in
            file | link | directory)
                look_at_entry "$journal/entries/$key"
                answer "now $key $state $put"
                ;;
            command)
                taken=$journal/entries/$key/undo
                [ ! -f "$taken" ] || answer "undo $key $(head -c 1000 -- "$taken" | base64 -w 0)"
                ;;
        esac
    done
    [ -n "$unwanted_roots" ] || return 0
    added=
    { read -r _ _ _ _ _ added <"$journal/entries/packages/record"; } 2>/dev/null
    # shellcheck disable=SC2086 # a list of names
    if ! plan_removal $unwanted_roots; then
        answer "refuses ${fault#* }"
        return 0
    fi
    answer "needed $needed"
    answer "leaving $leaving"
    answer "foreign $foreign"
}
