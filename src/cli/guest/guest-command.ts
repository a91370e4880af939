import { Option } from 'commander';
import { ASKS_CLOUD, type Command } from '../command.js';
import { severalOption } from '../global-options.js';

const GUEST = ['<guest>', 'id or name of the guest'] as const;
const USER = ['--user <user>', 'id or name of the owner (administrators only)'] as const;

const work = () => import('./guest-work.js');

export function addGuestCommand(program: Command): void {
  const guest = program
    .command('guest')
    .description('register guests and deliver their keys')
    .notesBelow('Only Latchkey has this registry of guests; Nova has none.', ASKS_CLOUD);
  addRegistryCommands(guest);
  addDeliveryCommands(guest);
  addHostKeyCommands(guest);
  guest
    .command('revoke-nocloud-token')
    .description('revoke the NoCloud token of a guest')
    .argument(...GUEST)
    .option(...USER)
    .lazyAction(async () => (await work()).revokeNoCloudToken);
}

function addRegistryCommands(guest: Command): void {
  guest
    .command('create')
    .description('register a guest with its keypairs')
    .argument('<name>', 'name of the guest')
    .addOptions(...fieldOptions())
    .option('--id <uuid>', 'id of the guest in the hypervisor (default: a new one)')
    .option('--live [url]', 'configure sshd in the guest to ask this metadata URL for the keys at each log-in')
    .option(...USER)
    .option('--project <id>', 'project of the guest (administrators only)')
    .notes(
      `The keypairs are copied: deleting one later does not affect the guest. With --follow-keys the guest receives their
current keys: after a rotation both keys until the overlap ends, and none of a deleted keypair. Most agents ask only once, at
the first boot.`,
    )
    .example('a guest identified by its address', 'latchkey guest create web1 --key laptop --address 10.0.0.5')
    .example(
      'one whose keys follow',
      'latchkey guest create web2 --key laptop --address 10.0.0.6 --live --login-user debian',
    )
    .lazyAction(async () => (await work()).createGuest);
  guest
    .command('list')
    .description('list guests')
    .option('--all-pages', 'list every page')
    .option('--limit <n>', 'maximum number of guests in a page')
    .option('--marker <id>', 'begin after this guest')
    .option('--user <user>', 'list the guests of this user, by id or name (administrators only)')
    .option('--all-users', 'list the guests of all users (administrators only)')
    .option('--address <ip>', 'list the guest with this address')
    .option('--keypair <name>', 'list the guests that hold a keypair of this name')
    .notes(
      '"Last Fetched" is when a guest last read its metadata over the network, to the minute and in UTC; "show" adds the agent.',
    )
    .example('where a keypair is', 'latchkey guest list --keypair laptop')
    .lazyAction(async () => (await work()).listGuests);
  guest
    .command('show')
    .description('show a guest with its keys')
    .argument(...GUEST)
    .option(...USER)
    .lazyAction(async () => (await work()).showOneGuest);
  guest
    .command('update')
    .description('change a guest')
    .argument(...GUEST)
    .option(...USER)
    .option('--name <name>', 'new name of the guest')
    .addOptions(...fieldOptions())
    .notes(
      'Only the given fields change. --key, --address and --metadata replace all previous values.',
      `A guest that has booted keeps its keys: most agents install them only once, at the first boot. The change affects what
the guest reads from now on.`,
    )
    .example('deliver two keypairs', 'latchkey guest update web1 --key laptop --key desktop')
    .lazyAction(async () => (await work()).updateGuest);
  guest
    .command('delete')
    .description('delete guests')
    .argument('<guests...>', 'ids or names of the guests')
    .option(...USER)
    .lazyAction(async () => (await work()).deleteGuests);
}

