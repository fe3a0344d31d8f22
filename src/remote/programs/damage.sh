# What of the journal was lost, in the programs that undo. Follows entries.sh; callers set `journal`.
# shellcheck disable=SC2154,SC2034

# Sets `damaged` to the first entry that does not tell what it is of, or lacks what stood there before us.
find_damaged() {
    damaged=
    if [ -d "$journal" ] && [ ! -d "$journal/entries" ]; then
        damaged=$journal/entries
        return 0
    fi
    for entry in "$journal"/entries/*/; do
        entry=${entry%/}
        case $entry in
            */packages) [ ! -e "$entry/record" ] || is_record "$entry/record" || damaged=$entry ;;
            *)
                if ! is_record "$entry/record"; then
                    [ ! -d "$entry" ] || damaged=$entry
                elif read -r _ _ entry_original _ <"$entry/record" && [ "$entry_original" = kept ]; then
                    [ -e "$entry/original" ] || [ -L "$entry/original" ] || damaged=$entry
                fi
                ;;
        esac
        [ -z "$damaged" ] || return 0
    done
}
