import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let shell: Shell;

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir });
  const endpoint = `http://${service.client.host}/v2.1`;
  shell = new Shell({ OS_ENDPOINT: endpoint, OS_TOKEN: 'alice:demo' });
  await shell.run('ssh-keygen -q -t ed25519 -N "" -C alice@wonderland -f id');
  await shell.run('openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=alice -keyout cert.key -out cert.pem');
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

describe('a keypair', () => {
  it('is registered, listed, shown and deleted', () =>
    shell.plays(`
      $ latchkey keypair create laptop --public-key id.pub
      +-------------+-------------------------------------------------+
      | Field       | Value                                           |
      +-------------+-------------------------------------------------+
      | name        | laptop                                          |
      | type        | ssh                                             |
      | fingerprint | <...> |
      | user_id     | alice                                           |
      +-------------+-------------------------------------------------+
      $ latchkey keypair list
      +--------+------+-------------------------------------------------+
      | Name   | Type | Fingerprint                                     |
      +--------+------+-------------------------------------------------+
      | laptop | ssh  | <...> |
      +--------+------+-------------------------------------------------+
      $ latchkey keypair show laptop --public-key | diff - id.pub
      $ latchkey keypair show laptop -f value -c name -c user_id -c deleted
      laptop
      alice
      false
      $ latchkey keypair delete laptop
      Deleted laptop.
      $ latchkey keypair list -f value
    `));

  it('is made here, and only its public half is sent', async () => {
    await shell.plays(`
      $ latchkey keypair create made --private-key made --quiet
      $ stat -c %a made
      600
      $ ssh-keygen -y -f made > made.pub
      $ latchkey keypair show made --public-key | diff - made.pub
      $ ssh-keygen -l -f made.pub
      256 <...> made (ED25519)
    `);
  });

  it('has the fingerprint of ssh-keygen on request', async () => {
    const { out } = await shell.run('latchkey keypair show made --fingerprint sha256 -f value -c fingerprint');
    expect((await shell.run('ssh-keygen -l -f made.pub')).out).toContain(` ${out.trim()} `);
  });

  it('of both types is known by its content', () =>
    shell.plays(`
      $ latchkey keypair create c1 --public-key cert.pem -q -f value -c type
      x509
      $ latchkey keypair create c2 --public-key - -q -f value -c type < id.pub
      ssh
      $ latchkey keypair create c3 --public-key cert.pem --type ssh
      latchkey: cert.pem is an X.509 certificate, not ssh; omit --type.
      [2]
      $ latchkey keypair delete c1 c2
      Deleted c1.
      Deleted c2.
    `));

  it.each(['.', '..'])('may be called %s', (name) =>
    shell.plays(`
      $ latchkey keypair create ${name} --public-key id.pub -q
      $ latchkey keypair show ${name} -f value -c name
      ${name}
      $ latchkey --debug keypair delete ${name} 2>&1 | grep '> DELETE'
      > DELETE http://<...>/os-keypairs/${name.replaceAll('.', '%2E')}
      $ latchkey keypair show ${name}
      latchkey: Showing ${name}: Keypair ${name} not found for user alice.
      [4]
    `),
  );

  it('is not made of a private key, which stays here', () =>
    shell.plays(`
      $ latchkey keypair create oops --public-key id
      latchkey: id holds a private key, and nothing was sent; name the public half, as the .pub file or the certificate in PEM.
      [2]
      $ latchkey keypair create oops --public-key cert.key
      latchkey: cert.key holds a private key, <...>
      [2]
    `));
});

describe('what goes wrong', () => {
  it('is reported in a line, with a status for scripts', () =>
    shell.plays(`
      $ latchkey keypair create twice --public-key id.pub -q
      $ latchkey keypair create twice --public-key id.pub
      latchkey: Creating twice: Key pair 'twice' already exists.
      [5]
      $ latchkey keypair show nobody
      latchkey: Showing nobody: Keypair nobody not found for user alice.
      [4]
      $ latchkey keypair create 'a/b' --public-key id.pub
      latchkey: Creating a/b: <...>
      [1]
      $ latchkey keypair list --user bob
      latchkey: Listing keypairs: Policy doesn't allow os_compute_api:os-keypairs:index to be performed.
      [3]
      $ OS_ENDPOINT=http://127.0.0.1:9/v2.1 latchkey keypair list
      latchkey: Cannot reach http://127.0.0.1:9: nothing listens there; <...>
      [6]
      $ latchkey keypair creat x
      latchkey: unknown command 'creat' (Did you mean create?) See --help.
      [2]
      $ OS_ENDPOINT= latchkey keypair list
      latchkey: No cloud is named: set OS_CLOUD or OS_AUTH_URL, <...>
      [2]
      $ latchkey keypair list -c Colour
      latchkey: There is no column "Colour"; there are Name, Type, Fingerprint.
      [2]
      $ latchkey keypair delete twice
      Deleted twice.
    `));

  it('with one of several names leaves the others deleted', () =>
    shell.plays(`
      $ for name in a b; do latchkey keypair create $name --public-key id.pub -q; done
      $ latchkey keypair delete a missing b
      Deleted a.
      Deleted b.
      latchkey: Deleting missing: Keypair missing not found for user alice.
      [4]
    `));
});

