# Works with keypairs by libcloud. Argument: settings of its driver and a public key, as JSON.
import json
import sys

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

given = json.loads(sys.argv[1])
driver = get_driver(Provider.OPENSTACK)(**given['driver'])
imported = driver.import_key_pair_from_string('libcloud', given['key'])
created = driver.create_key_pair('libcloud-made')
listed = sorted(pair.name for pair in driver.list_key_pairs())
shown = driver.get_key_pair('libcloud')
for pair in [imported, created]:
    driver.delete_key_pair(pair)
print(json.dumps({
    'imported': imported.fingerprint == shown.fingerprint and shown.public_key,
    'created': created.private_key,
    'listed': listed,
    'left': [pair.name for pair in driver.list_key_pairs()],
    'nodes': driver.list_nodes(),
    'sizes': driver.list_sizes(),
}))
