import { Option } from 'commander';
import { ASKS_CLOUD, type Command } from '../command.js';
import { severalOption } from '../global-options.js';

const AUTHORITY = 'Requires a Latchkey service with SSH_CA=on; Nova has no certificates.';

const work = () => import('./ssh-certs.js');

/** `latchkey ssh-cert`: certificates for the keypairs of the caller. */
export function addSshCertCommand(program: Command): void {
  const sshCert = program
    .command('ssh-cert')
    .description('get short-lived SSH certificates for guests')
    .notesBelow(AUTHORITY, ASKS_CLOUD);
  sshCert
    .command('issue', { isDefault: true })
    .description('get a certificate for a keypair (default command)')
    .argument('<keypair>', 'name of the keypair')
    .addOptions(...certificateOptions())
    .option('--out <file>', 'file to write, such as ~/.ssh/laptop-cert.pub (default: standard output)')
    .option('--agent <private-key>', 'write it next to this private key, and add both to the SSH agent')
    .notes('ssh finds the certificate next to the private key: laptop-cert.pub next to laptop.')
    .example('for two guests', 'latchkey ssh-cert laptop --guest web --guest db --out ~/.ssh/laptop-cert.pub')
    .example('for an hour, in the agent', 'latchkey ssh-cert laptop --project --ttl 1h --agent ~/.ssh/laptop')
    .lazyAction(async () => (await work()).issueCertificate);
  sshCert
    .command('ensure')
    .description('get a certificate, unless the file has one that is valid for five more minutes')
    .argument('<keypair>', 'name of the keypair')
    .addOptions(...certificateOptions())
    .requiredOption('--out <file>', 'file of the certificate')
    .notes('For "Match exec" in ssh_config, which runs it before each log-in.')
    .example(
      'a line of ssh_config',
      'Match host web exec "latchkey ssh-cert ensure laptop --guest web --out ~/.ssh/laptop-cert.pub"',
    )
    .lazyAction(async () => (await work()).ensureCertificate);
  sshCert
    .command('list')
    .description('list your certificates')
    .option('--keypair <name>', 'list only certificates of this keypair')
    .option('--active', 'list only certificates that are currently valid')
    .option('--all-users', 'list the certificates of all users (administrators only)')
    .lazyAction(async () => (await work()).listCertificates);
  sshCert
    .command('revoke')
    .description('revoke certificates')
    .argument('<serials...>', 'serial numbers of the certificates')
    .notes(
      'Guests whose sshd reads the revocation list refuse them within two minutes; others accept them until they expire.',
    )
    .lazyAction(async () => (await work()).revokeCertificates);
}

/** `latchkey ca`: the public part of the authority. */
export function addCaCommand(program: Command): Command {
  const ca = program.command('ca').description('the SSH certificate authority of the service');
  ca.command('show')
    .description('show the keys that guests trust')
    .notes(AUTHORITY, ASKS_CLOUD)
    .example('for TrustedUserCAKeys', 'latchkey ca show -f value -c "Public Key"')
    .lazyAction(async () => (await work()).showAuthority);
  ca.command('krl')
    .description('write the revocation list, for RevokedKeys of sshd')
    .requiredOption('-o, --output <file>', 'file to write, replaced atomically; - is standard output')
    .notes(AUTHORITY, ASKS_CLOUD)
    .lazyAction(async () => (await work()).writeRevocationList);
  return ca;
}

/** What a certificate shall be for. */
const certificateOptions = (): Option[] => [
  severalOption('--guest <guest>', 'id or name of a guest that accepts it; may be repeated'),
  new Option('--project', 'for all guests of the project with --ssh-access project'),
  severalOption('--principal <name>', 'arbitrary principal; may be repeated (administrators only)'),
  new Option('--ttl <duration>', 'lifetime, such as 30m or 8h (default: set by the service)'),
  severalOption('--source-address <cidr>', 'permit log-ins from this network only; may be repeated'),
  new Option('--force-command <command>', 'command that runs instead of the shell'),
  severalOption(
    '--permit <extension>',
    'extension such as agent-forwarding, instead of pty and port-forwarding; may be repeated',
  ),
];
