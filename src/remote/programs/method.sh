# apt's method for http and https where files are uploaded: an executable beside the files, started by apt alone. It
# asks the program that runs apt for each file and tells apt when it is there. apt checks every file as ever.
#
# In:  apt's messages; in the pipe that bears its process id, what `take_frame` passes on
# Out: apt's messages; in the pipe `news`: want:ID URI DATE

uploads=${0%/*}
answers=$uploads/$$
count=0 line_break='
'
rm -f -- "$answers"
mkfifo "$answers" || exit 1
# For reading and writing: opens at once, and never ends.
exec 3<>"$answers"
printf '100 Capabilities\nVersion: 1.2\nSingle-Instance: true\nSend-URI-Encoded: true\n\n'

fail() {
    rm -f -- "$file"
    printf '400 URI Failure\nURI: %s\nMessage: %s\nFailReason: HttpError%s\n\n' "$uri" "$1" "${1%% *}"
}

acquire() {
    count=$((count + 1))
    id=$(($$ * 1000000 + count))
    file=$uploads/$id modified=''
    # The file is made for root alone, and no link that somebody left under the name apt wants is ever followed.
    if ! : >"$file"; then
        fail '507 there is no room for it on the host'
        return
    fi
    if [ ! -e "$uploads/closed" ]; then
        printf 'want:%s %s %s\n' "$id" "$uri" "${since:--}" 1<>"$uploads/news"
    else
        echo hang-up >&3
    fi
    while IFS= read -r answer <&3; do
        case $answer in
            hang-up)
                fail '503 provision hung up'
                return
                ;;
            "$id start "*)
                answer=${answer#"$id start "}
                modified=${answer#* }
                printf '200 URI Start\nURI: %s\nSize: %s\nLast-Modified: %s\n\n' "$uri" "${answer%% *}" "$modified"
                ;;
            "$id done")
                [ -z "$modified" ] || touch -d "$modified" -- "$file" 2>/dev/null
                if said=$(mv -fT -- "$file" "$filename" 2>&1); then
                    printf '201 URI Done\nURI: %s\nFilename: %s\nLast-Modified: %s\n\n' "$uri" "$filename" "$modified"
                else
                    fail "507 ${said%%"$line_break"*}"
                fi
                return
                ;;
            "$id same")
                rm -f -- "$file" "$filename"
                printf '201 URI Done\nURI: %s\nFilename: %s\nLast-Modified: %s\nIMS-Hit: true\n\n' "$uri" "$filename" "$since"
                return
                ;;
            "$id fail "*)
                fail "${answer#"$id fail "}"
                return
                ;;
        esac
    done
}

uri='' filename='' since=''
while IFS= read -r line; do
    case $line in
        'URI: '*) uri=${line#URI: } ;;
        'Filename: '*) filename=${line#Filename: } ;;
        'Last-Modified: '*) since=${line#Last-Modified: } ;;
        '')
            [ -z "$uri" ] || acquire
            uri='' filename='' since=''
            ;;
    esac
done
rm -f -- "$answers"
