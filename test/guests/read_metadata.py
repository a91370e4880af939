"""Reads metadata with cloud-init's own code and prints what it made of it as JSON.

Arguments: `http` and the URL of a metadata service, `drive` and the directory of an unpacked config drive, or `network` and a
network-config.
"""

import json
import sys

import yaml

from cloudinit.net.network_state import parse_net_config_data
from cloudinit.sources import DataSourceConfigDrive
from cloudinit.sources.helpers import ec2, openstack


class Reader(openstack.MetadataReader):
    """cloud-init requests EC2 metadata from 169.254.169.254, whatever URL it was given; this class uses the service at that URL."""

    def _read_ec2_metadata(self):
        return ec2.get_instance_metadata(metadata_address=self.base_path, retries=0)


def text(value):
    return value.decode() if isinstance(value, bytes) else value


kind, where = sys.argv[1:]
if kind == "network":
    interfaces = parse_net_config_data(yaml.safe_load(where)).iter_interfaces()
    found = {
        each["name"]: {
            "mac": each["mac_address"],
            "subnets": [[net["type"], net.get("address"), net.get("prefix")] for net in each["subnets"]],
            "routes": [net["gateway"] for net in each["subnets"] if "gateway" in net],
        }
        for each in interfaces
    }
    print(json.dumps(found))
    sys.exit()
if kind == "http":
    found = Reader(where, retries=0).read_v2()
    found["ec2-userdata"] = text(ec2.get_instance_userdata(metadata_address=where, retries=0))
else:
    found = DataSourceConfigDrive.read_config_drive(where)
source = openstack.SourceMixin()
source.metadata = found["metadata"]
source.version = found["version"]
print(
    json.dumps(
        {
            "keys": source.get_public_ssh_keys(),
            "hostname": found["metadata"]["local-hostname"],
            "id": found["metadata"]["instance-id"],
            "seed": len(found["metadata"]["random_seed"]),
            "userData": text(found.get("userdata")),
            "vendorData": found.get("vendordata"),
            "networkData": found.get("networkdata"),
            "ec2": found.get("ec2-metadata"),
            "ec2UserData": found.get("ec2-userdata"),
        }
    )
)
