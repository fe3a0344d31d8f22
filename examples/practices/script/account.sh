#!/bin/sh
# The account in which students work, with a folder for the practice.
set -eu
id -u {{ user }} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash {{ user }}
install -d -o {{ user }} -g {{ user }} /home/{{ user }}/{{ folder }}
