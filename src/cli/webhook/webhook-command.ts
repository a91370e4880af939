import { Option } from 'commander';
import { ASKS_CLOUD, type Command } from '../command.js';
import { collect } from '../global-options.js';

const WEBHOOK = ['<webhook>', 'id of the webhook'] as const;
const TYPE = ['--type <type>', "event type, such as keypair.deleted or 'keypair.*'; may be repeated", collect] as const;
const NOTE = ['--note <text>', 'note for readers'] as const;
const PUBLIC_KEY = ['--public-key', 'include the public key in keypair events'] as const;

const work = () => import('./webhooks.js');

/** `latchkey webhook`: the URLs that events are sent to. */
export function addWebhookCommand(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('send events to a URL')
    .notesBelow(
      'For managers of the project and administrators. Only Latchkey has webhooks; Nova has none.',
      ASKS_CLOUD,
    );
  webhook
    .command('create')
    .description('create a webhook and show its secret once')
    .argument('<url>', 'URL to send events to: https, on a public host')
    .requiredOption(...TYPE)
    .option(...NOTE)
    .option(...PUBLIC_KEY)
    .option('--project <id>', 'project whose events it receives (default: that of the log-in)')
    .addOption(
      new Option('--all-projects', 'receive the events of all users and projects (administrators only)').conflicts(
        'project',
      ),
    )
    .notes('The secret verifies what the webhook sends. It cannot be shown again.')
    .example('its secret, into a file', 'latchkey webhook create URL --type guest.created -f value -c secret > secret')
    .lazyAction(async () => (await work()).createWebhook);
  webhook
    .command('list')
    .description('list webhooks')
    .option('--project <id>', 'list only those of this project (default: that of the log-in; for administrators, all)')
    .lazyAction(async () => (await work()).listWebhooks);
  webhook
    .command('show')
    .description('show a webhook')
    .argument(...WEBHOOK)
    .lazyAction(async () => (await work()).showWebhook);
  webhook
    .command('update')
    .description('change, enable or disable a webhook')
    .argument(...WEBHOOK)
    .option('--url <url>', 'URL to send events to')
    .option(...TYPE)
    .option(...NOTE)
    .option('--no-note', 'remove the note')
    .option(...PUBLIC_KEY)
    .option('--no-public-key', 'omit the public key')
    .addOptions(
      new Option('--enable', 'send events'),
      new Option('--disable', 'stop sending events, and drop pending deliveries').conflicts('enable'),
    )
    .notes('Only the given fields change; --type replaces all previous types.')
    .lazyAction(async () => (await work()).updateWebhook);
  webhook
    .command('delete')
    .description('delete webhooks')
    .argument('<webhooks...>', 'ids of the webhooks')
    .lazyAction(async () => (await work()).deleteWebhooks);
  webhook
    .command('rotate-secret')
    .description('rotate the secret of a webhook and show the new one once')
    .argument(...WEBHOOK)
    .notes('The previous secret also signs for 24 hours.')
    .lazyAction(async () => (await work()).rotateSecret);
  webhook
    .command('test')
    .description('send a test event (webhook.test)')
    .argument(...WEBHOOK)
    .notes('See the result with "latchkey webhook deliveries".')
    .lazyAction(async () => (await work()).testWebhook);
  webhook
    .command('deliveries')
    .description('list the deliveries of a webhook, newest first')
    .argument(...WEBHOOK)
    .option('--all-pages', 'list every page')
    .option('--limit <n>', 'maximum number of deliveries in a page')
    .lazyAction(async () => (await work()).listDeliveries);
  webhook
    .command('retry')
    .description('send a delivery again')
    .argument(...WEBHOOK)
    .argument('<delivery>', 'id of the delivery')
    .lazyAction(async () => (await work()).retryDelivery);
}
