import { type Command, Option } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import { ALGORITHMS } from '../../crypto/make-key.js';
import type { CreateOptions } from './create-order.js';
import { typeOption, userOption } from './keypair-options.js';

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
  const command = keypair
    .command('create')
    .description('generate a pair and register its public half, or register a public key')
    .argument('<name>', 'name of the keypair')
    .option('--public-key <file>', 'register this public key or certificate; - is standard input')
    .option('--private-key <file>', 'write the private key to this file (default: standard output)')
    .addOption(typeOption('--type <type>'))
    .addOption(
      new Option('--algorithm <name>', 'kind of key (default: ed25519 for ssh, rsa for x509)').choices(ALGORITHMS),
    )
    .option('--bits <n>', 'size of the key: 2048 to 16384 for rsa (default 3072), 256, 384 or 521 for ecdsa')
    .option('--days <n>', 'days that a certificate is valid (default: 3650)')
    .option('--upn <upn>', 'Windows account of a certificate (default: the id of the user, and @localhost)')
    .option('--passphrase', 'encrypt the private key with a passphrase')
    .option('--legacy-pkcs12', 'write PKCS#12 with 3DES and SHA-1, for Windows Server 2016 and older')
    .option('--force', 'replace the file of the private key if it exists')
    .option('--keep', 'keep the file of the private key if the registration fails')
    .addOption(userOption())
    .action(async (name: string, _own: object, self: Command) => {
      const options = self.optsWithGlobals<CreateOptions & { publicKey?: string }>();
      if (options.publicKey !== undefined) {
        const { importKeypair } = await import('./import-keypair.js');
        return importKeypair(name, options.publicKey, options);
      }
      const { createKeypair } = await import('./create-keypair.js');
      return createKeypair(name, options);
    });
  for (const own of ['private-key', 'algorithm', 'bits', 'days', 'upn', 'passphrase', 'legacy-pkcs12', 'keep']) {
    command.options.find((option) => option.name() === own)?.conflicts('publicKey');
  }
  addToHelp(command, PARAGRAPHS, [
    ['generate an Ed25519 pair', 'latchkey keypair create laptop --private-key ~/.ssh/laptop'],
    ['register an existing key', 'latchkey keypair create laptop --public-key ~/.ssh/id_ed25519.pub'],
    [
      'generate a certificate for Windows',
      'latchkey keypair create win --type x509 --upn Administrator@localhost --private-key win.pfx',
    ],
  ]);
}
