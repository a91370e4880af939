import { DomainError } from '../domain/domain-error.js';
import type { GuestContent } from '../persistence/repositories/guest.repository.js';
import type { ChangedGuest } from './guests.dto.js';

/** `sshd` trusts the certificate authority for named accounts only. */
class LoginUsersMissing extends DomainError {
  constructor() {
    super(
      'login-users-missing',
      'ssh_ca "sshd" needs login_users: the accounts of the guest that certificates are for.',
    );
  }
}

/** How a guest lets people in: as requested, and as it was for the rest. Throws LoginUsersMissing. */
export function sshAccessOf(
  { ssh_ca: ca, ssh_access: access, login_users: users }: ChangedGuest,
  current: GuestContent,
): Pick<GuestContent, 'sshCa' | 'sshAccess' | 'loginUsers'> {
  const sshCa = ca === undefined ? current.sshCa : ca === false ? null : ca === true ? 'keys' : ca;
  const sshAccess = access === undefined ? current.sshAccess : access === 'project' ? access : null;
  const loginUsers = users === undefined ? current.loginUsers : users && users.length > 0 ? users : null;
  if (sshCa === 'sshd' && loginUsers === null) throw new LoginUsersMissing();
  return { sshCa, sshAccess, loginUsers };
}
