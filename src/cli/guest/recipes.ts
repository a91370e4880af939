import { parse, stringify } from 'yaml';
import { unsafeCharacter } from '../../crypto/unsafe-text.js';
import { UsageError } from '../cli-error.js';
import { fileInTar } from './file-in-tar.js';
import type { Guest } from './guests.js';

/** The address of OpenStack's and EC2's metadata, which agents ask without configuration. */
const LINK_LOCAL = 'http://169.254.169.254';
/** Of `smbios1` in Proxmox (PVE::QemuServer). */
const MAX_SMBIOS1 = 512;

/** `drive` makes the guest's drive of NoCloud, an archive. */
type Recipe = (guest: Guest, metadata: URL, drive: () => Promise<Buffer>) => string | Promise<string>;

/** For each hypervisor what delivers a guest's metadata: commands and configuration to paste. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  libvirt: (guest, metadata) => `\
# The id of the guest must be what this prints:
#   virsh domuuid -- ${quote(nameOf(guest))}
# Put these into the domain with "virsh edit":

<uuid>${escapeXml(guest.id)}</uuid>
<os>
  <smbios mode='sysinfo'/>
</os>
<sysinfo type='smbios'>
  <system>
    <entry name='serial'>${escapeXml(serialOf(guest, metadata))}</entry>
    <entry name='uuid'>${escapeXml(guest.id)}</entry>
  </system>
</sysinfo>

# One serial number for every domain, with cloud-init 23.1 or newer in the guests:
#   ${serialOfAll(metadata)}
${redirection(metadata)}`,

  proxmox: (guest, metadata) => {
    const smbios = `uuid=${guest.id},serial=${Buffer.from(serialOf(guest, metadata)).toString('base64')},base64=1`;
    if (smbios.length > MAX_SMBIOS1) throw new UsageError('The URL is too long for Proxmox; use a shorter name.');
    const files = [
      'meta',
      'user',
      ...(hasVendorData(guest) ? ['vendor'] : []),
      ...(guest.network_data ? ['network'] : []),
    ];
    const fileOf = (kind: string): string => `${guest.id}-${kind}-${kind === 'network' ? 'config' : 'data'}`;
    return `\
# Set VMID to the number of the machine first. It reads its metadata over the network:
qm set "$VMID" --smbios1 ${quote(smbios)}

# Or from the drive that Proxmox makes, with the storage "local" set to hold snippets; repeat it after a change:
latchkey guest config-drive ${quote(guest.id)} --source nocloud --tar -o - |
  tar -x -C /var/lib/vz/snippets --transform ${quote(`s,^,${guest.id}-,`)}
qm set "$VMID" --cicustom ${quote(files.map((kind) => `${kind}=local:snippets/${fileOf(kind)}`).join(','))}
`;
  },

  incus: async (guest, _metadata, drive) => {
    const instance = quote(nameOf(guest));
    const keys = keysOn(await drive());
    return `\
# Before the first start; the instance reads copies and sends no request. The same with "lxc" in place of "incus".
latchkey guest config-drive ${quote(guest.id)} --source nocloud --tar -o - | tar -x -O user-data |
  incus config set -- ${instance} cloud-init.user-data -
${
  hasVendorData(guest)
    ? `# The vendor data of the guest goes where the keys would: add them to it as ssh_authorized_keys.
latchkey guest config-drive ${quote(guest.id)} --source nocloud --tar -o - | tar -x -O vendor-data |
  incus config set -- ${instance} cloud-init.vendor-data -
`
    : `incus config set -- ${instance} cloud-init.vendor-data - <<'END'
#cloud-config
${stringify({ ssh_authorized_keys: keys }, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })}END
# LXD 6 has a key of its own for a user, such as ubuntu, in place of the vendor data:
${keys.map((key, at) => `#   lxc config set -- ${instance} cloud-init.ssh-keys.latchkey${at}=${quote(`ubuntu:${key}`)}\n`).join('')}`
}`;
  },

  ironic: (guest) => `\
# A node has the config drive until it is deployed again; repeat both after a change.
latchkey guest config-drive ${quote(guest.id)} -o - | gzip | base64 -w0 > ${quote(`${guest.id}.config-drive`)}
openstack baremetal node deploy --config-drive ${quote(`${guest.id}.config-drive`)} -- ${quote(nameOf(guest))}
`,
};

/** `url` is where guests reach the metadata listener. Throws UsageError. */
export async function recipeFor(
  hypervisor: string,
  guest: Guest,
  drive: () => Promise<Buffer>,
  url = LINK_LOCAL,
): Promise<string> {
  return RECIPES[hypervisor](guest, readUrl(url), drive);
}

/** What cloud-init's NoCloud reads from SMBIOS; every version of it takes this form. */
const serialOf = ({ id }: Guest, { origin }: URL): string => `ds=nocloud-net;s=${origin}/nocloud/${id}/`;
const serialOfAll = ({ origin }: URL): string => `ds=nocloud;s=${origin}/nocloud/__dmi.system-uuid__/`;

/** Without it, guests find their metadata at the listener's own address only. */
function redirection({ hostname, port, protocol }: URL): string {
  const isIpv4 = /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
  if (!isIpv4 || protocol !== 'http:' || `http://${hostname}` === LINK_LOCAL) return '';
  return `
# For agents of OpenStack and EC2 too, on the guests' gateway with "nft -f"; do not masquerade these connections:

table ip latchkey {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip daddr 169.254.169.254 tcp dport 80 dnat to ${hostname}:${port || '80'}
  }
}
`;
}

/** The part of a URL that can stand in a serial number is its origin. */
function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && ['http:', 'https:'].includes(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin && /^[A-Za-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)) return url;
  throw new UsageError('--url must be the address of the metadata listener, such as http://10.0.0.1:8775.');
}

/** The SSH keys that are delivered now: none of an expired keypair. */
function keysOn(drive: Buffer): readonly string[] {
  const { 'public-keys': keys = [] } = parse(fileInTar(drive, 'meta-data')?.toString() ?? '') as {
    readonly 'public-keys'?: readonly string[];
  };
  return keys;
}

const hasVendorData = ({ vendor_data: data }: Guest): boolean =>
  typeof (data as { readonly 'cloud-init'?: unknown } | null)?.['cloud-init'] === 'string';

/** The name of the machine, if a line can hold it. */
const nameOf = ({ id, name }: Guest): string => (unsafeCharacter(name) === undefined ? name : id);

/** One word of a shell. */
const quote = (text: string): string =>
  /^[A-Za-z0-9_.,:/=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
