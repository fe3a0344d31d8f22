#!/bin/sh
# A lesson on practice hosts of podman, from nothing to nothing. Prints what the test asks of it, each after `==`.
#
# Arguments: the tool, the lab's name, more flags of the demo.
set -eu
tool=$1
lab=$2
shift 2
cd "$HOME"
trap '"$tool" lab down --name "$lab" >&2; podman rm --all --force >&2; podman image rm --all --force >&2' EXIT
trap 'exit 1' TERM

# The host and the page that a browser would see.
page() {
    curl --silent --max-time 5 "http://$1/" | grep -o '<h1>[^<]*' || true
}

"$tool" demo --name "$lab" --web 2 "$@" >outcome
cat outcome
front=$(grep -o 'http://[^/]*' outcome | head -n 1)
front=${front#http://}
echo "== pages"
for _ in 1 2 3 4; do
    page "$front"
done
inventory=$("$tool" lab list -o json | grep -o '"inventory": *"[^"]*"' | cut -d '"' -f 4)
echo "== exec"
"$tool" lab exec --name "$lab" web01 -- hostname
"$tool" lab exec --name "$lab" web01 -- systemctl is-system-running
echo "== cable pulled"
"$tool" lab link web01 down --name "$lab"
for _ in 1 2 3 4; do
    page "$front"
done
"$tool" lab link web01 up --name "$lab"
echo "== stopped host"
podman stop --time 1 "provision.$lab.web02" >/dev/null
"$tool" lab list
"$tool" lab up --name "$lab" --web 2 >/dev/null
"$tool" verify "$inventory"
echo "== left"
"$tool" lab down --name "$lab"
podman ps --all --quiet
podman network ls --filter label=provision.lab --quiet
find "$HOME" -path '*labs/*'
echo "== end"
