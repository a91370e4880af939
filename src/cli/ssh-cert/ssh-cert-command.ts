import type { Command } from 'commander';
import { collect, type GlobalOptions } from '../global-options.js';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import type { CertificateListOptions, EnsureOptions, IssueOptions, KrlOptions } from './ssh-certs.js';

const AUTHORITY = 'The service signs them if the operator set SSH_CA=on; only Latchkey has this, Nova has none.';

/** `latchkey ssh-cert`: certificates for the keypairs of the caller. */
export function addSshCertCommand(program: Command): void {
  const sshCert = program.command('ssh-cert').description('get SSH certificates that guests accept for some hours');
  const issue = withWishes(
    sshCert
      .command('issue', { isDefault: true })
      .description('get a certificate for a keypair (the command may be left out)')
      .argument('<keypair>', 'name of the keypair'),
  )
    .option('--out <file>', 'file to write, such as ~/.ssh/laptop-cert.pub (default: standard output)')
    .option('--agent <private-key>', 'write it beside this private key, and add both to the SSH agent')
    .action(async (keypair: string, _own: object, self: Command) => {
      const { issueCertificate } = await import('./ssh-certs.js');
      return issueCertificate(keypair, self.optsWithGlobals<IssueOptions>());
    });
  addToHelp(
    issue,
    ['ssh finds the certificate beside the private key: laptop-cert.pub beside laptop.', AUTHORITY, ASKS_CLOUD],
    [
      ['for two guests', 'latchkey ssh-cert laptop --guest web --guest db --out ~/.ssh/laptop-cert.pub'],
      ['for an hour, in the agent', 'latchkey ssh-cert laptop --project --ttl 1h --agent ~/.ssh/laptop'],
    ],
  );
  const ensure = withWishes(
    sshCert
      .command('ensure')
      .description('get a certificate unless the file has one that lasts five minutes more')
      .argument('<keypair>', 'name of the keypair'),
  )
    .requiredOption('--out <file>', 'file that has it, or gets it')
    .action(async (keypair: string, _own: object, self: Command) => {
      const { ensureCertificate } = await import('./ssh-certs.js');
      return ensureCertificate(keypair, self.optsWithGlobals<EnsureOptions>());
    });
  addToHelp(
    ensure,
    ['For "Match exec" in ssh_config, which runs it before each log-in.', AUTHORITY, ASKS_CLOUD],
    [
      [
        'a line of ssh_config',
        'Match host web exec "latchkey ssh-cert ensure laptop --guest web --out ~/.ssh/laptop-cert.pub"',
      ],
    ],
  );
  const list = sshCert
    .command('list')
    .description('list your certificates')
    .option('--keypair <name>', 'list those of this keypair')
    .option('--active', 'list those that are valid now')
    .option('--all-users', 'list those of all users (administrators only)')
    .action(async (_own: object, self: Command) => {
      const { listCertificates } = await import('./ssh-certs.js');
      return listCertificates(self.optsWithGlobals<CertificateListOptions>());
    });
  addToHelp(list, [AUTHORITY, ASKS_CLOUD]);
  const revoke = sshCert
    .command('revoke')
    .description('revoke certificates')
    .argument('<serials...>', 'serial numbers of the certificates')
    .action(async (serials: string[], _own: object, self: Command) => {
      const { revokeCertificates } = await import('./ssh-certs.js');
      return revokeCertificates(serials, self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(revoke, [
    'Guests whose sshd reads the revocation list refuse them within a minute or two; others accept them until they end.',
    AUTHORITY,
    ASKS_CLOUD,
  ]);
}

/** `latchkey ca`: the public part of the authority. */
export function addCaCommand(program: Command): Command {
  const ca = program.command('ca').description('the SSH certificate authority of the service');
  const show = ca
    .command('show')
    .description('show the keys that guests trust')
    .action(async (_own: object, self: Command) => {
      const { showAuthority } = await import('./ssh-certs.js');
      return showAuthority(self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(show, [AUTHORITY, ASKS_CLOUD], [['for TrustedUserCAKeys', 'latchkey ca show -f value -c "Public Key"']]);
  const krl = ca
    .command('krl')
    .description('write the list of revoked certificates, for RevokedKeys of sshd')
    .requiredOption('-o, --output <file>', 'file to write, which is replaced whole; - is standard output')
    .action(async (_own: object, self: Command) => {
      const { writeRevocationList } = await import('./ssh-certs.js');
      return writeRevocationList(self.optsWithGlobals<KrlOptions>());
    });
  addToHelp(krl, [AUTHORITY, ASKS_CLOUD]);
  return ca;
}

function withWishes(command: Command): Command {
  return command
    .option('--guest <guest>', 'id or name of a guest that it is for; may be given several times', collect)
    .option('--project', 'for the guests of the project that are open to it')
    .option('--principal <name>', 'principal of any name; may be given several times (administrators only)', collect)
    .option('--ttl <duration>', 'how long it is valid, such as 30m or 8h (default: as the service says)')
    .option('--source-address <cidr>', 'network that log-ins must come from; may be given several times', collect)
    .option('--force-command <command>', 'what runs in place of the shell')
    .option(
      '--permit <extension>',
      'such as agent-forwarding, in place of pty and port-forwarding; may be given several times',
      collect,
    );
}