describe('a pattern', () => {
  it('deletes what matches, once that is agreed to', () =>
    shell.plays(`
      $ for name in ci-1 ci-2 ci-x keep; do latchkey keypair create $name --public-key id.pub -q; done
      $ latchkey keypair delete 'ci-[0-9]'
      latchkey: 2 keypairs match: ci-1, ci-2. Add --yes to delete them.
      [2]
      $ latchkey keypair delete 'ci-[!0-9]' --yes
      Deleted ci-x.
      $ latchkey keypair delete 'ci-?' keep -y
      Deleted keep.
      Deleted ci-1.
      Deleted ci-2.
      $ latchkey keypair delete 'ci-*' --yes
      latchkey: No keypair matches ci-*; nothing was deleted.
      [4]
    `));
});

describe('many keypairs', () => {
  it('come in pages, and all together on request', async () => {
    const alice = service.client.with({ 'X-Auth-Token': 'many:demo' }).at('2.92');
    const { out: publicKey } = await shell.run('cat id.pub');
    for (let n = 10; n < 60; n++)
      await alice.post('/v2.1/os-keypairs', { keypair: { name: `k${n}`, public_key: publicKey } });
    await shell.plays(`
      $ latchkey --os-token many:demo keypair list --limit 20 -f value -c Name | wc -l
      20
      $ latchkey --os-token many:demo keypair list --limit 20 --all-pages -f value -c Name | wc -l
      50
      $ latchkey --os-token many:demo keypair list --limit 2 --marker k57 -f value -c Name
      k58
      k59
      $ latchkey --os-token many:demo keypair list --marker nobody
      latchkey: Listing keypairs: Marker nobody could not be found.
      [1]
    `);
  });
});

describe('an administrator', () => {
  it('works with the keypairs of another user', () =>
    shell.plays(`
      $ latchkey --os-token admin:admin keypair create gift --user bob --public-key id.pub -f value -c user_id
      bob
      $ latchkey --os-token admin:admin keypair list --user bob -f value -c Name
      gift
      $ latchkey --os-token bob:demo keypair list -f value -c Name
      gift
      $ latchkey --os-token admin:admin keypair delete --user bob gift
      Deleted gift.
    `));
});

describe("novaclient's spellings", () => {
  it('make, import, show and delete', () =>
    shell.plays(`
      $ latchkey keypair-add keypair1 --keypair-type x509 | base64 -d > keypair1.pfx
      keypair1 is registered; its private key went to standard output and is nowhere else.
      $ openssl pkcs12 -in keypair1.pfx -passin pass: -nokeys | openssl x509 -noout -subject
      subject=CN = keypair1
      $ latchkey keypair-add keypair2 --keypair-type x509 --pub-key cert.pem -f value -c type
      x509
      $ (umask 077; latchkey keypair-add keypair3 --keypair-type SSH 2>/dev/null > keypair3.key); ssh-keygen -l -f keypair3.key
      256 <...> keypair3 (ED25519)
      $ latchkey keypair-add keypair4 --pub_key id.pub --key_type=Ssh -f value -c type
      ssh
      $ latchkey keypair-add keypair5 --keypair-type pgp
      latchkey: option '--keypair-type <type>' argument 'pgp' is invalid. Allowed choices are ssh, x509. See --help.
      [2]
      $ latchkey keypair-list -f value -c Name -c Type
      keypair1 x509
      keypair2 x509
      keypair3 ssh
      keypair4 ssh
      made ssh
      $ latchkey keypair-show keypair2 -f value -c type
      x509
      $ for n in 1 2 3 4; do latchkey keypair-delete keypair$n; done
      Deleted keypair1.
      Deleted keypair2.
      Deleted keypair3.
      Deleted keypair4.
    `));
});

describe('keypair check', () => {
  it('tells what a key is without a service', () =>
    shell.plays(`
      $ OS_ENDPOINT= latchkey keypair check id.pub -f value -c type -c algorithm -c bits -c comment -c strict -c nova
      ssh
      ssh-ed25519
      256
      alice@wonderland
      taken
      taken
      $ OS_ENDPOINT= latchkey keypair check cert.pem -f value -c type -c bits -c subject -c 'valid now' -c strict
      x509
      2048
      CN=alice
      yes
      taken
      $ latchkey keypair check id.pub -f value -c sha256 > sum; ssh-keygen -l -f id.pub | grep -cF "$(cat sum)"
      1
    `));

  it('fails for what would be refused, and states why', () =>
    shell.plays(`
      $ ssh-keygen -q -t rsa -b 1024 -N '' -f weak
      $ latchkey keypair check weak.pub -f value -c bits -c nova
      1024
      taken
      latchkey: weak.pub would be refused: RSA keys of 1024 bits can be broken; use at least 2048 bits, or Ed25519.
      [1]
      $ latchkey keypair check weak.pub --policy nova -f value -c nova
      taken
      $ ssh-keygen -l -E md5 -f id.pub | sed 's/.*MD5:\\([^ ]*\\).*/\\1/' > weak.list
      $ WEAK_KEYS_FILE=weak.list latchkey keypair check id.pub -q -f value -c nova
      taken
      latchkey: id.pub would be refused: it is on the list of weak keys <...>
      [1]
      $ WEAK_KEYS_FILE=id.pub latchkey keypair check id.pub
      latchkey: WEAK_KEYS_FILE: id.pub has no fingerprint in line 1; write 20 to 32 hex digits there.
      [78]
      $ latchkey keypair check id
      latchkey: id holds a private key, and nothing was sent; name the public half, as the .pub file or the certificate in PEM.
      [1]
      $ printf 'command="sh" ' | cat - id.pub | latchkey keypair check -
      latchkey: - would be refused: there are options or a host name before the key, and guests would obey them; send the key alone.
      [1]
    `));
});
