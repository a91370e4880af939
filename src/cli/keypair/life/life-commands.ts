import { ASKS_CLOUD, type Command } from '../../command.js';
import { collect } from '../../global-options.js';
import { lifeOptions, pairOptions, sharedOption, typeOption, userOption } from '../keypair-options.js';

const NAME = ['<name>', 'name of the keypair'] as const;
const IF_VERSION = ['--if-version <n>', 'change the keypair only if this is its version'] as const;
const OVERLAP = [
  '--overlap <duration>',
  'how long the old key stays valid for guests, such as 24h (default), 30d at most',
] as const;
const LATCHKEY_ONLY = 'Only Latchkey has this; Nova has no update of keypairs.';

/** What changes keypairs that exist. */
export function addLifeCommands(keypair: Command): void {
  keypair
    .command('apply')
    .description('create or update a keypair; do nothing if it already matches')
    .argument(...NAME)
    .requiredOption('--public-key <file>', 'public key or certificate; - is standard input')
    .addOptions(typeOption('--type <type>'), ...lifeOptions())
    .option('--replace', 'replace the key if the keypair has another one')
    .option(...IF_VERSION)
    .option(...OVERLAP)
    .addOptions(userOption(), sharedOption())
    .notes(
      `The command can be repeated: it exits with 0 if nothing needs to be done, and with 5 if the keypair has another key and
neither --replace nor --if-version permits replacing it. Nova has no update: there --replace deletes the keypair and creates
it again, and expiry, tags, note and protection are not available.`,
      ASKS_CLOUD,
    )
    .example(
      'the key of a CI job, for a day',
      'latchkey keypair apply ci-4711 --public-key ci.pub --expires 24h --tag job=4711',
    )
    .lazyAction(async () => (await import('./apply-keypair.js')).applyKeypair);
  keypair
    .command('rotate')
    .description('replace the key of a keypair with a new one')
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
    .option('--expires', 'remove the expiry')
    .option('--tag <name>', 'tag to remove; may be repeated', collect)
    .option('--note', 'remove the note')
    .option('--protect', 'remove the protection from deletion')
    .option(...IF_VERSION)
    .addOptions(userOption(), sharedOption())
    .notes(LATCHKEY_ONLY, ASKS_CLOUD)
    .example('never expire', 'latchkey keypair unset ci-4711 --expires')
    .lazyAction(async () => (await import('./change-keypair.js')).unsetKeypair);
  keypair
    .command('prune')
    .description('delete keypairs that are old, unused or expired')
    .option('--prefix <text>', 'with a name that begins with this text')
    .option('--older-than <duration>', 'created longer ago than this, such as 2d or 12h')
    .option('--unused-for <duration>', 'neither created nor delivered to a guest for this long')
    .option('--expired', 'that have expired')
    .option('--owner-gone', 'whose user no longer exists (administrators only)')
    .option('--yes', 'delete the keypairs instead of only listing them')
    .addOptions(userOption(), sharedOption())
    .notes(
      `At least one option that selects keypairs is required. Protected keypairs and those that guests hold are kept, and
listed with the reason.`,
      LATCHKEY_ONLY,
      ASKS_CLOUD,
    )
    .example('preview', 'latchkey keypair prune --prefix tmp- --older-than 2d')
    .example('delete it', 'latchkey keypair prune --prefix tmp- --older-than 2d --yes')
    .example('what deleted users left', 'latchkey --os-cloud latchkey-admin keypair prune --owner-gone')
    .lazyAction(async () => (await import('./prune-keypairs.js')).pruneKeypairs);
  keypair
    .command('share')
    .description('copy a keypair to the project, so that every member can use it by name')
    .argument(...NAME)
    .option('--project <id>', 'project to copy it to (default: that of the log-in)')
    .option('--name <name>', 'name of the copy, if it differs')
    .option('--move', 'delete your own keypair afterwards')
    .addOption(userOption())
    .notes(
      `Other members need no special client: "openstack keypair list" shows the copy, unless they have a keypair of their own
with that name. The member who shared it, managers and administrators change and delete it with --shared.`,
      'Only Latchkey has this; Nova has no keypairs of projects.',
      ASKS_CLOUD,
    )
    .example('make it the key of the project', 'latchkey keypair share deploy --move')
    .lazyAction(async () => (await import('./change-keypair.js')).shareKeypair);
}
