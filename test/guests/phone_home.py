"""Runs cloud-init's phone_home as the vendor data of a guest configures it: phone_home.py URL DIRECTORY. The host keys are in DIRECTORY."""
import json
import logging
import os
import sys
import urllib.request
from types import SimpleNamespace

import yaml
from cloudinit import util
from cloudinit.config import cc_phone_home
from cloudinit.helpers import Paths

url, directory = sys.argv[1:]
vendor_data = json.load(urllib.request.urlopen(f"{url}/openstack/latest/vendor_data2.json"))
config = yaml.safe_load(vendor_data["cloud-init"])

load_file = util.load_file
util.load_file = lambda path, *more, **options: load_file(os.path.join(directory, os.path.basename(path)), *more, **options)
cloud = SimpleNamespace(
    get_instance_id=lambda: "i-00000001",
    get_hostname=lambda **_: SimpleNamespace(hostname="web"),
    paths=Paths({"cloud_dir": directory}),
)
cc_phone_home.handle("phone-home", config, cloud, logging.getLogger(), [])
