"""Reads metadata with cloud-init's own code and prints what it made of it as JSON.

Arguments: `http` and the URL of a metadata service, or `drive` and the directory of an unpacked config drive.
"""

import json
import sys

from cloudinit.sources import DataSourceConfigDrive
from cloudinit.sources.helpers import ec2, openstack


class Reader(openstack.MetadataReader):
    """cloud-init asks 169.254.169.254 for EC2 metadata, whatever URL it was given; this one asks the same service."""

    def _read_ec2_metadata(self):
        return ec2.get_instance_metadata(metadata_address=self.base_path, retries=0)


def text(value):
    return value.decode() if isinstance(value, bytes) else value


kind, where = sys.argv[1:]
if kind == "http":
    told = Reader(where, retries=0).read_v2()
    told["ec2-userdata"] = text(ec2.get_instance_userdata(metadata_address=where, retries=0))
else:
    told = DataSourceConfigDrive.read_config_drive(where)
source = openstack.SourceMixin()
source.metadata = told["metadata"]
source.version = told["version"]
print(
    json.dumps(
        {
            "keys": source.get_public_ssh_keys(),
            "hostname": told["metadata"]["local-hostname"],
            "id": told["metadata"]["instance-id"],
            "seed": len(told["metadata"]["random_seed"]),
            "userData": text(told.get("userdata")),
            "vendorData": told.get("vendordata"),
            "networkData": told.get("networkdata"),
            "ec2": told.get("ec2-metadata"),
            "ec2UserData": told.get("ec2-userdata"),
        }
    )
)
