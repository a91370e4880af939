import { oid } from '../../key-formats/der.js';
import { contentOf, isOneDerValue, partsOf } from '../asn1/der-check.js';

const SUBJECT_ALT_NAME = oid('2.5.29.17');
const USER_PRINCIPAL_NAME = oid('1.3.6.1.4.1.311.20.2.3');

/** Context-specific tags: the extensions of a certificate, and an otherName (RFC 5280, sections 4.1 and 4.2.1.6). */
const EXTENSIONS = 0xa3;
const OTHER_NAME = 0xa0;

/**
 * The first user principal name of a certificate that is one value in DER. Read here, since the text that OpenSSL makes of the names
 * can be forged by one of them.
 */
export function principalOf(der: Buffer): string | undefined {
  const extensions = partsOf(partsOf(der)[0]).find(([tag]) => tag === EXTENSIONS);
  if (extensions === undefined) return undefined;
  const found = partsOf(partsOf(extensions)[0]).find((extension) => partsOf(extension)[0]?.equals(SUBJECT_ALT_NAME));
  const value = found === undefined ? undefined : contentOf(partsOf(found).at(-1)!);
  if (value === undefined || !isOneDerValue(value)) return undefined;
  for (const name of partsOf(value)) {
    if (name[0] !== OTHER_NAME) continue;
    const [id, wrapped] = partsOf(name);
    const [text] = wrapped !== undefined && id?.equals(USER_PRINCIPAL_NAME) ? partsOf(wrapped) : [];
    if (text !== undefined) return contentOf(text).toString('utf8');
  }
  return undefined;
}
