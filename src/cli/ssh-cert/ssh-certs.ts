import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { InvalidKey } from '../../crypto/invalid-key.js';
import { readUserCertificate } from '../../crypto/ssh/user-certificate.js';
import { CliError, UsageError } from '../cli-error.js';
import { LatchkeyApi } from '../cloud/latchkey-api.js';
import { withCompute, withLatchkeyApi } from '../cloud/open-compute.js';
import { writePrivateOutput } from '../files/private-output.js';
import type { GlobalOptions, OptionsOf } from '../global-options.js';
import { Guests } from '../guest/guests.js';
import { print, printMessage } from '../output/print.js';
import { showList } from '../output/show.js';

/** What a certificate shall be for. */
interface Wishes {
  readonly guest?: readonly string[];
  readonly project?: boolean;
  readonly principal?: readonly string[];
  readonly ttl?: string;
  readonly sourceAddress?: readonly string[];
  readonly forceCommand?: string;
  readonly permit?: readonly string[];
}

type IssueOptions = OptionsOf<Wishes & { readonly out?: string; readonly agent?: string }>;
type EnsureOptions = OptionsOf<Wishes & { readonly out: string }>;
type KrlOptions = OptionsOf<{ readonly output: string }>;
type CertificateListOptions = OptionsOf<{
  readonly keypair?: string;
  readonly active?: boolean;
  readonly allUsers?: boolean;
}>;

interface Issued {
  readonly certificate: string;
  readonly valid_before: string;
}

interface Listed {
  readonly serial: number;
  readonly keypair: string;
  readonly user_id: string;
  readonly principals: readonly string[];
  readonly valid_before: string;
  readonly revoked: boolean;
}

/** A certificate that lasts longer is not replaced. */
const ENOUGH_SECONDS = 300;

export async function issueCertificate(keypair: string, options: IssueOptions): Promise<void> {
  const { out, agent } = options;
  if (out !== undefined && agent !== undefined) throw new UsageError('--out and --agent are both given; keep one.');
  const file = agent === undefined ? out : `${agent}-cert.pub`;
  const { certificate, valid_before: until } = await request(keypair, options);
  if (file === undefined) return print(`${certificate}\n`);
  write(file, certificate);
  if (agent !== undefined) addToAgent(agent, until);
  if (!options.quiet) printMessage(`The certificate in ${file} is valid until ${until.slice(0, 19)}Z.`);
}

/** Gets a certificate unless the file has one of these wishes' keypair that lasts. */
export async function ensureCertificate(keypair: string, options: EnsureOptions): Promise<void> {
  if (secondsLeft(options.out) > ENOUGH_SECONDS) return;
  write(options.out, (await request(keypair, options)).certificate);
}

export async function listCertificates(options: CertificateListOptions): Promise<void> {
  const query = { keypair: options.keypair, active: truth(options.active), all_users: truth(options.allUsers) };
  const { items } = await withCertificates(options, (api) =>
    api.list<Listed>('certificates', { query, what: 'Listing the certificates' }),
  );
  const columns = ['Serial', ...(options.allUsers ? ['User'] : []), 'Keypair', 'Principals', 'Valid Until', 'Revoked'];
  const rows = items.map((row) => ({
    Serial: row.serial,
    User: row.user_id,
    Keypair: row.keypair,
    Principals: row.principals.join(', '),
    'Valid Until': row.valid_before,
    Revoked: row.revoked ? 'yes' : 'no',
  }));
  await showList(columns, rows, options);
}

export async function revokeCertificates(serials: readonly string[], options: GlobalOptions): Promise<void> {
  const odd = serials.find((each) => !/^\d+$/.test(each));
  if (odd !== undefined) throw new UsageError(`${odd} is no serial number; see "latchkey ssh-cert list".`);
  await withCertificates(options, async (api) => {
    for (const serial of serials) {
      await api.send({ method: 'DELETE', path: `/${serial}`, what: `Revoking the certificate ${serial}` });
      if (!options.quiet) printMessage(`Revoked ${serial}.`);
    }
  });
}

export async function showAuthority(options: GlobalOptions): Promise<void> {
  const keys = await withLatchkeyApi(options, 'ssh-ca', async (api) => {
    const { json } = await api.send({ method: 'GET', what: 'Showing the certificate authority' });
    return (json as { user: { keys: readonly Record<'public_key' | 'fingerprint' | 'state', string>[] } }).user.keys;
  });
  const rows = keys.map((key) => ({ State: key.state, Fingerprint: key.fingerprint, 'Public Key': key.public_key }));
  await showList(['State', 'Fingerprint', 'Public Key'], rows, options);
}

export async function writeRevocationList(options: KrlOptions): Promise<void> {
  const { bytes } = await withLatchkeyApi(options, 'ssh-ca', (api) =>
    api.send({ method: 'GET', path: '/krl', what: 'Reading the revocation list' }),
  );
  if (options.output === '-') return print(bytes);
  writePrivateOutput(options.output, bytes, true).keep();
}

function request(keypair: string, options: OptionsOf<Wishes>): Promise<Issued> {
  const { guest, project, principal, ttl, sourceAddress, forceCommand, permit } = options;
  return withCompute(options, async (compute, http) => {
    const guests = new Guests(compute, http);
    const ids: string[] = [];
    for (const each of guest ?? []) ids.push(await guests.idOf(each));
    const certificate = {
      keypair,
      guests: guest && ids,
      project,
      principals: principal,
      ttl,
      source_addresses: sourceAddress,
      force_command: forceCommand,
      extensions: permit?.map((each) => (each.startsWith('permit-') ? each : `permit-${each}`)),
    };
    const api = new LatchkeyApi(compute, http, 'ssh-certificates', 'keypairs');
    const { json } = await api.send({ method: 'POST', body: { certificate }, what: 'Getting a certificate' });
    return (json as { certificate: Issued }).certificate;
  });
}

/** The seconds for which the certificate in a file is still valid; 0 without one. */
function secondsLeft(file: string): number {
  try {
    const [, blob = ''] = readFileSync(file, 'utf8').split(' ');
    return readUserCertificate(Buffer.from(blob, 'base64')).validBefore - Date.now() / 1000;
  } catch (error) {
    if (error instanceof InvalidKey || (error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new CliError(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, undefined, {
      cause: error,
    });
  }
}

const write = (file: string, certificate: string): void =>
  writePrivateOutput(file, Buffer.from(`${certificate}\n`), true).keep();

/** The agent forgets both when the certificate ends. */
function addToAgent(privateKey: string, until: string): void {
  const seconds = Math.max(1, Math.floor((Date.parse(`${until}Z`) - Date.now()) / 1000));
  const { status, error } = spawnSync('ssh-add', ['-q', '-t', String(seconds), privateKey], { stdio: 'inherit' });
  if (error) throw new CliError(`ssh-add cannot be run: ${error.message}`, undefined, { cause: error });
  if (status !== 0) throw new CliError('ssh-add did not take the key; is an agent running (SSH_AUTH_SOCK)?');
}

const truth = (flag: boolean | undefined): string | undefined => (flag ? 'true' : undefined);

const withCertificates = <T>(options: GlobalOptions, use: (api: LatchkeyApi) => Promise<T>): Promise<T> =>
  withLatchkeyApi(options, 'ssh-certificates', use);
