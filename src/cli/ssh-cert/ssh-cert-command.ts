import { Option } from 'commander';
import { ASKS_CLOUD, type Command } from '../command.js';
import { severalOption } from '../global-options.js';

const AUTHORITY = 'The service signs them if the operator set SSH_CA=on; only Latchkey has this, Nova has none.';

const work = () => import('./ssh-certs.js');

/** `latchkey ssh-cert`: certificates for the keypairs of the caller. */
export function addSshCertCommand(program: Command): void {
  const sshCert = program
    .command('ssh-cert')
    .description('get SSH certificates that guests accept for some hours')
    .notesBelow(AUTHORITY, ASKS_CLOUD);
  sshCert
    .command('issue', { isDefault: true })
    .description('get a certificate for a keypair (the command may be left out)')
    .argument('<keypair>', 'name of the keypair')
    .addOptions(...certificateOptions())
    .option('--out <file>', 'file to write, such as ~/.ssh/laptop-cert.pub (default: standard output)')
    .option('--agent <private-key>', 'write it beside this private key, and add both to the SSH agent')
    .notes('ssh finds the certificate beside the private key: laptop-cert.pub beside laptop.')
    .example('for two guests', 'latchkey ssh-cert laptop --guest web --guest db --out ~/.ssh/laptop-cert.pub')
    .example('for an hour, in the agent', 'latchkey ssh-cert laptop --project --ttl 1h --agent ~/.ssh/laptop')
    .lazyAction(async () => (await work()).issueCertificate);
  sshCert
    .command('ensure')
    .description('get a certificate unless the file has one that lasts five minutes more')
    .argument('<keypair>', 'name of the keypair')
    .addOptions(...certificateOptions())
    .requiredOption('--out <file>', 'file that has it, or gets it')
    .notes('For "Match exec" in ssh_config, which runs it before each log-in.')
    .example(
      'a line of ssh_config',
      'Match host web exec "latchkey ssh-cert ensure laptop --guest web --out ~/.ssh/laptop-cert.pub"',
    )
    .lazyAction(async () => (await work()).ensureCertificate);
  sshCert
    .command('list')
    .description('list your certificates')
    .option('--keypair <name>', 'list those of this keypair')
    .option('--active', 'list those that are valid now')
    .option('--all-users', 'list those of all users (administrators only)')
    .lazyAction(async () => (await work()).listCertificates);
  sshCert
    .command('revoke')
    .description('revoke certificates')
    .argument('<serials...>', 'serial numbers of the certificates')
    .notes(
      'Guests whose sshd reads the revocation list refuse them within a minute or two; others accept them until they end.',
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
    .description('write the list of revoked certificates, for RevokedKeys of sshd')
    .requiredOption('-o, --output <file>', 'file to write, which is replaced whole; - is standard output')
    .notes(AUTHORITY, ASKS_CLOUD)
    .lazyAction(async () => (await work()).writeRevocationList);
  return ca;
}

/** What a certificate shall be for. */
const certificateOptions = (): Option[] => [
  severalOption('--guest <guest>', 'id or name of a guest that it is for; may be given several times'),
  new Option('--project', 'for the guests of the project that are open to it'),
  severalOption('--principal <name>', 'principal of any name; may be given several times (administrators only)'),
  new Option('--ttl <duration>', 'how long it is valid, such as 30m or 8h (default: that of the service)'),
  severalOption('--source-address <cidr>', 'network that log-ins must come from; may be given several times'),
  new Option('--force-command <command>', 'what runs in place of the shell'),
  severalOption(
    '--permit <extension>',
    'such as agent-forwarding, in place of pty and port-forwarding; may be given several times',
  ),
];
