import type { Command } from '../command.js';
import type { GlobalOptions } from '../global-options.js';
import type { CreateOptions } from './create-order.js';
import { privateKeyOption, typeOption, userOption } from './keypair-options.js';
import type { ListOptions } from './list-keypairs.js';

// The spellings of novaclient, for fingers and scripts that know them. Underscores in options are read as dashes.

const NAME = ['<name>', 'what the keypair is called'] as const;

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
    .option('--pub-key <path>', 'public key or certificate to register; without it a pair is made')
    .addOptions(typeOption('--key-type <type>'), typeOption('--keypair-type <type>'), privateKeyOption(), userOption())
    .notes(
      `The private key goes to standard output, as it does with novaclient: an SSH key in OpenSSH's format, that of a
certificate as PKCS#12 in base64. Everything else that "latchkey keypair create" can do has its options there.`,
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
    .option('--limit <n>', 'keypairs in a page, at most')
    .option('--marker <name>', 'begin after this keypair')
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
