import { ASKS_CLOUD, type Command } from '../command.js';
import { collect } from '../global-options.js';

/** `latchkey events`: what was changed, by whom and when. */
export function addEventsCommand(program: Command): void {
  program
    .command('events')
    .description('list changes of keypairs, guests, certificates, quotas and credentials')
    .option('--type <type>', "event type, such as keypair.deleted or 'keypair.*'; may be repeated", collect)
    .option('--since <time>', 'start at this time or this long ago, such as 2026-01-31, 1h or 7d')
    .option('--project', 'list the events of the keypairs and limits of the project')
    .option('--all-users', 'list the events of all users and projects (administrators only)')
    .option('--follow', 'keep printing new events, one per line, until interrupted')
    .notes(
      'With --follow and without --since it starts with new events. Its format is value, or json: one object per line, as the service sends it.',
      'The service keeps events for some days (EVENTS_KEEP). Only Latchkey has this; Nova has none.',
      ASKS_CLOUD,
    )
    .example('what was deleted today', "latchkey events --type 'keypair.deleted' --since 24h")
    .example('for another program', 'latchkey events --follow -f json')
    .lazyAction(async () => (await import('./events.js')).showEvents);
}
