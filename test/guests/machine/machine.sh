#!/bin/sh
# An isolated machine for a guest's agent: what it writes to the disk is discarded, its host name and network are its
# own, and 169.254.169.254 is on its loopback. Runs its remaining arguments as the process 1 that Nova starts.
# Needs root: unshare --mount --uts --net --pid --fork --mount-proc machine.sh COMMAND...
set -eu
mount -t tmpfs tmpfs /run
layers=/run/layers
mkdir "$layers"
for directory in etc var home root; do
  mkdir "$layers/$directory" "$layers/$directory.work"
  options="lowerdir=/$directory,upperdir=$layers/$directory,workdir=$layers/$directory.work"
  mount -t overlay overlay -o "$options" "/$directory"
done
ip link set lo up
ip address add 169.254.169.254/32 dev lo
export product_name='OpenStack Nova'
exec "$@"
