import { ASKS_CLOUD, type Command } from '../../command.js';
import { collect } from '../../global-options.js';
import { lifeOptions, pairOptions, sharedOption, typeOption, userOption } from '../keypair-options.js';

const NAME = ['<name>', 'name of the keypair'] as const;
const IF_VERSION = ['--if-version <n>', 'change it only if this is its version'] as const;
const OVERLAP = [
  '--overlap <duration>',
  'how long the old key stays valid for guests, such as 24h (default), 30d at most',
] as const;
const LATCHKEY_ONLY = 'Only Latchkey has this; Nova has no update of keypairs.';

/** What changes keypairs that exist. */
export function addLifeCommands(keypair: Command): void {
  keypair
    .command('apply')
    .description('make a keypair as described, and change nothing where it is so already')
    .argument(...NAME)
    .requiredOption('--public-key <file>', 'public key or certificate; - is standard input')
    .addOptions(typeOption('--type <type>'), ...lifeOptions())
    .option('--replace', 'replace the key if the keypair has another one')
    .option(...IF_VERSION)
    .option(...OVERLAP)
    .addOptions(userOption(), sharedOption())
    .notes(
      `The command may be repeated: it exits with 0 where nothing is to be done, and with 5 where the keypair has another key
and neither --replace nor --if-version allows to replace it. A Nova has no update: with --replace the keypair is deleted
and created anew there, and the options of its life need Latchkey.`,
      ASKS_CLOUD,
    )
    .example(
      'the key of a CI job, for a day',
      'latchkey keypair apply ci-4711 --public-key ci.pub --expires 24h --tag job=4711',
    )
    .lazyAction(async () => (await import('./apply-keypair.js')).applyKeypair);
  keypair
    .command('rotate')
    .description('replace the key of a keypair by a new one')
    .argument(...NAME)
    .addOptions(...pairOptions())
    .option(...OVERLAP)
    .option(...IF_VERSION)
    .addOptions(userOption(), sharedOption())
    .notes(
      `The new pair is generated on this machine, as by "latchkey keypair create", or its public half is read with --public-key.
The name, the tags and the protection stay. Guests keep the copy of the key that they were registered with.`,
      LATCHKEY_ONLY,
      ASKS_CLOUD,
    )
    .example('a new Ed25519 pair', 'latchkey keypair rotate laptop --private-key ~/.ssh/laptop-2')
    .lazyAction(async () => (await import('./rotate-keypair.js')).rotateKeypair);
  keypair
    .command('set')
    .description('set expiry, tags, note and protection of a keypair')
    .argument(...NAME)
    .addOptions(...lifeOptions())
    .option(...IF_VERSION)
    .addOptions(userOption(), sharedOption())
    .notes(LATCHKEY_ONLY, ASKS_CLOUD)
    .example('protect a keypair', 'latchkey keypair set laptop --protect --tag owner=alice')
    .lazyAction(async () => (await import('./change-keypair.js')).setKeypair);
  keypair
    .command('unset')
    .description('remove expiry, tags, note and protection of a keypair')
    .argument(...NAME)
    .option('--expires', 'let the keypair have no end')
    .option('--tag <name>', 'tag to remove; may be given several times', collect)
    .option('--note', 'remove the note')
    .option('--protect', 'let the keypair be deleted again')
    .option(...IF_VERSION)
    .addOptions(userOption(), sharedOption())
    .notes(LATCHKEY_ONLY, ASKS_CLOUD)
    .example('renew for good', 'latchkey keypair unset ci-4711 --expires')
    .lazyAction(async () => (await import('./change-keypair.js')).unsetKeypair);
  keypair
    .command('prune')
    .description('delete keypairs that are old, unused or expired')
    .option('--prefix <text>', 'whose name begins so')
    .option('--older-than <duration>', 'created longer ago, such as 2d or 12h')
    .option('--unused-for <duration>', 'neither delivered to a guest nor created since then')
    .option('--expired', 'that have ended')
    .option('--owner-gone', 'whose user no longer exists, among those of all users; for administrators')
    .option('--yes', 'delete them; without it they are only listed')
    .addOptions(userOption(), sharedOption())
    .notes(
      `At least one of the options that choose is needed. Protected keypairs and those that a guest was registered with stay,
and are listed with the reason.`,
      LATCHKEY_ONLY,
      ASKS_CLOUD,
    )
    .example('what would go', 'latchkey keypair prune --prefix tmp- --older-than 2d')
    .example('delete it', 'latchkey keypair prune --prefix tmp- --older-than 2d --yes')
    .example('what deleted users left', 'latchkey --os-cloud latchkey-admin keypair prune --owner-gone')
    .lazyAction(async () => (await import('./prune-keypairs.js')).pruneKeypairs);
  keypair
    .command('share')
    .description('give the project a copy of a keypair, which every member can use by its name')
    .argument(...NAME)
    .option('--project <id>', 'another project (default: that of the log-in)')
    .option('--name <name>', 'name of the copy, if another')
    .option('--move', 'delete the own keypair afterwards')
    .addOption(userOption())
    .notes(
      `Nothing changes for clients of the other members: "openstack keypair list" has it, unless they have an own keypair of
that name. Who shared it, managers and administrators change and delete it with --shared.`,
      'Only Latchkey has this; Nova has no keypairs of projects.',
      ASKS_CLOUD,
    )
    .example('make it the key of the project', 'latchkey keypair share deploy --move')
    .lazyAction(async () => (await import('./change-keypair.js')).shareKeypair);
}
