import { sha256 } from '../crypto/fingerprint.js';
import type { StoredGuest } from '../persistence/repositories/guest.repository.js';

/** What principals consist of, so that none can end the list of an authorized_keys line, or be a pattern. */
export const PRINCIPAL = /^[A-Za-z0-9@._:+-]{1,255}$/;

/** An id that is a principal as it is; a colon would let one id stand for another. */
const PLAIN_ID = /^[A-Za-z0-9@._+-]{1,200}$/;

/** The principal that one guest accepts; `id` is its UUID. */
export const guestPrincipal = (id: string): string => `latchkey:guest:${id}`;

/** The principal that the guests of a project accept whose owners open them to it. */
export const projectPrincipal = (projectId: string): string =>
  `latchkey:project:${PLAIN_ID.test(projectId) ? projectId : `sha256:${sha256(Buffer.from(projectId)).toString('hex')}`}`;

/** The principals that a guest accepts: the project's only where its owner opens it to the project. */
export const acceptedPrincipals = ({ id, projectId, sshAccess }: GuestAccess): string[] =>
  sshAccess === 'project' ? [guestPrincipal(id), projectPrincipal(projectId)] : [guestPrincipal(id)];

type GuestAccess = Pick<StoredGuest, 'id' | 'projectId' | 'sshAccess'>;

/** A text for the id of a certificate, which sshd writes to its log; other characters become `_`. */
export const inKeyId = (text: string): string => text.slice(0, 255).replaceAll(/[^A-Za-z0-9@._+-]/g, '_');
