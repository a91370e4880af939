/** The value of WWW-Authenticate as keystonemiddleware writes it: the URL that issues tokens. */
export function keystoneChallenge(url: string): string {
  return `Keystone uri="${url}"`;
}
