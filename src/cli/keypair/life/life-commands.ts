import type { Command } from 'commander';
import { collect } from '../../global-options.js';
import { addToHelp, ASKS_CLOUD } from '../../help-text.js';
import { withPairOptions } from '../create-command.js';
import { sharedOption, typeOption, userOption } from '../keypair-options.js';
import type { ApplyOptions } from './apply-keypair.js';
import type { SetOptions, ShareOptions, UnsetOptions } from './change-keypair.js';
import { withLifeOptions } from './life-options.js';
import type { PruneOptions } from './prune-keypairs.js';
import type { RotateOptions } from './rotate-keypair.js';

const NAME = ['<name>', 'name of the keypair'] as const;
const IF_VERSION = ['--if-version <n>', 'change it only if this is its version'] as const;
const OVERLAP = [
  '--overlap <duration>',
  'how long the old key stays valid for guests, such as 24h (default), 30d at most',
] as const;
const LATCHKEY_ONLY = 'Only Latchkey has this; Nova has no update of keypairs.';

/** What changes keypairs that exist. */
export function addLifeCommands(keypair: Command): void {
  addApply(keypair);
  addRotate(keypair);
  addSet(keypair);
  addUnset(keypair);
  addPrune(keypair);
  addShare(keypair);
}

function addApply(keypair: Command): void {
  const command = withLifeOptions(
    keypair
      .command('apply')
      .description('make a keypair as described, and change nothing where it is so already')
      .argument(...NAME)
      .requiredOption('--public-key <file>', 'public key or certificate; - is standard input')
      .addOption(typeOption('--type <type>')),
  )
    .option('--replace', 'replace the key if the keypair has another one')
    .option(...IF_VERSION)
    .option(...OVERLAP)
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { applyKeypair } = await import('./apply-keypair.js');
      return applyKeypair(name, self.optsWithGlobals<ApplyOptions>());
    });
  addToHelp(
    command,
    [
      `The command may be repeated: it exits with 0 where nothing is to be done, and with 5 where the keypair has another key
and neither --replace nor --if-version allows to replace it. A Nova has no update: with --replace the keypair is deleted
and created anew there, and the options of its life need Latchkey.`,
      ASKS_CLOUD,
    ],
    [
      [
        'the key of a CI job, for a day',
        'latchkey keypair apply ci-4711 --public-key ci.pub --expires 24h --tag job=4711',
      ],
    ],
  );
}

function addRotate(keypair: Command): void {
  const command = withPairOptions(
    keypair
      .command('rotate')
      .description('replace the key of a keypair by a new one')
      .argument(...NAME),
  )
    .option(...OVERLAP)
    .option(...IF_VERSION)
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { rotateKeypair } = await import('./rotate-keypair.js');
      return rotateKeypair(name, self.optsWithGlobals<RotateOptions>());
    });
  addToHelp(
    command,
    [
      `The new pair is generated on this machine, as by "latchkey keypair create", or its public half is read with --public-key.
The name, the tags and the protection stay. Guests keep the copy of the key that they were registered with.`,
      LATCHKEY_ONLY,
      ASKS_CLOUD,
    ],
    [['a new Ed25519 pair', 'latchkey keypair rotate laptop --private-key ~/.ssh/laptop-2']],
  );
}

function addSet(keypair: Command): void {
  const command = withLifeOptions(
    keypair
      .command('set')
      .description('set expiry, tags, note and protection of a keypair')
      .argument(...NAME),
  )
    .option(...IF_VERSION)
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { setKeypair } = await import('./change-keypair.js');
      return setKeypair(name, self.optsWithGlobals<SetOptions>());
    });
  addToHelp(
    command,
    [LATCHKEY_ONLY, ASKS_CLOUD],
    [['protect a keypair', 'latchkey keypair set laptop --protect --tag owner=alice']],
  );
}

function addUnset(keypair: Command): void {
  const command = keypair
    .command('unset')
    .description('remove expiry, tags, note and protection of a keypair')
    .argument(...NAME)
    .option('--expires', 'let the keypair have no end')
    .option('--tag <name>', 'tag to remove; may be given several times', collect)
    .option('--note', 'remove the note')
    .option('--protect', 'let the keypair be deleted again')
    .option(...IF_VERSION)
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { unsetKeypair } = await import('./change-keypair.js');
      return unsetKeypair(name, self.optsWithGlobals<UnsetOptions>());
    });
  addToHelp(command, [LATCHKEY_ONLY, ASKS_CLOUD], [['renew for good', 'latchkey keypair unset ci-4711 --expires']]);
}

function addPrune(keypair: Command): void {
  const command = keypair
    .command('prune')
    .description('delete keypairs that are old, unused or expired')
    .option('--prefix <text>', 'whose name begins so')
    .option('--older-than <duration>', 'created longer ago, such as 2d or 12h')
    .option('--unused-for <duration>', 'neither delivered to a guest nor created since then')
    .option('--expired', 'that have ended')
    .option('--owner-gone', 'whose user no longer exists, among those of all users; for administrators')
    .option('--yes', 'delete them; without it they are only listed')
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (_own: object, self: Command) => {
      const { pruneKeypairs } = await import('./prune-keypairs.js');
      return pruneKeypairs(self.optsWithGlobals<PruneOptions>());
    });
  addToHelp(
    command,
    [
      `At least one of the options that choose is needed. Protected keypairs and those that a guest was registered with stay,
and are listed with the reason.`,
      LATCHKEY_ONLY,
      ASKS_CLOUD,
    ],
    [
      ['what would go', 'latchkey keypair prune --prefix tmp- --older-than 2d'],
      ['delete it', 'latchkey keypair prune --prefix tmp- --older-than 2d --yes'],
      ['what deleted users left', 'latchkey --os-cloud latchkey-admin keypair prune --owner-gone'],
    ],
  );
}

function addShare(keypair: Command): void {
  const command = keypair
    .command('share')
    .description('give the project a copy of a keypair, which every member can use by its name')
    .argument(...NAME)
    .option('--project <id>', 'another project (default: that of the log-in)')
    .option('--name <name>', 'name of the copy, if another')
    .option('--move', 'delete the own keypair afterwards')
    .addOption(userOption())
    .action(async (name: string, _own: object, self: Command) => {
      const { shareKeypair } = await import('./change-keypair.js');
      return shareKeypair(name, self.optsWithGlobals<ShareOptions>());
    });
  addToHelp(
    command,
    [
      `Nothing changes for clients of the other members: "openstack keypair list" has it, unless they have an own keypair of
that name. Who shared it, managers and administrators change and delete it with --shared.`,
      LATCHKEY_ONLY.replace('update of keypairs', 'keypairs of projects'),
      ASKS_CLOUD,
    ],
    [['make it the key of the project', 'latchkey keypair share deploy --move']],
  );
}
