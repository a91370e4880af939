"""Writes authorized_keys of accounts with cloud-init's own code, from the keys that a metadata service gives.

Arguments: the URL of the metadata service, and the names of the accounts.
"""

import sys

from cloudinit import ssh_util
from cloudinit.sources.helpers import openstack


class Reader(openstack.MetadataReader):
    def _read_ec2_metadata(self):
        return {}


url, *users = sys.argv[1:]
source = openstack.SourceMixin()
found = Reader(url, retries=0).read_v2()
source.metadata = found["metadata"]
source.version = found["version"]
keys = source.get_public_ssh_keys()
for user in users:
    if user == "root":
        options = ssh_util.DISABLE_USER_OPTS.replace("$USER", "tester").replace("$DISABLE_USER", "root")
        ssh_util.setup_user_keys(set(keys), user, options=options)
    else:
        ssh_util.setup_user_keys(set(keys), user)
