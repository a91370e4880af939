import { parse, stringify } from 'yaml';
import { unsafeCharacter } from '../../crypto/unsafe-text.js';
import { shellWord } from '../../domain/shell-word.js';
import { cloudInitParts } from '../../domain/vendor-data.js';
import { UsageError } from '../cli-error.js';
import { fileInTar, type Guest } from './guests.js';

/** The address of OpenStack's and EC2's metadata, which agents ask without configuration. */
const LINK_LOCAL = 'http://169.254.169.254';
/** Of `smbios1` in Proxmox (PVE::QemuServer). */
const MAX_SMBIOS1 = 512;

/** What a recipe is made of. */
interface Ingredients {
  readonly guest: Guest;
  /** The origin of the metadata listener. */
  readonly listener: URL;
  /** By which the guest is known without an address. */
  readonly token: string | undefined;
  /** Creates the guest's NoCloud drive as an archive. */
  readonly drive: () => Promise<Buffer>;
}

interface Recipe {
  /** Whether the guest reads over the network, and so may use a token. */
  readonly takesToken?: true;
  readonly write: (ingredients: Ingredients) => string | Promise<string>;
}

/** For each hypervisor what delivers a guest's metadata: commands and configuration to paste. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  libvirt: {
    takesToken: true,
    write: ({ guest, listener, token }) => `\
# The id of the guest must be what this prints:
#   virsh domuuid -- ${shellWord(nameOf(guest))}
# Put these into the domain with "virsh edit":

<uuid>${escapeXml(guest.id)}</uuid>
<os>
  <smbios mode='sysinfo'/>
</os>
<sysinfo type='smbios'>
  <system>
    <entry name='serial'>${escapeXml(serialOf(guest, listener, token))}</entry>
    <entry name='uuid'>${escapeXml(guest.id)}</entry>
  </system>
</sysinfo>
${
  token === undefined
    ? `
# One serial number for every domain, with cloud-init 23.1 or newer in the guests:
#   ${serialOfAll(listener)}
${redirection(listener)}`
    : ''
}`,
  },

  proxmox: {
    takesToken: true,
    write: ({ guest, listener, token }) => {
      const serial = Buffer.from(serialOf(guest, listener, token)).toString('base64');
      const smbios = `uuid=${guest.id},serial=${serial},base64=1`;
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
qm set "$VMID" --smbios1 ${shellWord(smbios)}

# Or from the drive that Proxmox makes, with the storage "local" set to hold snippets; repeat it after a change:
latchkey guest config-drive ${shellWord(guest.id)} --source nocloud --tar -o - |
  tar -x -C /var/lib/vz/snippets --transform ${shellWord(`s,^,${guest.id}-,`)}
qm set "$VMID" --cicustom ${shellWord(files.map((kind) => `${kind}=local:snippets/${fileOf(kind)}`).join(','))}
`;
    },
  },

  incus: {
    write: async ({ guest, drive }) => {
      const instance = shellWord(nameOf(guest));
      const keys = keysOn(await drive());
      return `\
# Before the first start; the instance reads copies and sends no request. The same with "lxc" in place of "incus".
latchkey guest config-drive ${shellWord(guest.id)} --source nocloud --tar -o - | tar -x -O user-data |
  incus config set -- ${instance} cloud-init.user-data -
${
  hasVendorData(guest)
    ? `# The vendor data of the guest goes where the keys would: add them to it as ssh_authorized_keys.
latchkey guest config-drive ${shellWord(guest.id)} --source nocloud --tar -o - | tar -x -O vendor-data |
  incus config set -- ${instance} cloud-init.vendor-data -
`
    : `incus config set -- ${instance} cloud-init.vendor-data - <<'END'
#cloud-config
${stringify({ ssh_authorized_keys: keys }, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })}END
# LXD 6 has a key of its own for a user, such as ubuntu, in place of the vendor data:
${keys.map((key, at) => `#   lxc config set -- ${instance} cloud-init.ssh-keys.latchkey${at}=${shellWord(`ubuntu:${key}`)}\n`).join('')}`
}`;
    },
  },

  ironic: {
    write: ({ guest }) => `\
# A node has the config drive until it is deployed again; repeat both after a change.
latchkey guest config-drive ${shellWord(guest.id)} -o - | gzip | base64 -w0 > ${shellWord(`${guest.id}.config-drive`)}
openstack baremetal node deploy --config-drive ${shellWord(`${guest.id}.config-drive`)} -- ${shellWord(nameOf(guest))}
`,
  },

  tinkerbell: {
    takesToken: true,
    write: ({ guest, listener, token }) => `\
# An action of the Template, after that which writes the image, whose root is an ext4 on the first partition:
- name: latchkey
  image: quay.io/tinkerbell/actions/writefile:latest
  timeout: 90
  environment:
    DEST_DISK: '{{ formatPartition ( index .Hardware.Disks 0 ) 1 }}'
    FS_TYPE: ext4
    DEST_PATH: /etc/cloud/cloud.cfg.d/99_latchkey.cfg
    UID: '0'
    GID: '0'
    MODE: '0600'
    DIRMODE: '0755'
    CONTENTS: |
      datasource_list: [NoCloud]
      datasource:
        NoCloud:
          seedfrom: ${seedOf(guest, listener, token)}
`,
  },

  terraform: {
    takesToken: true,
    write: ({ guest, listener, token }) => `\
# In the proxmox_virtual_environment_vm of the provider bpg/proxmox. Others have the serial number and UUID of SMBIOS elsewhere.
smbios {
  uuid   = "${guest.id}"
  serial = "${serialOf(guest, listener, token)}"
}
`,
  },

  ignition: {
    write: async ({ guest, drive }) => `\
# Ignition reads no keys, but user data. This replaces that of the guest; add other settings to it first.
butane --strict <<'END' | latchkey guest update ${shellWord(guest.id)} --user-data -
variant: fcos
version: 1.5.0
passwd:
  users:
    - name: core
      ssh_authorized_keys: ${JSON.stringify(keysOn(await drive()))}
END
`,
  },
};

/** Throws UsageError if guests of a hypervisor do not read over the network. */
export function requireTokenUse(hypervisor: string): void {
  if (RECIPES[hypervisor].takesToken) return;
  throw new UsageError(
    '--nocloud-token is for guests that read over the network, such as those of libvirt and Proxmox.',
  );
}

