# Whether an entry of the journal is whole, in the programs that look and in those that change. A disk may have lost some of
# it with its power.
# shellcheck disable=SC2034 # read by those

# Whether file $1 is a record: a line of six words.
is_record() {
    record_line=
    [ -f "$1" ] && IFS= read -r record_line <"$1" || return 1
    case $record_line in *" "*" "*" "*" "*" "?*) ;; *) return 1 ;; esac
}
