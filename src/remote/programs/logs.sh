# Tells the last words of services: in the journal, and in log files of their own.
#
# In:  nonce · service and log file … `.`
# Out: begin · journal · file · end

exec 2>/dev/null

# Answers `$1 $2 LINE` for each line of stdin.
tell() {
    while IFS= read -r line || [ -n "$line" ]; do
        answer "$1 $2 $line"
    done
}

answer "begin $(id -u)"
while IFS= read -r service && [ "$service" != . ]; do
    IFS= read -r file
    timeout 5 journalctl -q --no-pager --no-hostname -o short -n 12 -u "$service.service" </dev/null |
        tail -c 8192 | tail -n 12 | tell journal "$service"
    [ ! -f "$file" ] || timeout 5 tail -c 8192 "$file" </dev/null | tail -n 12 | tell file "$service"
done
answer "end ok"
