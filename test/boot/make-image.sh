#!/bin/sh
# Makes a disk with Debian, cloud-init and sshd as Debian ships them, and its kernel beside it, once. Needs root.
# make-image.sh DIRECTORY
set -eu
directory=$1
[ ! -e "$directory/disk" ] || exit 0
mkdir -p "$directory"
work=$(mktemp -d "$directory/work.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT INT TERM
# debootstrap does not see that python3-cffi-backend is what python3-cryptography depends on under another name.
debootstrap --variant=minbase \
  --include=systemd-sysv,udev,ifupdown,isc-dhcp-client,openssh-server,cloud-init,curl,python3-cffi-backend,linux-image-cloud-amd64 \
  bookworm "$work/root" http://deb.debian.org/debian
# Every further kind of host key costs an emulated processor much time.
printf 'ssh_genkeytypes: [ed25519]\n' >"$work/root/etc/cloud/cloud.cfg.d/90-boot.cfg"
cp "$work/root"/boot/vmlinuz-* "$work/kernel"
cp "$work/root"/boot/initrd.img-* "$work/initrd"
rm -rf "$work/root"/var/cache/apt/archives/*.deb "$work/root"/var/lib/apt/lists/*
mkfs.ext4 -q -d "$work/root" "$work/disk" 1500M
mv "$work/kernel" "$work/initrd" "$directory"
# Moved last: if the disk exists, the image is complete.
mv "$work/disk" "$directory"
