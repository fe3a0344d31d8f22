# Whether python3 does on the host what the programs of students need, in every program that asks.

# Prints what dpkg says of python3, and the version that it stands for; `-` for what it doesn't know.
python_package() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    python_status=$(dpkg-query -W -f '${db:Status-Status}' python3 2>/dev/null)
    # shellcheck disable=SC2016
    python_version=$(dpkg-query -W -f '${Pre-Depends} ${Depends}' python3-minimal 2>/dev/null |
        sed -En 's/.*python(3\.[0-9]+)-minimal.*/\1/p')
    printf '%s %s' "${python_status:--}" "${python_version:--}"
}

# Names it in `python` for user $1; answers `no-python` and fails where there is none.
find_python() {
    python=python3
    # Root's own may be where nobody else can go.
    if [ "$1" = 0 ] && [ -x /usr/bin/python3 ]; then
        python=/usr/bin/python3
    fi
    command -v "$python" >/dev/null 2>&1 && return 0
    answer "no-python $(python_package)"
    return 1
}

# Whether the python3 of the command $@ loads what it needs; what it says is in `python_said`. One that is only slow is
# not at fault.
try_python() {
    python_said=$(timeout -k 1 5 "$@" 2>&1 </dev/null)
    case $? in
        0 | 124 | 137) return 0 ;;
        *) return 1 ;;
    esac
}

# Answers `bad-python` where it fails for user $1 with the login's own variables and files, whether it fails without them,
# too, and what it says then; `python-variable` where it does not fail without that one. The protocols are spoken without
# any of these.
tell_python() {
    # Those of python3 that python3-minimal has not got.
    python_needs='import resource, socket, subprocess, threading'
    # And modules beside a program, as constCS.py is one.
    python_test="$python_needs, sys
if getattr(sys.flags, 'safe_path', False): raise ModuleNotFoundError(\"No module named 'constCS'\")"
    python_user=
    if [ "$1" = 0 ]; then
        # Others may have written what the variables name.
        python_user='setpriv --reuid=nobody --regid=nogroup --clear-groups'
        $python_user true 2>/dev/null || return 0
    fi
    # shellcheck disable=SC2086 # words of a command
    ! try_python $python_user "$python" -c "$python_test" || return 0
    python_first=$python_said
    python_variable='' python_whose=login
    for python_name in $(env | sed -En 's/^((PYTHON|LD_)[A-Z0-9_]*)=.*/\1/p'); do
        # shellcheck disable=SC2086
        if try_python $python_user env -u "$python_name" "$python" -c "$python_test"; then
            python_variable=$python_name=$(printenv "$python_name" | head -n 1)
            break
        fi
    done
    if [ -z "$python_variable" ] && ! try_python "$python" -I -c "$python_needs"; then
        python_whose=host python_first=$python_said
    fi
    answer "bad-python $python_whose $(python_package) $(command -v "$python")"
    [ -z "$python_variable" ] || answer "python-variable $python_variable"
    answer "python-said $(printf '%s' "$python_first" | tail -c 3000 | base64 -w 0)"
}
