import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let shell: Shell;

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir, PHONE_HOME_URL: 'http://169.254.169.254' });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  await shell.run('latchkey keypair create laptop --private-key laptop');
  await shell.run('latchkey keypair create win --type x509 --private-key win.pfx');
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

describe('a guest', () => {
  it('is registered with its keypairs, shown, changed and forgotten', () =>
    shell.plays(`
      $ echo '#!/bin/sh' > script
      $ latchkey guest create web1 --key laptop --address 127.0.0.9 --metadata tier=front --user-data script -q
      $ latchkey guest list -f value -c Name -c Hostname -c Addresses -c Keypairs
      web1 web1 127.0.0.9 laptop
      $ latchkey guest show web1 -f value -c user_id -c metadata
      alice
      {"tier":"front"}
      $ latchkey guest update web1 --key laptop --key win --name web2 -f value -c name -c key_names
      web2
      ["laptop","win"]
      $ latchkey guest list --keypair win -f value -c Name -c 'Last Fetched'
      web2 <...>
      $ latchkey guest list --keypair nokey -f value
      $ latchkey guest show web1
      latchkey: There is no guest web1.
      [4]
      $ latchkey guest update web2
      latchkey: Nothing is to be changed; see "latchkey guest update --help".
      [2]
    `));

  it('is made with a script that lets its keys follow, for named accounts', () =>
    shell.plays(`
      $ latchkey guest create live --key laptop --live
      latchkey: --live needs --login-user: the accounts that the keys are for.
      [2]
      $ latchkey guest create live --key laptop --live --login-user debian --no-follow-keys
      latchkey: --live and --no-follow-keys contradict each other.
      [2]
      $ latchkey guest create live --key laptop --live 10.0.0.1 --login-user debian
      latchkey: --live must be the address of the metadata listener, such as http://10.0.0.1:8775.
      [2]
      $ echo '{"cloud-init":"#cloud-config","other":1}' > vendor.json
      $ latchkey guest create live --key laptop --live --login-user debian --vendor-data vendor.json -q
      $ latchkey guest show live -f value -c follow_keys -c login_users
      true
      ["debian"]
      $ latchkey guest show live -f value -c vendor_data | cut -c 1-40
      {"cloud-init":["#cloud-config","#!/bin/s
      $ latchkey guest delete live
      Deleted live.
    `));

  it('receives its keys: metadata shows what it reads', async () => {
    const { out } = await shell.run('latchkey guest metadata web2');
    const metadata = JSON.parse(out) as { public_keys: Record<string, string>; meta: object; keys: { name: string }[] };
    const { out: laptop } = await shell.run('latchkey keypair show laptop --public-key');
    expect(metadata.public_keys).toEqual({ laptop: laptop.trim() });
    expect(metadata.keys.map(({ name }) => name).toSorted()).toEqual(['laptop', 'win']);
    expect(metadata.meta).toEqual({ tier: 'front' });
  });

  it('is known by the host keys that it reported, until the owner forgets them', async () => {
    const report = `http://${service.hosts.guests}/latchkey/v1/phone-home`;
    await shell.plays(`
      $ latchkey guest known-hosts
      No guest has reported its host keys yet.
      $ ssh-keygen -q -t ed25519 -N '' -C root@web -f host
      $ curl -sf --interface 127.0.0.9 --data-urlencode pub_key_ed25519@host.pub ${report}
      $ latchkey guest known-hosts > known_hosts
      $ ssh-keygen -F 127.0.0.9 -f known_hosts | tail -1 | cut -d' ' -f2- > found; cut -d' ' -f-2 host.pub | diff - found
      $ latchkey guest forget-host-keys web2
      Forgot the host keys of web2.
      $ latchkey guest known-hosts -q
    `);
  });

  it('gets a config drive that only its owner may read', async () => {
    await shell.plays(`
      $ latchkey guest config-drive web2 --tar -o drive.tar
      The config drive of web2 is in drive.tar.
      $ stat -c %a drive.tar; tar -tf drive.tar | grep -c latest/meta_data.json; tar -xOf drive.tar openstack/latest/user_data
      600
      1
      #!/bin/sh
      $ latchkey guest config-drive web2 --tar -o drive.tar
      latchkey: drive.tar exists already, and was left alone; name another file, or use --force.
      [5]
    `);
    await shell.plays(`
      $ latchkey guest config-drive web2 -o drive.iso -q
      $ xorriso -indev drive.iso -find /openstack/latest -name 'user_data' 2>/dev/null
      '/openstack/latest/user_data'
      $ latchkey guest config-drive web2 -o - | dd bs=1 skip=32808 count=8 2>/dev/null; echo
      config-2
      $ latchkey guest config-drive web2 --source nocloud -o - | dd bs=1 skip=32808 count=6 2>/dev/null; echo
      cidata
      $ latchkey guest config-drive web2 --filesystem vfat -o - | dd bs=1 skip=43 count=8 2>/dev/null; echo
      config-2
      $ latchkey guest config-drive web2 --filesystem vfat --tar -o drive.img
      latchkey: option '--tar' cannot be used with option '--filesystem <name>'<...>
      [2]
    `);
  });

  it('is forgotten', () =>
    shell.plays(`
      $ latchkey guest delete web2
      Deleted web2.
      $ latchkey guest delete web2
      latchkey: There is no guest web2.
      [4]
      $ latchkey guest create x --key nokey
      latchkey: Creating the guest: <...>nokey<...>
      [1]
      $ latchkey guest create x --metadata tier
      latchkey: --metadata must be written like NAME=VALUE.
      [2]
    `));
});
