import { sha256 } from '../crypto/fingerprint.js';
import type { StoredGuest } from '../persistence/repositories/guest.repository.js';

/** The characters of principals, so that none can end the list of an authorized_keys line, or be a pattern. */
export const PRINCIPAL = /^[A-Za-z0-9@._:+-]{1,255}$/;

/** An id that can be used as a principal unchanged; with a colon, one id could stand for another. */
const PLAIN_ID = /^[A-Za-z0-9@._+-]{1,200}$/;

/** The principal that one guest accepts; `id` is its UUID. */
export const guestPrincipal = (id: string): string => `latchkey:guest:${id}`;

/** The principal that the guests of a project with ssh_access `project` accept. */
export const projectPrincipal = (projectId: string): string =>
  `latchkey:project:${PLAIN_ID.test(projectId) ? projectId : `sha256:${sha256(Buffer.from(projectId)).toString('hex')}`}`;

/** The principals that a guest accepts: that of the project only with ssh_access `project`. */
export const acceptedPrincipals = ({ id, projectId, sshAccess }: GuestAccess): string[] =>
  sshAccess === 'project' ? [guestPrincipal(id), projectPrincipal(projectId)] : [guestPrincipal(id)];

type GuestAccess = Pick<StoredGuest, 'id' | 'projectId' | 'sshAccess'>;

/** A text for the id of a certificate, which sshd logs; other characters become `_`. */
export const inKeyId = (text: string): string => text.slice(0, 255).replaceAll(/[^A-Za-z0-9@._+-]/g, '_');
