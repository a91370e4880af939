import { readFileSync } from 'node:fs';

const MIN_LENGTH = 16;

/** Values from installers, documents and examples of Neutron (CVE-2015-5303), in any case and with any separators. */
const DEFAULTS =
  /^(change|replace|your|my|the|insert|set|a|this|is|it|me|neutron|nova|openstack|metadata|meta|data|proxy|shared|service|secret|password|passw0rd|pass|admin|default|test|insecure|example|unset|none|key|value|here|to|in|with|[^a-z0-9]|1234567890|123456789|12345678|1234567|123456|12345|1234|123)+$/i;

/**
 * One secret, or two while one replaces the other, separated by white space. Throws if one is short, a default, or has few
 * different characters; the message never quotes it.
 */
export function sharedSecrets(text: string): readonly string[] {
  const secrets = text.split(/\s+/).filter((each) => each !== '');
  if (secrets.length < 1 || secrets.length > 2) throw new Error('must be one secret, or two with a space between them');
  for (const secret of secrets) {
    if (secret.length < MIN_LENGTH) throw new Error(`must be of at least ${MIN_LENGTH} characters`);
    if (DEFAULTS.test(secret) || new Set(secret).size < 8) {
      throw new Error('must not be a default or easily guessed; "openssl rand -hex 32" makes one');
    }
  }
  return secrets;
}

/** The same, read from a file. */
export function sharedSecretsInFile(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`must be the path of a file that can be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
  try {
    return sharedSecrets(text);
  } catch (cause) {
    throw new Error(`names a file whose content ${(cause as Error).message}`, { cause });
  }
}
