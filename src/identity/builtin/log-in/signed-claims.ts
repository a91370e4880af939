import { type JWTPayload, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const ISSUER = 'latchkey';

/** What a signed text is: one of another type is invalid. */
export type SignedType = 'identity+jwt' | 'receipt+jwt';

/** When something was issued and when it expires, in seconds since 1970. */
interface Validity {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Signs the claims about a user as a JWT. */
export function signClaims(
  key: Uint8Array,
  type: SignedType,
  userId: string,
  claims: JWTPayload,
  { issuedAt, expiresAt }: Validity,
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: type })
    .setIssuer(ISSUER)
    .setSubject(userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key);
}

/** The claims of a signed text; undefined if it is of another type, was changed, or has expired. */
export async function verifyClaims<Claims extends JWTPayload>(
  key: Uint8Array,
  type: SignedType,
  text: string,
): Promise<Claims | undefined> {
  try {
    const { payload } = await jwtVerify<Claims>(text, key, { algorithms: [ALGORITHM], issuer: ISSUER, typ: type });
    return payload;
  } catch {
    // The response does not depend on what is wrong with it.
    return undefined;
  }
}