/** Throws UsageError. */
export async function recipeFor(hypervisor: string, ingredients: Ingredients): Promise<string> {
  return RECIPES[hypervisor].write(ingredients);
}

/** Where cloud-init's NoCloud finds the files of a guest. */
const seedOf = ({ id }: Guest, { origin }: URL, token: string | undefined): string =>
  `${origin}/nocloud/${token === undefined ? '' : `${token}/`}${id}/`;

/** What cloud-init's NoCloud reads from SMBIOS; every version of it takes this form. */
const serialOf = (guest: Guest, listener: URL, token: string | undefined): string =>
  `ds=nocloud-net;s=${seedOf(guest, listener, token)}`;
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

/** Where guests reach the metadata listener. The part of a URL that can stand in a serial number is its origin. Throws UsageError. */
export function readListener(option: string, text = LINK_LOCAL): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && ['http:', 'https:'].includes(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin && /^[A-Za-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)) return url;
  throw new UsageError(`${option} must be the address of the metadata listener, such as http://10.0.0.1:8775.`);
}

/** The SSH keys that are delivered now: none of an expired keypair. */
function keysOn(drive: Buffer): readonly string[] {
  const { 'public-keys': keys = [] } = parse(fileInTar(drive, 'meta-data')?.toString() ?? '') as {
    readonly 'public-keys'?: readonly string[];
  };
  return keys;
}

const hasVendorData = ({ vendor_data: data }: Guest): boolean => cloudInitParts(data as object | null).length > 0;

/** The name of the machine, if a line can hold it. */
const nameOf = ({ id, name }: Guest): string => (unsafeCharacter(name) === undefined ? name : id);

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
