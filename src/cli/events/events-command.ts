import { ASKS_CLOUD, type Command } from '../command.js';
import { collect } from '../global-options.js';

/** `latchkey events`: what was changed, by whom and when. */
export function addEventsCommand(program: Command): void {
  program
    .command('events')
    .description('list changes of keypairs, guests, certificates, quotas and credentials')
    .option('--type <type>', "such as keypair.deleted, or 'keypair.*'; may be given several times", collect)
    .option('--since <time>', 'since a time, or for so long, such as 2026-01-31, 1h or 7d')
    .option('--project', 'what was done to the keypairs and limits of the project')
    .option('--all-users', 'what happened to all users and projects (administrators only)')
    .option('--follow', 'go on with new ones, a line each, until it is stopped')
    .notes(
      'With --follow and no --since it begins with what happens now. Its format is value, or json: an object in each line, as the service sends it.',
      'The service keeps events for some days (EVENTS_KEEP). Only Latchkey has this; Nova has none.',
      ASKS_CLOUD,
    )
    .example('what was deleted today', "latchkey events --type 'keypair.deleted' --since 24h")
    .example('for another program', 'latchkey events --follow -f json')
    .lazyAction(async () => (await import('./events.js')).showEvents);
}
