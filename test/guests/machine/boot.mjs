// Runs in machine.sh: starts the built service, registers a guest, boots the real cloud-init against it, and prints the state
// of the machine as JSON. Arguments: a key of SOURCES, and a file with a guest as JSON and its public keys.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, hostname } from 'node:os';
import { join } from 'node:path';

const [, , source, input] = process.argv;
/** How a guest reads: cloud-init's source, and the query and the seed directory of a drive. */
const SOURCES = {
  openstack: { name: 'OpenStack' },
  'config-drive': { name: 'ConfigDrive', drive: '', seed: 'config_drive' },
  nocloud: { name: 'NoCloud' },
  'nocloud-drive': { name: 'NoCloud', drive: '?source=nocloud', seed: 'nocloud' },
};
const { name, drive, seed } = SOURCES[source];
const { guest, keypairs } = JSON.parse(readFileSync(input, 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'latchkey-machine-'));
const API = 'http://127.0.0.1:8774';
const headers = { 'Content-Type': 'application/json', 'X-OpenStack-Nova-API-Version': '2.2' };
const program = (...command) => execFileSync(command[0], command.slice(1), { encoding: 'utf8', stdio: 'pipe' });

async function request(method, path, body) {
  const reply = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${method} ${path} is ${reply.status}: ${await reply.text()}`);
  return reply;
}

async function listening(service) {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (service.exitCode !== null) throw new Error('the service did not start');
    if (
      await fetch(API).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error('the service does not listen');
}

function configure(id) {
  for (const file of readdirSync('/etc/cloud/cloud.cfg.d')) rmSync(join('/etc/cloud/cloud.cfg.d', file));
  const settings = {
    datasource_list: [name],
    datasource: {
      OpenStack: { max_wait: 120, timeout: 60, retries: 5 },
      NoCloud: drive === undefined ? { seedfrom: `http://169.254.169.254/nocloud/${id}/` } : {},
    },
    network: { config: 'disabled' },
    users: ['default'],
    ssh_deletekeys: false,
    ssh_genkeytypes: [],
    cloud_init_modules: ['set_hostname', 'users-groups', 'ssh'],
    cloud_config_modules: [],
    cloud_final_modules: ['scripts-user'],
    system_info: { distro: 'debian', default_user: { name: 'guest', lock_passwd: true, shell: '/bin/sh' } },
  };
  writeFileSync('/etc/cloud/cloud.cfg', `#cloud-config\n${JSON.stringify(settings)}\n`);
}

/** Without it cloud-init finds the drive by its label but cannot read it; the seed directory is read by the same code. */
function mountsImages() {
  const known = () => /\biso9660$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  if (!known()) spawnSync('modprobe', ['isofs']);
  return known();
}

const service = spawn(process.execPath, ['dist/src/main.js'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    PATH: process.env.PATH,
    AUTH_MODE: 'none',
    DATA_DIR: work,
    METADATA_HOST: '169.254.169.254',
    METADATA_PORT: '80',
    LOG_LEVEL: 'error',
  },
});
await listening(service);
for (const keypair of keypairs) await request('POST', '/v2.1/os-keypairs', { keypair });
const addresses = drive === undefined ? ['169.254.169.254'] : [];
const { guest: made } = await (await request('POST', '/v1/guests', { guest: { ...guest, addresses } })).json();
let disk;
if (drive !== undefined) {
  const image = join(work, 'drive.iso');
  writeFileSync(
    image,
    Buffer.from(await (await request('GET', `/v1/guests/${made.id}/config-drive${drive}`)).arrayBuffer()),
  );
  service.kill();
  if (mountsImages()) disk = program('losetup', '--find', '--show', '--read-only', image).trim();
  else program('xorriso', '-osirrox', 'on', '-indev', image, '-extract', '/', `/var/lib/cloud/seed/${seed}`);
}

try {
  configure(made.id);
  mkdirSync('/run/cloud-init', { recursive: true });
  const began = Date.now();
  for (const stage of [['init', '--local'], ['init'], ['modules', '--mode=final']]) program('cloud-init', ...stage);
  const seconds = (Date.now() - began) / 1000;
  const keys = '/home/guest/.ssh/authorized_keys';
  const instance = JSON.parse(readFileSync('/run/cloud-init/instance-data.json', 'utf8'));
  const state = {
    seconds,
    id: made.id,
    source: readFileSync('/var/lib/cloud/instance/datasource', 'utf8').trim(),
    instanceId: instance.v1.instance_id,
    ec2: instance.ds.ec2_metadata ?? instance.ds['ec2-metadata'] ?? null,
    hostname: hostname(),
    authorizedKeys: existsSync(keys) ? readFileSync(keys, 'utf8') : '',
    userData: readFileSync('/var/lib/cloud/instance/user-data.txt', 'utf8'),
    ran: existsSync('/run/user-data-ran'),
  };
  process.stdout.write(JSON.stringify(state));
} finally {
  service.kill();
  if (disk) program('losetup', '--detach', disk);
  rmSync(work, { recursive: true, force: true });
}
