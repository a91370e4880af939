# Logs in by keystoneauth with one method, and then with the receipt and the other method. Argument: the credentials, as JSON.
import json
import sys

from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3

given = json.loads(sys.argv[1])
auth = given['auth']
user = {'username': auth['username'], 'user_domain_id': 'default'}
methods = {
    'password': v3.PasswordMethod(password=auth['password'], **user),
    'totp': v3.TOTPMethod(passcode=given['passcode'], **user),
}
first = methods.pop(given['first'])
[second] = methods.values()
plugin = v3.Auth(auth['auth_url'], [first], project_name=auth['project_name'], project_domain_id='default')
client = session.Session(auth=plugin)
try:
    client.get_token()
    sys.exit('One method was enough.')
except exceptions.auth.MissingAuthMethods as missing:
    receipt = {'methods': missing.methods, 'required': missing.required_auth_methods}
    plugin.auth_methods = [v3.ReceiptMethod(receipt=missing.receipt), second]
access = plugin.get_access(client)
print(json.dumps({'receipt': receipt, 'token': access._data['token']['methods']}))
