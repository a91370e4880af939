import { Option } from 'commander';
import { ASKS_CLOUD, type Command } from '../command.js';
import { collect } from '../global-options.js';
import {
  expiresOption,
  fingerprintOption,
  madePairOptions,
  pairOptions,
  sharedOption,
  typeOption,
  userOption,
} from './keypair-options.js';
import { addLifeCommands } from './life/life-commands.js';

export function addKeypairCommand(program: Command): void {
  const keypair = program.command('keypair').description('generate, register and manage keypairs');
  addCreate(keypair);
  addList(keypair);
  keypair
    .command('show')
    .description('show keypairs')
    .argument('<names...>', 'names of the keypairs')
    .option('--public-key', 'show only the public key, exactly as it was registered')
    .addOptions(fingerprintOption(), userOption())
    .notes(ASKS_CLOUD)
    .example('the public key, for authorized_keys', 'latchkey keypair show laptop --public-key')
    .lazyAction(async () => (await import('./show-keypairs.js')).showKeypairs);
  keypair
    .command('delete')
    .description('delete keypairs')
    .argument('<names...>', 'names or patterns of the keypairs')
    .option('-y, --yes', 'do not ask for confirmation')
    .addOptions(userOption(), sharedOption())
    .notes(
      `Names may be patterns, with *, ? and [...] as in a shell (in quotes, so that the shell leaves them alone). The
command lists what matches and asks for confirmation. If one cannot be deleted, it still deletes the others.`,
      ASKS_CLOUD,
    )
    .example('all that begin with ci-', "latchkey keypair delete 'ci-*'")
    .lazyAction(async () => (await import('./delete-keypairs.js')).deleteKeypairs);
  addImport(keypair);
  addLifeCommands(keypair);
  keypair
    .command('check')
    .description('check whether the service accepts a public key or certificate')
    .argument('<file>', 'the public key or certificate; - is standard input')
    .addOption(
      new Option('--policy <name>', 'strict, or nova, which accepts all that Nova accepts')
        .choices(['strict', 'nova'])
        .default('strict'),
    )
    .notes(
      `The file is read as the service reads it, on this machine; nothing is sent. The exit status is 0 when the key is good under
the policy, and 1 when it is refused. Keys in the file of WEAK_KEYS_FILE are refused, as by a service with that setting.`,
    )
    .example('your own key', 'latchkey keypair check ~/.ssh/id_ed25519.pub')
    .lazyAction(async () => (await import('./check-key.js')).checkKey);
}

function addCreate(keypair: Command): void {
  keypair
    .command('create')
    .description('generate a key pair and register its public key, or register an existing public key')
    .argument('<name>', 'name of the keypair')
    .addOptions(
      ...pairOptions(),
      new Option('--from-agent [key]', 'register the key of the SSH agent with this comment or fingerprint').conflicts([
        'publicKey',
        ...madePairOptions().map((option) => option.attributeName()),
      ]),
      typeOption('--type <type>'),
      userOption(),
      sharedOption(),
    )
    .notes(
      `Without --public-key this command generates a pair on this machine and sends only its public half. It first writes the
private half to disk, so that no keypair is registered without its private key, and removes the file if the registration
fails. Only its owner may read the file. An existing file is replaced only with --force.`,
      `SSH private keys are in OpenSSH's format. Those of certificates are PKCS#12, with a certificate for Windows and WinRM in
the same file; a FILE that ends in .pem or .key gets PEM instead. Without --private-key the private key goes to standard
output, PKCS#12 in base64.`,
      `--passphrase prompts for a passphrase twice, or reads the first line of standard input if that is not a terminal.`,
      ASKS_CLOUD,
    )
    .example('generate an Ed25519 pair', 'latchkey keypair create laptop --private-key ~/.ssh/laptop')
    .example('a key for every member of the project', 'latchkey keypair create deploy --public-key deploy.pub --shared')
    .example('register an existing key', 'latchkey keypair create laptop --public-key ~/.ssh/id_ed25519.pub')
    .example(
      'register the key of a YubiKey in the SSH agent',
      'latchkey keypair create yubikey --from-agent cardno:1234',
    )
    .example(
      'generate a certificate for Windows',
      'latchkey keypair create win --type x509 --upn Administrator@localhost --private-key win.pfx',
    )
    .lazyAction(async () => (await import('./create-keypair.js')).createKeypair);
}

