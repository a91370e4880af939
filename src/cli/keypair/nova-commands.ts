import { type Command, Option } from 'commander';
import { addToHelp } from '../help-text.js';
import type { CreateOptions } from './create-order.js';
import type { DeleteOptions } from './delete-keypairs.js';
import { typeOption, userOption } from './keypair-options.js';
import type { ListOptions } from './life/search-keypairs.js';
import type { ShowOptions } from './show-keypairs.js';

// The spellings of novaclient, for fingers and scripts that know them. Underscores in options are read as dashes.

interface AddOptions extends CreateOptions {
  readonly pubKey?: string;
  readonly keyType?: CreateOptions['type'];
  readonly keypairType?: CreateOptions['type'];
}

export function addNovaCommands(program: Command): void {
  addAdd(program);
  program
    .command('keypair-list')
    .description('the same as keypair list --all-pages')
    .option('--limit <n>', 'keypairs in a page, at most')
    .option('--marker <name>', 'begin after this keypair')
    .addOption(userOption())
    .action(async (_own: object, self: Command) => {
      const { listKeypairs } = await import('./list-keypairs.js');
      const options = self.optsWithGlobals<ListOptions>();
      return listKeypairs({ ...options, allPages: options.limit === undefined });
    });
  program
    .command('keypair-show')
    .description('the same as keypair show')
    .argument('<name>', 'what the keypair is called')
    .addOption(userOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { showKeypairs } = await import('./show-keypairs.js');
      return showKeypairs([name], self.optsWithGlobals<ShowOptions>());
    });
  program
    .command('keypair-delete')
    .description('the same as keypair delete')
    .argument('<name>', 'what the keypair is called')
    .addOption(userOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { deleteKeypairs } = await import('./delete-keypairs.js');
      return deleteKeypairs([name], self.optsWithGlobals<DeleteOptions>());
    });
}

function addAdd(program: Command): void {
  const command = program
    .command('keypair-add')
    .description('the same as keypair create')
    .argument('<name>', 'what the keypair is called')
    .option('--pub-key <path>', 'public key or certificate to register; without it a pair is made')
    .addOption(typeOption('--key-type <type>'))
    .addOption(typeOption('--keypair-type <type>'))
    .addOption(new Option('--private-key <file>', 'write the private key to this file (default: standard output)'))
    .addOption(userOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { pubKey, keyType, keypairType, ...others } = self.optsWithGlobals<AddOptions>();
      const type = keyType ?? keypairType;
      const options = type === undefined ? others : { ...others, type };
      if (pubKey !== undefined) {
        const { importKeypair } = await import('./import-keypair.js');
        return importKeypair(name, pubKey, options);
      }
      const { createKeypair } = await import('./create-keypair.js');
      return createKeypair(name, options);
    });
  addToHelp(
    command,
    [
      `The private key goes to standard output, as it does with novaclient: an SSH key in OpenSSH's format, that of a
certificate as PKCS#12 in base64. Everything else that "latchkey keypair create" can do has its options there.`,
    ],
    [
      ['make an SSH pair', 'latchkey keypair-add keypair1 > keypair1.key'],
      ['make a certificate', 'latchkey keypair-add keypair1 --keypair-type x509 | base64 -d > keypair1.pfx'],
      ['register a certificate', 'latchkey keypair-add keypair1 --keypair-type x509 --pub-key cert.pem'],
    ],
  );
}
