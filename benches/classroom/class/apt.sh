#!/bin/sh
# What no tool can do without on a bare host: the lists of packages and the packages, by apt alone.
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2046 # a list of words
apt-get install -y -qq --no-install-recommends $(cat packages) >/dev/null