function addList(keypair: Command): void {
  keypair
    .command('list')
    .description('list keypairs, in the order of their names')
    .option('--all-pages', 'read all pages; most services return at most 1000 keypairs at once')
    .option('--limit <n>', 'maximum number of keypairs in a page')
    .option('--marker <name>', 'start after this keypair')
    .addOptions(fingerprintOption(), userOption())
    .option('--long', 'also show algorithm, size, expiry, use and tags')
    .option('--all-users', 'list the keypairs of all users (administrators only)')
    .optionsGroup('Search (Latchkey only):')
    .addOptions(sharedOption(), new Option('--own', 'omit the keypairs of the project').conflicts('shared'))
    .option('--prefix <text>', 'with a name that begins with this text')
    .addOption(typeOption('--type <type>', 'of this type'))
    .option('--algorithm <name>', 'of this algorithm, such as ssh-ed25519')
    .option('--fingerprint-is <text>', 'with this fingerprint, in the notation of ssh-keygen, OpenSSL or Nova')
    .option('--tag <name[=value]>', 'with this tag; if repeated, with all of them', collect)
    .option('--older-than <duration>', 'created longer ago than this, such as 30d or 12h')
    .option('--unused-for <duration>', 'neither created nor delivered to a guest for this long')
    .option('--expires-before <time>', 'that expire before this time')
    .option('--expired', 'that have expired')
    .notes(ASKS_CLOUD)
    .example('every name, for a script', 'latchkey keypair list --all-pages -f value -c Name')
    .example('keys that no guest has read for 90 days', 'latchkey keypair list --unused-for 90d --long')
    .example('whose key is this?', 'latchkey keypair list --all-users --fingerprint-is SHA256:...')
    .example('fingerprints as ssh-keygen -l shows them', 'latchkey keypair list --fingerprint sha256')
    .lazyAction(async () => (await import('./list-keypairs.js')).listKeypairs);
}

function addImport(keypair: Command): void {
  keypair
    .command('import')
    .description('import SSH keys from a site, a file or the SSH agent')
    .argument('<sources...>', 'gh:USER, gl:USER, lp:USER, an https URL, a file, - or agent:')
    .option('--prefix <text>', 'prefix for the names of the keypairs')
    .option('--select <list>', 'keys to import: all (default), or comma-separated numbers or fingerprints')
    .option('--sync', 'delete keypairs imported from these sources earlier whose keys are no longer there')
    .option('--yes', 'do not ask for confirmation of the fingerprints')
    .addOptions(expiresOption(), userOption(), sharedOption())
    .notes(
      `gh: is GitHub, gl: GitLab, lp: Launchpad; agent: has all keys of the SSH agent, agent:COMMENT or agent:SHA256:... one of
them. Files and standard input have one key per line, or LDIF with sshPublicKey, as ldapsearch prints it.`,
      `Each key is checked on its own; a refused key does not stop the others. A keypair is named after its source, algorithm
and key, such as alice-ed25519-0a1b2c3d, and tagged with its source, so that the command can be repeated.`,
      'Requires Latchkey for the tags; with Nova use "latchkey keypair create".',
      ASKS_CLOUD,
    )
    .example('the keys of a colleague', 'latchkey keypair import gh:alice')
    .example(
      'of a directory',
      'ldapsearch -LLL uid=alice sshPublicKey | latchkey keypair import - --prefix alice- --yes',
    )
    .lazyAction(async () => (await import('./sources/import-keys.js')).importKeys);
}
