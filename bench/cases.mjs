// What is measured, and the ratio to its floor that it should reach.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEYPAIRS = '/v2.1/os-keypairs';

/** Keys as clients make them, by the tools that clients make them with. */
export const keys = (() => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-keys-'));
  const file = (name) => join(directory, name);
  const sshKey = (name, ...options) => {
    execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'bench', '-f', file(name), ...options]);
    return readFileSync(file(`${name}.pub`), 'utf8').trim();
  };
  try {
    const subject = ['-subj', '/CN=bench', '-days', '365', '-keyout', file('x509.key'), '-out', file('x509.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'pipe' });
    return {
      ed25519: sshKey('ed25519', '-t', 'ed25519'),
      rsa4096: sshKey('rsa4096', '-t', 'rsa', '-b', '4096'),
      x509: readFileSync(file('x509.pem'), 'utf8'),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
})();

const importOf = (type, publicKey) => ({
  method: 'POST',
  path: KEYPAIRS,
  body: JSON.stringify({ keypair: { name: 'bench-{n}', type, public_key: publicKey } }),
});

/**
 * `at` is the server that is asked; `bare` is what the floor does without HTTP; `before` is a request that makes what the
 * measured one uses up; `connections` are by default as many as for all. Lists and the one that is shown are of the keypairs `row-0000` to `row-0999`.
 */
export const cases = [
  { name: 'show', target: 0.75, at: 'api', request: { method: 'GET', path: `${KEYPAIRS}/row-0500` } },
  // Shows that arrive together share a statement; these never do.
  {
    name: 'show, one connection',
    at: 'api',
    connections: 1,
    request: { method: 'GET', path: `${KEYPAIRS}/row-0500` },
  },
  { name: 'list of 1', at: 'api', request: { method: 'GET', path: `${KEYPAIRS}?limit=1` } },
  { name: 'list of 100', at: 'api', request: { method: 'GET', path: `${KEYPAIRS}?limit=100` } },
  { name: 'list of 1000', target: 0.9, at: 'api', request: { method: 'GET', path: `${KEYPAIRS}?limit=1000` } },
  // Of a user without keypairs: the statement finds nothing, so that this is the fixed cost of a request.
  { name: 'empty list', at: 'api', request: { method: 'GET', path: `${KEYPAIRS}?user_id=none` } },
  // A page of none sends no statement: token, version, shape, answer and log line.
  { name: 'token from cache (list of 0)', at: 'api', request: { method: 'GET', path: `${KEYPAIRS}?limit=0` } },
  {
    name: 'meta_data.json',
    target: 0.75,
    at: 'metadata',
    request: { method: 'GET', path: '/openstack/latest/meta_data.json' },
  },
  { name: 'import ed25519', target: 0.7, at: 'api', request: importOf('ssh', keys.ed25519), bare: '/bare-add' },
  // One key again and again, whose verdict is kept: the first import of a key takes 16 ms more (docs/decisions/0009-weak-keys.md).
  { name: 'import rsa-4096', target: 0.7, at: 'api', request: importOf('ssh', keys.rsa4096), bare: '/bare-add' },
  { name: 'import certificate', target: 0.5, at: 'api', request: importOf('x509', keys.x509), bare: '/bare-add' },
  {
    name: 'delete',
    at: 'api',
    request: { method: 'DELETE', path: `${KEYPAIRS}/bench-{n}` },
    before: importOf('ssh', keys.ed25519),
    bare: '/bare-remove',
    bareBefore: '/bare-add',
  },
];

/** What any Nova-compatible endpoint can be asked, from its second microversion on. */
export const compared = [
  { name: 'show', request: { method: 'GET', path: `${KEYPAIRS}/row-0005` } },
  { name: 'list of 50', request: { method: 'GET', path: KEYPAIRS } },
  { name: 'import and delete', request: { ...importOf('ssh', keys.ed25519), method: 'POST+DELETE' } },
];
