# Files that apt wants, sent on stdin by the laptop where sshd forbids the forward that its relay needs.
#
# The folder `$journal/uploads` lives as long as a run: the method that apt starts (an executable, which /run may not
# hold), the pipes through which they talk, and files on their way. A file travels in pieces, each behind a line:
#   start ID SIZE DATE · data ID SIZE and so many bytes · done ID · same ID · fail ID REASON
# An ID is the method's process id and six digits.
# shellcheck disable=SC2154,SC2034

# Sets `uploads`, the folder. The watcher finds it through this run's own: another run may have one meanwhile.
open_uploads() {
    fault=journal-unwritable
    mkdir -p "$journal/uploads" && chmod 700 "$journal" "$journal/uploads" &&
        write_method >"$journal/uploads/method" && chmod 700 "$journal/uploads/method" || return 1
    uploads=$journal/uploads
    fault="path-unwritable $scratch"
    ln -s "$uploads" "$scratch/uploads" || return 1
    fault=
}

# Leaves no folder where there was none.
close_uploads() {
    [ -n "$uploads" ] || return 0
    rm -rf -- "$uploads"
    rmdir -- "$journal" 2>/dev/null
    uploads=
}

# Takes the line `frame` from stdin, and the bytes that belong to it: in one read, never a byte further.
take_frame() {
    frame_word=${frame%% *}
    frame=${frame#* }
    frame_id=${frame%% *}
    case $frame_id in
        '' | *[!0-9]*) return ;;
    esac
    frame_file=$scratch/uploads/$frame_id
    if [ "$frame_word" != data ]; then
        tell_method "$scratch/uploads/${frame_id%??????}" "$frame_id $frame_word${frame#"$frame_id"}"
        return
    fi
    dd bs="${frame#* }" count=1 iflag=fullblock 2>/dev/null | {
        # Nobody wants it any more where the file is gone. All is read all the same.
        [ ! -e "$frame_file" ] || said=$(cat 2>&1 >>"$frame_file") ||
            tell_method "$scratch/uploads/${frame_id%??????}" "$frame_id fail 507 ${said:-the file cannot be written}"
        cat >/dev/null
    }
}

# Writes $2 to the method's pipe $1. Opened for reading too, so that nothing waits for a method that is gone.
tell_method() {
    [ ! -p "$1" ] || printf '%s\n' "$2" 1<>"$1"
}

# Nothing more will come to the program whose folder is $1: the downloads under way fail, and apt ends.
hang_up_uploads() {
    [ -d "$1/uploads" ] || return 0
    : >"$1/uploads/closed"
    for method_pipe in "$1"/uploads/[0-9]*; do
        tell_method "$method_pipe" hang-up
    done
}
