import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const URL = 'http://10.0.0.1:8775';
/** What a shell, YAML and XML would interpret. */
const NAME = `-a'; touch owned; "$(touch owned)" \`touch owned\` <x>&amp; # %s`;

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let shell: Shell;
let laptop: string;

/** The arguments of each call of a hypervisor's tool, whose input is its last. */
function calls(): string[][] {
  const lines = readFileSync(shell.path('calls'), 'latin1').split('\x01').slice(0, -1);
  return lines.map((line) => line.split('\0'));
}

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  mkdirSync(shell.path('tools'));
  for (const tool of ['qm', 'incus', 'openstack']) {
    const file = shell.path(`tools/${tool}`);
    const script = `#!/bin/sh\nexec 3>>calls\nprintf '%s\\0' "$@" >&3\n[ "$1" != config ] || cat >&3\nprintf '\\1' >&3\n`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }
  await shell.run('latchkey keypair create laptop --private-key laptop');
  await shell.run('latchkey keypair create win --type x509 --private-key win.pfx');
  laptop = (await shell.run('latchkey keypair show laptop --public-key')).out.trim();
  writeFileSync(shell.path('name'), NAME);
  writeFileSync(shell.path('user-data'), '#!/bin/sh\necho hello\n');
  const made = await shell.run(
    `latchkey guest create --id ${ID} --key laptop --key win --user-data user-data -q -- "$(cat name)"`,
  );
  expect(made).toEqual({ out: '', err: '', status: 0 });
});
beforeEach(() => writeFileSync(shell.path('calls'), ''));
afterAll(async () => {
  await service?.stop();
  shell?.remove();
  remove();
});

