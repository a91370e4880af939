import { DomainError } from '../domain/domain-error.js';
import { guestAddress } from '../domain/ip-address.js';
import { PythonNumber } from '../http/shapes/read-json.js';
import type { GuestContent } from '../persistence/repositories/guest.repository.js';
import type { ChangedGuest } from './guests.dto.js';

/** Maximum length of a label in a hostname (RFC 1123). */
const MAX_LABEL = 63;

/** Nova's default availability zone. */
const AVAILABILITY_ZONE = 'nova';

/** `sshd` trusts the certificate authority for named accounts only. */
class LoginUsersMissing extends DomainError {
  constructor() {
    super(
      'login-users-missing',
      'ssh_ca "sshd" needs login_users: the accounts of the guest that certificates are for.',
    );
  }
}

/** The content of a new guest before the properties of its request. */
export function newContent(name: string, id: string, network: string): GuestContent {
  return {
    name,
    hostname: hostnameFor(name, id),
    availabilityZone: AVAILABILITY_ZONE,
    network,
    addresses: [],
    keys: [],
    followKeys: false,
    sshCa: null,
    sshAccess: null,
    loginUsers: null,
    metadata: {},
    userData: null,
    vendorData: null,
    networkData: null,
  };
}

/** The requested properties, and the current ones for the rest; keys stay, since they must be copied. Throws LoginUsersMissing. */
export function changedContent(request: ChangedGuest, current: GuestContent): GuestContent {
  return {
    name: request.name ?? current.name,
    hostname: request.hostname ?? current.hostname,
    availabilityZone: request.availability_zone ?? current.availabilityZone,
    network: request.network ?? current.network,
    addresses: request.addresses?.map((each) => guestAddress(each)!) ?? current.addresses,
    keys: current.keys,
    followKeys: request.follow_keys ?? current.followKeys,
    ...sshAccessOf(request, current),
    metadata: request.metadata ?? current.metadata,
    userData: request.user_data === undefined ? current.userData : request.user_data,
    vendorData: request.vendor_data === undefined ? current.vendorData : plainJson(request.vendor_data),
    networkData: request.network_data === undefined ? current.networkData : plainJson(request.network_data),
  };
}

/** A hostname made of a guest's name, as Nova makes one: `Web server_1` is `web-server-1`. */
function hostnameFor(name: string, id: string): string {
  const hostname = name
    .toLowerCase()
    .replace(/[ _]/g, '-')
    .replace(/[^a-z0-9.-]/g, '')
    .slice(0, MAX_LABEL)
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, ''))
    .filter((label) => label !== '')
    .join('.');
  return hostname || `guest-${id}`;
}

function sshAccessOf(
  { ssh_ca: ca, ssh_access: access, login_users: users }: ChangedGuest,
  current: GuestContent,
): Pick<GuestContent, 'sshCa' | 'sshAccess' | 'loginUsers'> {
  const sshCa = ca === undefined ? current.sshCa : ca === false ? null : ca === true ? 'keys' : ca;
  const sshAccess = access === undefined ? current.sshAccess : access === 'project' ? access : null;
  const loginUsers = users === undefined ? current.loginUsers : users && users.length > 0 ? users : null;
  if (sshCa === 'sshd' && loginUsers === null) throw new LoginUsersMissing();
  return { sshCa, sshAccess, loginUsers };
}

/** A JSON object with JavaScript's numbers: `1.0` is 1. The shape has refused numbers that JavaScript cannot represent. */
function plainJson(value: object | null): object | null {
  return value && (toPlain(value) as object);
}

function toPlain(value: unknown): unknown {
  if (value instanceof PythonNumber) return Number(value.shown);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toPlain(each)]));
}
