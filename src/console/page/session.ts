import { update } from './app.js';
import { dateOf, t } from './language.js';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Session {
  readonly token: string;
  readonly expires_at: string | null;
  readonly user: Named;
  readonly project: Named | null;
  readonly roles: readonly string[];
  readonly projects: readonly Named[];
  /** What requests are sent with. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Settings {
  readonly authMode: 'builtin' | 'keystone' | 'http_basic' | 'none';
  readonly hasSharedKeypairs: boolean;
  readonly hasSshCa: boolean;
  readonly hasOneTimeCodes: boolean;
  readonly sso: readonly { readonly label: string; readonly url: string }[];
}

/** When this tab began a log-in at Keystone, and how long that may take. */
const SSO_BEGUN = 'latchkey-sso';
const SSO_MAX_MS = 600_000;
/** How long before the end of a session its user is warned. */
const WARN_BEFORE_MS = 120_000;

export const current: {
  settings: Settings;
  session: Session | undefined;
  /** Whether the service no longer accepts the session; what is on the screen stays. */
  isExpired: boolean;
  endsSoon: boolean;
  /** Whether its user logs in again before it ends. */
  isRenewed: boolean;
} = {
  settings: { authMode: 'builtin', hasSharedKeypairs: true, hasSshCa: false, hasOneTimeCodes: false, sso: [] },
  session: undefined,
  isExpired: false,
  endsSoon: false,
  isRenewed: false,
};

/** The page has memory of its own; what is here is in no storage of the browser. */
let timer: number | undefined;

export const credentials = (): Readonly<Record<string, string>> => current.session?.headers ?? {};

export function onUnauthorized(): void {
  if (current.session === undefined) return;
  current.isExpired = true;
  update();
}

/** Without an Identity API the user `admin` is the administrator. */
export const hasRole = (role: string): boolean =>
  hasSessions() ? !!current.session?.roles.includes(role) : current.session?.user.id === role;

/** Whether this service keeps sessions itself: elsewhere the page sends what proves the user with each request. */
export const hasSessions = (): boolean => ['builtin', 'keystone'].includes(current.settings.authMode);

const ownPath = (): string => location.pathname.replace(/\/$/, '');

/** A request to `/console/session`. */
function ask(method: string, body?: object): Promise<Response> {
  return fetch('console/session', {
    method,
    headers: {
      'Content-Type': 'application/json',
      'X-Console-Path': ownPath(),
      ...(method === 'POST' ? {} : credentials()),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

export async function loadSettings(): Promise<void> {
  current.settings = (await (await fetch('console/settings.json')).json()) as Settings;
}

/** Finds the session of before a reload. */
export async function restore(): Promise<void> {
  if (!hasSessions()) return;
  const answer = await ask('GET');
  if (answer.status === 200) begin((await answer.json()) as Session);
}

/** Goes to Keystone, which sends the browser back with a token. */
export function beginSso(url: string): void {
  sessionStorage.setItem(SSO_BEGUN, String(Date.now()));
  location.assign(`${url}?${new URLSearchParams({ origin: new URL('console/websso', location.href).href })}`);
}

/** Whether this tab began a log-in that has not ended. It ends with this. */
export function endSso(): boolean {
  const begun = Number(sessionStorage.getItem(SSO_BEGUN));
  sessionStorage.removeItem(SSO_BEGUN);
  return Date.now() - begun < SSO_MAX_MS;
}

/** What a log-in requires besides a password. */
export interface CodeRequired {
  readonly receipt: string;
}

/** Logs in. Returns what else is needed, if anything. Throws an Error whose message is for the user. */
export async function logIn(proof: object): Promise<CodeRequired | undefined> {
  const answer = await ask('POST', proof).catch(() => {
    throw new Error(t('error.offline'));
  });
  const body = (await answer.json()) as Session & { receipt?: string; error?: { message?: string } };
  if (answer.status === 401 && body.receipt !== undefined) return { receipt: body.receipt };
  if (answer.status === 401) throw new Error(t('token' in proof ? 'sso.refused' : 'login.wrong'));
  if (answer.status === 429)
    throw new Error(t('login.throttled', { count: Number(answer.headers.get('Retry-After') ?? 60) }));
  if (!answer.ok) throw new Error(body.error?.message ?? t('error.status', { status: answer.status }));
  const before = current.session;
  begin(body);
  // A new session begins in the default project, and what is on the screen is of another one.
  const isElsewhere = before?.user.id === body.user.id && before.project?.id !== body.project?.id;
  if (isElsewhere && before.project !== null) await changeProject(before.project.id);
  return undefined;
}

/** Takes a user and password that the service checks with every request. Throws an Error. */
export async function logInBasic(user: string, password: string): Promise<void> {
  const pair = new TextEncoder().encode(`${user}:${password}`);
  const headers = { Authorization: `Basic ${btoa(String.fromCharCode(...pair))}` };
  const answer = await fetch('v1/keypairs?limit=1', { headers, credentials: 'omit' });
  if (answer.status === 401) throw new Error(t('login.wrong'));
  if (!answer.ok) throw new Error(t('error.status', { status: answer.status }));
  const named = { id: user, name: user };
  // The project of such a user has the same name.
  begin({ token: '', expires_at: null, user: named, project: named, roles: [], projects: [named], headers });
}

/** Begins a session as any user, with AUTH_MODE=none. */
export function claim(user: string, project: string): void {
  const [asUser, asProject] = [user, project].map((id) => ({ id, name: id }));
  const headers = { 'X-Auth-Token': `${user}:${project}` };
  begin({ token: '', expires_at: null, user: asUser, project: asProject, roles: [], projects: [asProject], headers });
}

/** Continues in another project. Throws an Error. */
export async function changeProject(id: string): Promise<void> {
  const answer = await ask('PUT', { project: id });
  if (answer.status === 401) onUnauthorized();
  if (!answer.ok) throw new Error(t('error.status', { status: answer.status }));
  begin((await answer.json()) as Session);
}

export async function logOut(): Promise<void> {
  if (hasSessions()) await ask('DELETE').catch(() => undefined);
  clearTimeout(timer);
  // Whatever the modules remember of the user goes with the page. Until then it shows no log-in, whose input would go as well.
  history.replaceState(null, '', location.pathname + location.search);
  location.reload();
}

function begin(session: Session): void {
  // What is on the screen is of the user before.
  if (current.session && current.session.user.id !== session.user.id) location.reload();
  current.session = { ...session, headers: session.headers ?? { 'X-Auth-Token': session.token } };
  current.isExpired = false;
  current.endsSoon = false;
  endSso();
  current.isRenewed = false;
  clearTimeout(timer);
  if (session.expires_at !== null) watch(dateOf(session.expires_at).getTime());
  update();
}

/** Warns before the end; the end itself shows the log-in above what is on the screen. */
function watch(endsAt: number): void {
  const leftMs = endsAt - Date.now();
  const nextMs = leftMs > WARN_BEFORE_MS ? leftMs - WARN_BEFORE_MS : leftMs;
  timer = setTimeout(
    () => {
      current.endsSoon = true;
      if (endsAt <= Date.now()) current.isExpired = true;
      else watch(endsAt);
      update();
    },
    // Longer delays run at once.
    Math.min(Math.max(0, nextMs), 2 ** 31 - 1),
  );
}
