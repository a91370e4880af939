import { type Command, Option } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import { ALGORITHMS } from '../../crypto/make-key.js';
import type { CreateOptions } from './create-order.js';
import { typeOption, userOption } from './keypair-options.js';

const PARAGRAPHS = [
  `Without --public-key a pair is made on this machine, and only its public half is sent. The private half is written, and
is on the disk, before that: no keypair is registered whose private key was lost. When the registration fails, the file
is removed again. Only its owner may read the file, and a file that is there is left alone unless --force is given.`,
  `SSH private keys are in OpenSSH's format. Those of certificates are PKCS#12, with a certificate for Windows and WinRM in
the same file; a FILE that ends in .pem or .key gets PEM instead. Without --private-key the private key goes to standard
output, PKCS#12 in base64.`,
  `--passphrase asks for a passphrase twice; where standard input is no terminal, its first line is the passphrase.`,
  ASKS_CLOUD,
];

export function addCreateCommand(keypair: Command): void {
  const command = keypair
    .command('create')
    .description('make a pair and register its public half, or register a public key')
    .argument('<name>', 'what the keypair is called')
    .option('--public-key <file>', 'register this public key or certificate, and make none; - is standard input')
    .option('--private-key <file>', 'where the private key is written; otherwise it goes to standard output')
    .addOption(typeOption('--type <type>'))
    .addOption(
      new Option('--algorithm <name>', 'kind of key (default: ed25519 for ssh, rsa for x509)').choices(ALGORITHMS),
    )
    .option('--bits <n>', 'size of the key: 2048 to 16384 for rsa (default 3072), 256, 384 or 521 for ecdsa')
    .option('--days <n>', 'how long a certificate is valid (default: 3650)')
    .option('--upn <upn>', 'Windows account of a certificate (default: the id of the user, and @localhost)')
    .option('--passphrase', 'encrypt the private key with a passphrase')
    .option('--legacy-pkcs12', 'write PKCS#12 with 3DES and SHA-1, for Windows Server 2016 and older')
    .option('--force', 'replace the file of the private key if it is there')
    .option('--keep', 'leave the file of the private key there when the registration fails')
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
    ['make an Ed25519 pair', 'latchkey keypair create laptop --private-key ~/.ssh/laptop'],
    ['register a key that is there', 'latchkey keypair create laptop --public-key ~/.ssh/id_ed25519.pub'],
    [
      'make a certificate for Windows',
      'latchkey keypair create win --type x509 --upn Administrator@localhost --private-key win.pfx',
    ],
  ]);
}
