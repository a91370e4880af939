// Keys of every accepted kind, and of kinds that are refused, made by the tools that people use.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `{ taken, refused }`: lists of `{ type, publicKey }`. The files that the tools need are made in `directory`. */
export function makeKeys(directory) {
  const run = (command, ...args) => execFileSync(command, args, { cwd: directory, stdio: 'pipe' });
  const read = (name) => readFileSync(join(directory, name), 'utf8');
  const ssh = (name, ...options) => {
    run('ssh-keygen', '-q', '-N', '', '-C', 'soak', '-f', name, ...options);
    return { type: 'ssh', publicKey: read(`${name}.pub`) };
  };
  const certificate = (name, ...options) => {
    const subject = ['-subj', '/CN=soak', '-days', '365', '-keyout', `${name}.key`, '-out', `${name}.pem`];
    run('openssl', 'req', '-x509', '-nodes', ...options, ...subject);
    return { type: 'x509', publicKey: read(`${name}.pem`) };
  };
  const ed25519 = ssh('ed25519', '-t', 'ed25519');
  run('ssh-keygen', '-q', '-s', 'ed25519', '-I', 'soak', '-n', 'soak', 'ed25519.pub');
  return {
    taken: [
      ed25519,
      ssh('rsa2048', '-t', 'rsa', '-b', '2048'),
      ssh('rsa4096', '-t', 'rsa', '-b', '4096'),
      ...['256', '384', '521'].map((bits) => ssh(`ecdsa${bits}`, '-t', 'ecdsa', '-b', bits)),
      { type: 'ssh', publicKey: securityKey() },
      certificate('x509-rsa', '-newkey', 'rsa:2048'),
      certificate('x509-p256', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'),
      certificate('x509-ed25519', '-newkey', 'ed25519'),
    ],
    refused: [
      { type: 'ssh', publicKey: read('ed25519') },
      { type: 'ssh', publicKey: read('x509-rsa.key') },
      ssh('rsa1024', '-t', 'rsa', '-b', '1024'),
      { type: 'ssh', publicKey: `${ed25519.publicKey}${ed25519.publicKey}` },
      { type: 'ssh', publicKey: ed25519.publicKey.slice(0, 40) },
      { type: 'x509', publicKey: read('x509-rsa.pem').slice(0, 500) },
      { type: 'x509', publicKey: ed25519.publicKey },
      { type: 'ssh', publicKey: read('ed25519-cert.pub') },
      { type: 'ssh', publicKey: '' },
    ],
  };
}

/** The public key of a FIDO token, which ssh-keygen generates only if one is plugged in (PROTOCOL.u2f of OpenSSH). */
function securityKey() {
  const type = 'sk-ssh-ed25519@openssh.com';
  const { publicKey } = generateKeyPairSync('ed25519');
  const fields = [type, publicKey.export({ type: 'spki', format: 'der' }).subarray(-32), 'ssh:'].map((each) =>
    Buffer.from(each),
  );
  const wire = fields.flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(wire).toString('base64')} soak`;
}