function addDeliveryCommands(guest: Command): void {
  guest
    .command('metadata')
    .description('show the metadata that a guest reads')
    .argument(...GUEST)
    .option(...USER)
    .notes('The document is openstack/latest/meta_data.json of its config drive, in JSON.')
    .lazyAction(async () => (await work()).showMetadata);
  guest
    .command('config-drive')
    .description('write the config drive of a guest')
    .argument(...GUEST)
    .option(...USER)
    .requiredOption('-o, --output <file>', 'file to write; - is standard output')
    .addOptions(
      new Option('--source <name>', 'data source of the agent that reads it (default: openstack)').choices([
        'openstack',
        'nocloud',
      ]),
      new Option('--filesystem <name>', 'file system of the image (default: iso9660)').choices(['iso9660', 'vfat']),
      new Option('--tar', 'write a tar archive of the same tree instead of an image').conflicts('filesystem'),
    )
    .option('--force', 'replace the file if it exists')
    .notes(
      'cloud-init, cloudbase-init and other agents find the image by its label: config-2, or cidata for NoCloud. Only its owner may read the file.',
    )
    .example('for a virtual machine', 'latchkey guest config-drive web1 -o web1.iso')
    .example('as a FAT disk', 'latchkey guest config-drive web1 --filesystem vfat -o web1.img')
    .example("for cloud-init's NoCloud", 'latchkey guest config-drive web1 --source nocloud -o seed.iso')
    .lazyAction(async () => (await work()).writeConfigDrive);
  guest
    .command('recipe')
    .description('print the settings with which a hypervisor or tool delivers the metadata of a guest')
    .argument(...GUEST)
    .option(...USER)
    .addOption(
      new Option('--for <tool>', 'tool that runs or creates the guest')
        .choices(['libvirt', 'proxmox', 'incus', 'ironic', 'tinkerbell', 'terraform', 'ignition'])
        .makeOptionMandatory(),
    )
    .option('--url <url>', 'URL of the metadata listener for guests (default: http://169.254.169.254)')
    .option('--nocloud-token', 'give the guest a new NoCloud token, with which it reads from any address')
    .notes(
      `Review the output before you paste it on the hypervisor. Over the network a guest is identified by its address or, with
--nocloud-token, by a token. A new token replaces the previous one; without that option the command changes nothing.`,
    )
    .example('for a domain of libvirt', 'latchkey guest recipe web1 --for libvirt --url http://10.0.0.1:8775')
    .example('behind NAT', 'latchkey guest recipe web1 --for libvirt --url http://10.0.0.1:8775 --nocloud-token')
    .lazyAction(async () => (await work()).showRecipe);
  guest
    .command('password')
    .description('decrypt and show the password of a Windows guest')
    .argument(...GUEST)
    .option(...USER)
    .requiredOption('--private-key <file>', "RSA private key of the guest's first keypair; - is standard input")
    .notes(
      'cloudbase-init encrypts the password for the first keypair, which must be RSA. It is decrypted on this machine.',
    )
    .example('the password of web1', 'latchkey guest password web1 --private-key ~/.ssh/id_rsa')
    .lazyAction(async () => (await work()).showPassword);
  guest
    .command('keys')
    .description('print the keys that a guest currently receives, as authorized_keys lines')
    .argument(...GUEST)
    .option(...USER)
    .notes('With --live, or deploy/guest in a guest that runs, sshd asks for them at each log-in.')
    .lazyAction(async () => (await work()).printGuestKeys);
}

function addHostKeyCommands(guest: Command): void {
  guest
    .command('known-hosts')
    .description('print the SSH host keys of your guests, as known_hosts lines')
    .notes(
      'Guests report them at the first boot if the service has PHONE_HOME_URL. ssh then asks no question at the first log-in.',
    )
    .example('collect the host keys', 'latchkey guest known-hosts > farm_hosts')
    .example('log in', 'ssh -o UserKnownHostsFile=farm_hosts debian@web1')
    .lazyAction(async () => (await work()).printKnownHosts);
  guest
    .command('forget-host-keys')
    .description('forget the SSH host keys of a guest, for example after a reinstallation')
    .argument(...GUEST)
    .option(...USER)
    .notes('Otherwise only the first report counts, so that no program in the guest can replace the keys later.')
    .lazyAction(async () => (await work()).forgetHostKeys);
}

/** The options with the properties of a guest. */
const fieldOptions = (): Option[] => [
  new Option('--hostname <name>', 'host name of the guest (default: derived from its name)'),
  severalOption('--key <keypair>', 'keypair of the guest; may be repeated'),
  new Option('--follow-keys', 'deliver the current keys of the keypairs instead of copies'),
  new Option('--no-follow-keys', 'deliver copies of the keypairs as they are now'),
  new Option(
    '--ssh-ca <how>',
    'accept SSH certificates: through authorized_keys or through the sshd configuration',
  ).choices(['keys', 'sshd', 'off']),
  new Option('--ssh-access <who>', 'who may request certificates for the guest (default: owner)').choices([
    'owner',
    'project',
  ]),
  severalOption(
    '--login-user <account>',
    'account for --live keys, and for certificates with --ssh-ca sshd; may be repeated',
  ),
  severalOption('--address <ip>', 'address of the guest; may be repeated'),
  severalOption('--metadata <name=value>', 'metadata of the guest; may be repeated'),
  new Option('--user-data <file>', 'script or cloud-config for the guest; - is standard input'),
  new Option('--vendor-data <file>', 'vendor data for cloud-init, in JSON'),
  new Option('--network-data <file>', 'network configuration in the JSON of OpenStack'),
  new Option('--availability-zone <name>', 'availability zone of the guest'),
  new Option('--network <name>', 'METADATA_NETWORK of the listener that serves the guest'),
];
