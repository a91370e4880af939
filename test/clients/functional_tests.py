# Runs novaclient's own test cases, by module and class, in the cloud `functional_admin` of clouds.yaml.
import sys
import unittest

from novaclient.tests.functional import base

# Each test sets up what servers need, which these tests do not use and a cloud that has only keypairs does not offer.
base.CACHE.update(flavor=None, image=None, network=None, multiple_networks=False)
cases = [f'novaclient.tests.functional.{name}' for name in sys.argv[1:]]
outcome = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromNames(cases))
sys.exit(not outcome.wasSuccessful())
