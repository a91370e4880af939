/** The value of WWW-Authenticate as keystonemiddleware writes it: where a token can be had. */
export function keystoneChallenge(url: string): string {
  return `Keystone uri="${url}"`;
}
