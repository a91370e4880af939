import { type Command, Option } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import { ALGORITHMS } from '../../crypto/make-key.js';
import type { CreateOptions } from './create-order.js';
import { sharedOption, typeOption, userOption } from './keypair-options.js';

/** What describes a pair that is made here. */
const PAIR_OPTIONS = ['privateKey', 'algorithm', 'bits', 'days', 'upn', 'passphrase', 'legacyPkcs12', 'keep'];

const PARAGRAPHS = [
  `Without --public-key this command generates a pair on this machine and sends only its public half. It first writes the
private half to disk, so that no keypair is registered without its private key, and removes the file if the registration
fails. Only its owner may read the file. An existing file is replaced only with --force.`,
  `SSH private keys are in OpenSSH's format. Those of certificates are PKCS#12, with a certificate for Windows and WinRM in
the same file; a FILE that ends in .pem or .key gets PEM instead. Without --private-key the private key goes to standard
output, PKCS#12 in base64.`,
  `--passphrase prompts for a passphrase twice, or reads the first line of standard input if that is not a terminal.`,
  ASKS_CLOUD,
];

export function addCreateCommand(keypair: Command): void {
  const command = withPairOptions(
    keypair
      .command('create')
      .description('generate a pair and register its public half, or register a public key')
      .argument('<name>', 'name of the keypair'),
  )
    .addOption(
      new Option('--from-agent [key]', 'register the key of the SSH agent with this comment or fingerprint').conflicts([
        'publicKey',
        ...PAIR_OPTIONS,
      ]),
    )
    .addOption(typeOption('--type <type>'))
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (name: string, _own: object, self: Command) => {
      const options = self.optsWithGlobals<CreateOptions & { publicKey?: string; fromAgent?: string | true }>();
      if (options.fromAgent !== undefined) {
        const { importAgentKey } = await import('./sources/import-keys.js');
        return importAgentKey(name, options.fromAgent === true ? '' : options.fromAgent, options);
      }
      if (options.publicKey !== undefined) {
        const { importKeypair } = await import('./import-keypair.js');
        return importKeypair(name, options.publicKey, options);
      }
      const { createKeypair } = await import('./create-keypair.js');
      return createKeypair(name, options);
    });
  addToHelp(command, PARAGRAPHS, [
    ['generate an Ed25519 pair', 'latchkey keypair create laptop --private-key ~/.ssh/laptop'],
    ['a key for every member of the project', 'latchkey keypair create deploy --public-key deploy.pub --shared'],
    ['register an existing key', 'latchkey keypair create laptop --public-key ~/.ssh/id_ed25519.pub'],
    ['register the key of a YubiKey in the SSH agent', 'latchkey keypair create yubikey --from-agent cardno:1234'],
    [
      'generate a certificate for Windows',
      'latchkey keypair create win --type x509 --upn Administrator@localhost --private-key win.pfx',
    ],
  ]);
}

/** The options of commands that make a pair, or read a public key instead. */
export function withPairOptions(command: Command): Command {
  const ofPair = [
    new Option('--private-key <file>', 'write the private key to this file (default: standard output)'),
    new Option('--algorithm <name>', 'kind of key (default: ed25519 for ssh, rsa for x509)').choices(ALGORITHMS),
    new Option('--bits <n>', 'size of the key: 2048 to 16384 for rsa (default 3072), 256, 384 or 521 for ecdsa'),
    new Option('--days <n>', 'days that a certificate is valid (default: 3650)'),
    new Option('--upn <upn>', 'Windows account of a certificate (default: the id of the user, and @localhost)'),
    new Option('--passphrase', 'encrypt the private key with a passphrase'),
    new Option('--legacy-pkcs12', 'write PKCS#12 with 3DES and SHA-1, for Windows Server 2016 and older'),
    new Option('--keep', 'keep the file of the private key if the registration fails'),
  ];
  command.option('--public-key <file>', 'register this public key or certificate; - is standard input');
  for (const option of ofPair) command.addOption(option.conflicts('publicKey'));
  return command.option('--force', 'replace the file of the private key if it exists');
}