describe('a recipe', () => {
  it('for libvirt is a domain, which libvirt accepts, and a rule, which nftables accepts', async () => {
    const { out, err, status } = await shell.run(`latchkey guest recipe ${ID} --for libvirt --url ${URL}`);
    expect([err, status]).toEqual(['', 0]);
    expect(out).toContain(`<entry name='serial'>ds=nocloud-net;s=${URL}/nocloud/${ID}/</entry>`);
    expect(out).toContain(`#   ds=nocloud;s=${URL}/nocloud/__dmi.system-uuid__/\n`);

    const elements = out.slice(out.indexOf('<uuid>'), out.indexOf('</sysinfo>') + '</sysinfo>'.length);
    const os = elements.replace('<os>', `<os><type arch='x86_64' machine='pc'>hvm</type>`);
    const domain = `<domain type='qemu'><name>web1</name>${os}<memory>65536</memory></domain>`;
    writeFileSync(shell.path('domain.xml'), domain);
    expect(await shell.run('virt-xml-validate domain.xml domain')).toMatchObject({ status: 0 });
    const read = `xmllint --xpath "string(//sysinfo/system/entry[@name='uuid'])" domain.xml`;
    expect((await shell.run(read)).out.trim()).toBe(ID);

    const rule = out.slice(out.indexOf('table ip'));
    expect(rule).toContain('dnat to 10.0.0.1:8775');
    writeFileSync(shell.path('rule'), rule);
    // It asks the kernel for its tables, and so takes a namespace of its own where it may not.
    expect(await shell.run('/usr/sbin/nft -c -f rule || unshare -rn /usr/sbin/nft -c -f rule')).toMatchObject({
      status: 0,
    });

    const question = /^#   (virsh domuuid .*)$/m.exec(out)![1];
    expect((await shell.run(question.replace('virsh domuuid --', `printf '%s'`))).out).toBe(NAME);
  });

  it('for libvirt needs no rule where the listener has the address that agents ask', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for libvirt`);
    expect(out).toContain(`ds=nocloud-net;s=http://169.254.169.254/nocloud/${ID}/`);
    expect(out).not.toContain('table ip');
  });

  it('for Proxmox sets the serial number, and the files of its own drive', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for proxmox --url ${URL}`);
    const local = out.replaceAll('/var/lib/vz/snippets', 'snippets');
    writeFileSync(shell.path('recipe'), local);
    expect(await shell.run('mkdir snippets; VMID=100 PATH=$PWD/tools:$PATH sh -eu recipe')).toMatchObject({
      err: '',
      status: 0,
    });
    const [smbios, drive] = calls();
    expect(smbios.slice(0, 3)).toEqual(['set', '100', '--smbios1']);
    const [, uuid, serial] = /^uuid=([0-9a-f-]{36}),serial=([A-Za-z0-9+/]+={0,2}),base64=1$/.exec(smbios[3])!;
    expect([uuid, Buffer.from(serial, 'base64').toString()]).toEqual([ID, `ds=nocloud-net;s=${URL}/nocloud/${ID}/`]);
    const files = `meta=local:snippets/${ID}-meta-data,user=local:snippets/${ID}-user-data`;
    expect(drive.slice(0, 4)).toEqual(['set', '100', '--cicustom', files]);
    expect(readFileSync(shell.path(`snippets/${ID}-user-data`), 'utf8')).toBe('#!/bin/sh\necho hello\n');
    expect(parse(readFileSync(shell.path(`snippets/${ID}-meta-data`), 'utf8'))).toMatchObject({
      'instance-id': ID,
      'public-keys': [laptop],
    });
  });

  it.each(['libvirt', 'proxmox', 'tinkerbell', 'terraform'])(
    'for %s can hold a token, by which the guest reads from any address until it is revoked',
    async (tool) => {
      const url = `http://${service.hosts.guests}`;
      const { out, status } = await shell.run(`latchkey guest recipe ${ID} --for ${tool} --url ${url} --nocloud-token`);
      expect(status).toBe(0);
      const [, encoded] = /serial=([A-Za-z0-9+/=]+),base64/.exec(out) ?? [];
      const text = encoded === undefined ? out : Buffer.from(encoded, 'base64').toString();
      const [seed, listener, id] = /(http:\/\/[0-9.:]+)\/nocloud\/[\w-]{43}\/([0-9a-f-]{36})\//.exec(text)!;
      expect([listener, id]).toEqual([url, ID]);
      writeFileSync(shell.path('seed'), `${seed}meta-data`);
      const read = 'curl -sf --interface 127.0.0.99 "$(cat seed)"';
      expect(parse((await shell.run(read)).out)).toMatchObject({ 'instance-id': ID });
      const revoked = await shell.run(`latchkey guest revoke-nocloud-token ${ID}`);
      expect(revoked).toEqual({ out: '', err: `Revoked the NoCloud token of ${ID}.\n`, status: 0 });
      expect((await shell.run(read)).status).toBe(22);
    },
  );

  it.each(['incus', 'ironic', 'ignition'])('for %s takes no token, and makes none', async (tool) => {
    const { err, out, status } = await shell.run(`latchkey guest recipe ${ID} --for ${tool} --nocloud-token`);
    const message =
      'latchkey: --nocloud-token is for guests that read over the network, such as those of libvirt and Proxmox.\n';
    expect({ err, out, status }).toEqual({ err: message, out: '', status: 2 });
  });

  it('for Tinkerbell is an action that makes NoCloud the only source of cloud-init', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for tinkerbell --url ${URL}`);
    const [{ environment }] = parse(out) as { environment: Record<string, string> }[];
    expect(environment.DEST_PATH).toMatch(/^\/etc\/cloud\/cloud\.cfg\.d\/.*\.cfg$/);
    expect(parse(environment.CONTENTS)).toEqual({
      datasource_list: ['NoCloud'],
      datasource: { NoCloud: { seedfrom: `${URL}/nocloud/${ID}/` } },
    });
  });

  it('for Terraform has the serial number and UUID of SMBIOS', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for terraform --url ${URL}`);
    expect(out).toContain(`uuid   = "${ID}"\n  serial = "ds=nocloud-net;s=${URL}/nocloud/${ID}/"\n`);
  });

  it('for Ignition gives butane the SSH keys, and the guest what butane makes of them', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for ignition`);
    const script = `#!/bin/sh\n[ "$*" = --strict ] && cat > butane.yaml && echo '{"ignition":{"version":"3.4.0"}}'\n`;
    writeFileSync(shell.path('tools/butane'), script);
    chmodSync(shell.path('tools/butane'), 0o755);
    writeFileSync(shell.path('recipe'), out);
    expect(await shell.run('PATH=$PWD/tools:$PATH sh -eu recipe')).toMatchObject({ err: '', status: 0 });
    expect(parse(readFileSync(shell.path('butane.yaml'), 'utf8'))).toEqual({
      variant: 'fcos',
      version: '1.5.0',
      passwd: { users: [{ name: 'core', ssh_authorized_keys: [laptop] }] },
    });
    const shown = await shell.run(`latchkey guest show ${ID} -f value -c user_data`);
    expect(Buffer.from(shown.out, 'base64').toString()).toBe('{"ignition":{"version":"3.4.0"}}\n');
    await shell.run(`latchkey guest update ${ID} --user-data user-data -q`);
  });

  it('for Incus sets user data, and the SSH keys as vendor data, of an instance of any name', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for incus`);
    writeFileSync(shell.path('recipe'), out);
    expect(await shell.run('PATH=$PWD/tools:$PATH sh -eu recipe')).toMatchObject({ err: '', status: 0 });
    const [user, vendor] = calls();
    expect(user).toEqual(['config', 'set', '--', NAME, 'cloud-init.user-data', '-', '#!/bin/sh\necho hello\n']);
    expect(vendor.slice(0, 6)).toEqual(['config', 'set', '--', NAME, 'cloud-init.vendor-data', '-']);
    expect(vendor[6]).toMatch(/^#cloud-config\n/);
    expect(parse(vendor[6])).toEqual({ ssh_authorized_keys: [laptop] });
  });

  it('for Ironic deploys a node with the config drive, compressed and in base64', async () => {
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for ironic`);
    writeFileSync(shell.path('recipe'), out);
    expect(await shell.run('PATH=$PWD/tools:$PATH sh -eu recipe')).toMatchObject({ status: 0 });
    const file = `${ID}.config-drive`;
    expect(calls()).toEqual([['baremetal', 'node', 'deploy', '--config-drive', file, '--', NAME, '']]);
    const image = gunzipSync(Buffer.from(readFileSync(shell.path(file), 'latin1'), 'base64'));
    expect(image.toString('latin1', 32_808, 32_816)).toBe('config-2');
  });

  it('runs nothing of a name', () => expect(existsSync(shell.path('owned'))).toBe(false));

  it('delivers the vendor data of a guest that has some, and no key of an expired keypair', async () => {
    writeFileSync(shell.path('vendor.json'), JSON.stringify({ 'cloud-init': '#cloud-config\n{}\n' }));
    await shell.run(`latchkey keypair set laptop --expires 2001-01-01`);
    const bare = await shell.run(`latchkey guest recipe ${ID} --for incus`);
    expect([bare.status, bare.out.includes('ssh-rsa'), bare.out.includes('ssh-ed25519')]).toEqual([0, false, false]);
    await shell.run(`latchkey guest update ${ID} --vendor-data vendor.json -q`);
    const { out } = await shell.run(`latchkey guest recipe ${ID} --for incus`);
    writeFileSync(shell.path('recipe'), out);
    expect(await shell.run('PATH=$PWD/tools:$PATH sh -eu recipe')).toMatchObject({ err: '', status: 0 });
    expect(calls()[1].slice(4)).toEqual(['cloud-init.vendor-data', '-', '#cloud-config\n{}\n']);
    const proxmox = await shell.run(`latchkey guest recipe ${ID} --for proxmox`);
    expect(proxmox.out).toContain(`vendor=local:snippets/${ID}-vendor-data`);
  });

  it.each([
    '10.0.0.1',
    'ftp://10.0.0.1',
    'http://10.0.0.1/x',
    'http://u:p@10.0.0.1',
    "http://a'b",
    'http://a;b',
    'http://a?b',
  ])('is refused for the URL %s', async (url) => {
    writeFileSync(shell.path('url'), url);
    const { err, out, status } = await shell.run(`latchkey guest recipe ${ID} --for libvirt --url "$(cat url)"`);
    const message = 'latchkey: --url must be the address of the metadata listener, such as http://10.0.0.1:8775.\n';
    expect({ err, out, status }).toEqual({ err: message, out: '', status: 2 });
  });
});
