/** How an error is answered: `src/http/faults/faults.ts` gives each kind its status and fault name. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'differs'
  | 'precondition-failed'
  | 'over-quota'
  | 'unacceptable'
  | 'unsupported-media'
  | 'unavailable'
  | 'too-many'
  | 'not-implemented';

interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly meaning: string;
  readonly remedy: string;
}

const RETRY = 'Retry after the number of seconds in Retry-After.';

/** Every expected failure by its code. docs/errors.md is printed from it, and the log line of a request has the code. */
export const ERRORS = {
  'invalid-key': {
    kind: 'malformed',
    meaning: 'The key or certificate is refused.',
    remedy: 'See "Keys that are refused".',
  },
  'invalid-shape': {
    kind: 'malformed',
    meaning: 'A property of the body or a query parameter is missing, unknown, or has a value that is not allowed.',
    remedy: 'Correct what the message names. The OpenAPI document of the microversion has the rules and an example.',
  },
  'invalid-json': {
    kind: 'malformed',
    meaning: 'The body is not JSON in UTF-8, or nested too deeply.',
    remedy: 'Send valid JSON.',
  },
  'unreadable-request': {
    kind: 'malformed',
    meaning: 'The framework cannot read the request.',
    remedy: 'Correct what the message names.',
  },
  'broken-off': {
    kind: 'malformed',
    meaning: 'The client disconnected in the middle of its body.',
    remedy: 'Check the client or the proxy in front of it.',
  },
  'invalid-version': {
    kind: 'malformed',
    meaning: 'The version header is not a version.',
    remedy: 'Send a version such as 2.92, or `latest`.',
  },
  'project-mismatch': {
    kind: 'malformed',
    meaning: 'The project in the path is not the project of the token.',
    remedy: 'Use the project of the token, or omit it from the path.',
  },
  'keypair-marker-not-found': {
    kind: 'malformed',
    meaning: 'The marker is not the name of a keypair of the user.',
    remedy: 'Take the marker from the `next` link of a list.',
  },
  'guest-marker-not-found': {
    kind: 'malformed',
    meaning: 'The marker is not the id of a guest of the list.',
    remedy: 'Take the marker from the `next` link of a list.',
  },
  'guest-keypair-not-found': {
    kind: 'malformed',
    meaning: '`key_names` has a keypair that the owner of the guest does not have.',
    remedy: 'Use keypairs of the owner of the guest.',
  },
  'lifetime-exceeded': {
    kind: 'malformed',
    meaning: 'The keypair would live longer than KEYPAIR_MAX_LIFETIME permits.',
    remedy: 'Send an earlier `expires_at`; the message names the latest.',
  },
  'unbounded-prune': {
    kind: 'malformed',
    meaning: 'A prune has no condition.',
    remedy: 'Send `name_prefix`, `older_than`, `unused_for`, or `"expired": true`.',
  },
  'guest-keypair-expired': {
    kind: 'malformed',
    meaning: '`key_names` has an expired keypair.',
    remedy: 'Set a later `expires_at`, or use another keypair.',
  },
  'login-users-missing': {
    kind: 'malformed',
    meaning: 'The guest trusts the SSH certificate authority in sshd, but for no account.',
    remedy: 'Send `login_users` with the accounts, such as `["debian"]`.',
  },
  'certificate-refused': {
    kind: 'malformed',
    meaning:
      'The SSH certificate cannot be issued as requested: the keypair, guests, principals, addresses or lifetime do not permit it.',
    remedy: 'Correct what the message names.',
  },
  'keypair-name-similar': {
    kind: 'malformed',
    meaning: 'The project has a keypair whose name differs only in case.',
    remedy: 'Use that keypair, or choose another name.',
  },
  'webhook-url-refused': {
    kind: 'malformed',
    meaning: 'Webhooks are not sent to this URL.',
    remedy: 'Send an https URL of a public host; operators permit others with WEBHOOK_HTTP and WEBHOOK_NETWORKS.',
  },
  'networks-quota-disabled': {
    kind: 'malformed',
    meaning: 'The request sets a quota of networks, which do not exist here.',
    remedy: 'Omit `networks`.',
  },
  'limit-out-of-range': {
    kind: 'malformed',
    meaning: 'The quota contradicts those of the project or its users.',
    remedy: 'Send a quota in the range that the message names, or `force`.',
  },
  'invalid-id': {
    kind: 'malformed',
    meaning: 'The id of a project or user is empty, longer than 255 characters, or has a NUL.',
    remedy: 'Send an existing id.',
  },
  'invalid-precondition': {
    kind: 'malformed',
    meaning: 'If-Match or If-None-Match is neither `*` nor entity tags.',
    remedy: 'Send the ETag of the keypair as it was shown, with its quotes.',
  },
  'invalid-caller': {
    kind: 'unauthenticated',
    meaning: 'With AUTH_MODE=none: an id in X-Auth-Token is too long.',
    remedy: 'Send USER_ID:PROJECT_ID with ids of at most 255 characters.',
  },
  'policy-forbids': {
    kind: 'forbidden',
    meaning: 'The policy does not permit this action.',
    remedy: 'Ask the owner or an administrator. `latchkey policy list` prints the rules; POLICY_FILE changes them.',
  },
  'keypair-of-project': {
    kind: 'forbidden',
    meaning: 'The keypair belongs to the project, and os-keypairs deletes keypairs of users only.',
    remedy:
      'Delete it with DELETE /v1/projects/{project_id}/keypairs/{name}, or ask its creator, a manager or an administrator.',
  },
  'no-project': {
    kind: 'forbidden',
    meaning: 'The token has no project scope.',
    remedy: 'Log in with a project scope.',
  },
  'not-the-console': {
    kind: 'forbidden',
    meaning: 'A request to /console/session does not come from the page /console.',
    remedy: 'Log in with the Identity API.',
  },
  'keypair-not-found': {
    kind: 'not-found',
    meaning: 'The user has no keypair of that name.',
    remedy: 'List the keypairs. Names are case-sensitive, and every user has their own.',
  },
  'project-keypairs-off': {
    kind: 'forbidden',
    meaning: 'Keypairs of projects are switched off (SHARED_KEYPAIRS=off).',
    remedy: 'Ask the operator for SHARED_KEYPAIRS=listed, or import the key as your own keypair.',
  },
  'guest-not-found': {
    kind: 'not-found',
    meaning: 'The guest does not exist, or the caller may not see it.',
    remedy: 'List the guests.',
  },
  'certificate-not-found': {
    kind: 'not-found',
    meaning: 'There is no SSH certificate with this serial number, or the caller may not see it.',
    remedy: 'List the certificates.',
  },
  'webhook-not-found': {
    kind: 'not-found',
    meaning: 'There is no webhook with this id, or the caller may not see it.',
    remedy: 'List the webhooks.',
  },
  'delivery-not-found': {
    kind: 'not-found',
    meaning: 'The webhook has no delivery with this id.',
    remedy: 'List the deliveries of the webhook; those older than EVENTS_KEEP are deleted.',
  },
  'ssh-ca-off': {
    kind: 'not-found',
    meaning: 'The service issues no SSH certificates (SSH_CA=off).',
    remedy: 'Ask the operator for SSH_CA=on.',
  },
  'extension-not-found': {
    kind: 'not-found',
    meaning: 'The extension does not exist, or is switched off.',
    remedy: 'List the extensions.',
  },
  'no-such-path': {
    kind: 'not-found',
    meaning: 'No route under /v1 has this method and path.',
    remedy: 'See [api.md](api.md).',
  },
  'version-not-offered': {
    kind: 'unacceptable',
    meaning: 'The microversion is outside the supported range.',
    remedy: 'Send one in the range that the message names; `GET /v2.1` shows it as well.',
  },
  'keypair-exists': {
    kind: 'conflict',
    meaning: 'The user has a keypair of that name.',
    remedy: 'Choose another name, or delete that keypair.',
  },
  'keypair-attached': {
    kind: 'conflict',
    meaning: 'Guests hold copies of the keypair, and KEYPAIR_DELETE_ATTACHED is refuse.',
    remedy: 'Remove it from the `key_names` of those guests first.',
  },
  'keypair-protected': {
    kind: 'conflict',
    meaning: 'The keypair is protected from deletion.',
    remedy: 'Remove the protection first: PATCH /v1/keypairs/{name} with `"delete_protected": false`.',
  },
  'keypair-differs': {
    kind: 'differs',
    meaning: 'The keypair has another key.',
    remedy: 'Send If-Match with the ETag of the keypair, or `*`, to replace the key.',
  },
  'keypair-changed': {
    kind: 'precondition-failed',
    meaning: 'The keypair is not in the state that If-Match or If-None-Match requires.',
    remedy: 'Show the keypair, and send the change again with its ETag.',
  },
  'guest-exists': {
    kind: 'conflict',
    meaning: 'A guest with this id is registered.',
    remedy: 'Delete that guest, or choose another id.',
  },
  'address-taken': {
    kind: 'conflict',
    meaning: 'Another guest has one of the addresses in this network. Administrators see which.',
    remedy: 'Remove the address from that guest, or choose another one.',
  },
  'guest-changed': {
    kind: 'conflict',
    meaning: 'Another request changed the guest at the same time.',
    remedy: 'Send the change again.',
  },
  'unsupported-media-type': {
    kind: 'unsupported-media',
    meaning: 'The Content-Type is not JSON.',
    remedy: 'Send JSON with `Content-Type: application/json`.',
  },
  'keypair-quota-exceeded': {
    kind: 'over-quota',
    meaning: 'The user has reached the quota of keypairs.',
    remedy: 'Delete keypairs, or ask an administrator to raise the quota (os-quota-sets, KEYPAIR_QUOTA).',
  },
  'guest-quota-exceeded': {
    kind: 'over-quota',
    meaning: 'The project has reached the quota of guests.',
    remedy: 'Delete guests, or ask the operator to raise GUEST_QUOTA.',
  },
  'webhook-quota-exceeded': {
    kind: 'over-quota',
    meaning: 'The project has reached the maximum number of webhooks.',
    remedy: 'Delete webhooks, or add event types to an existing one.',
  },
  'rate-limited': {
    kind: 'too-many',
    meaning: 'The caller sends more requests than RATE_LIMIT allows.',
    remedy: RETRY,
  },
  'no-xorriso': {
    kind: 'not-implemented',
    meaning: 'Config drives need xorriso, which is not installed.',
    remedy: 'Ask the operator to install it, or request an archive with `Accept: application/x-tar`.',
  },
  'database-unavailable': {
    kind: 'unavailable',
    meaning: 'The database cannot be reached, or does not answer in time.',
    remedy: `${RETRY} A create may have succeeded: check before you repeat it.`,
  },
  'ssh-ca-unavailable': {
    kind: 'unavailable',
    meaning: 'The SSH agent that holds the key of the certificate authority does not sign.',
    remedy: `${RETRY} Operators check the agent of SSH_CA_AGENT.`,
  },
  'keystone-unavailable': {
    kind: 'unavailable',
    meaning: 'Keystone cannot be reached, or does not validate the token.',
    remedy: RETRY,
  },
  'key-generation-busy': {
    kind: 'unavailable',
    meaning: 'Too many key pairs are waiting to be generated.',
    remedy: `${RETRY} You can also generate the key yourself and import it.`,
  },
  'config-drives-busy': {
    kind: 'unavailable',
    meaning: 'Too many config drives are waiting to be written.',
    remedy: RETRY,
  },
  'log-ins-busy': {
    kind: 'unavailable',
    meaning: 'Too many passwords are waiting to be checked.',
    remedy: RETRY,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An expected failure. Its message is written for the client: the cause and what to do, and never a secret. */
export class DomainError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.kind = ERRORS[code].kind;
  }
}
