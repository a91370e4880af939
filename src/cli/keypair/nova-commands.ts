import type { Command } from '../command.js';
import type { GlobalOptions } from '../global-options.js';
import type { CreateOptions } from './create-order.js';
import { privateKeyOption, typeOption, userOption } from './keypair-options.js';
import type { ListOptions } from './list-keypairs.js';

// The spellings of novaclient, for fingers and scripts that know them. Underscores in options are read as dashes.

const NAME = ['<name>', 'name of the keypair'] as const;

interface AddOptions extends CreateOptions {
  readonly pubKey?: string;
  readonly keyType?: CreateOptions['type'];
  readonly keypairType?: CreateOptions['type'];
}

export function addNovaCommands(program: Command): void {
  program
    .command('keypair-add')
    .description('the same as keypair create')
    .argument(...NAME)
    .option('--pub-key <path>', 'public key or certificate to register (default: generate a key pair)')
    .addOptions(typeOption('--key-type <type>'), typeOption('--keypair-type <type>'), privateKeyOption(), userOption())
    .notes(
      `The private key goes to standard output, as it does with novaclient: an SSH key in OpenSSH's format, that of a
certificate as PKCS#12 in base64. For more options use "latchkey keypair create".`,
    )
    .example('make an SSH pair', 'latchkey keypair-add keypair1 > keypair1.key')
    .example('make a certificate', 'latchkey keypair-add keypair1 --keypair-type x509 | base64 -d > keypair1.pfx')
    .example('register a certificate', 'latchkey keypair-add keypair1 --keypair-type x509 --pub-key cert.pem')
    .lazyAction(async () => {
      const { createKeypair } = await import('./create-keypair.js');
      return (name: string, { pubKey, keyType, keypairType, ...options }: AddOptions) =>
        createKeypair(name, { ...options, publicKey: pubKey, type: keyType ?? keypairType });
    });
  program
    .command('keypair-list')
    .description('the same as keypair list --all-pages')
    .option('--limit <n>', 'maximum number of keypairs in a page')
    .option('--marker <name>', 'start after this keypair')
    .addOption(userOption())
    .lazyAction(async () => {
      const { listKeypairs } = await import('./list-keypairs.js');
      return (options: ListOptions) => listKeypairs({ ...options, allPages: options.limit === undefined });
    });
  program
    .command('keypair-show')
    .description('the same as keypair show')
    .argument(...NAME)
    .addOption(userOption())
    .lazyAction(async () => {
      const { showKeypairs } = await import('./show-keypairs.js');
      return (name: string, options: GlobalOptions) => showKeypairs([name], options);
    });
  program
    .command('keypair-delete')
    .description('the same as keypair delete')
    .argument(...NAME)
    .addOption(userOption())
    .lazyAction(async () => {
      const { deleteKeypairs } = await import('./delete-keypairs.js');
      return (name: string, options: GlobalOptions) => deleteKeypairs([name], options);
    });
}
