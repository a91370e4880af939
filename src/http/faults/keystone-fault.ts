/**
 * A refusal in the form of Keystone, `{"error": {"code", "title", "message"}}`. The built-in identity answers with it, and so
 * does keystonemiddleware in front of Nova where a token is missing or bad.
 */
export class KeystoneFault extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    message: string,
    /** Headers that belong to it: WWW-Authenticate for every 401 (RFC 9110, 15.5.2), Retry-After. */
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'KeystoneFault';
  }

  /** The JSON body of the answer. */
  body(): string {
    return JSON.stringify({ error: { code: this.status, title: this.title, message: this.message } });
  }
}

/** Nobody is known by this token or password. Which part is wrong is not told. `challenge` is for WWW-Authenticate. */
export function unauthorized(
  challenge: string,
  says = 'The request you have made requires authentication.',
): KeystoneFault {
  return new KeystoneFault(401, 'Unauthorized', says, { 'WWW-Authenticate': challenge });
}
