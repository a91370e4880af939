import type { Config } from '../../../config/config.js';
import { InvalidKey } from '../../../crypto/invalid-key.js';
import { Keys } from '../../../crypto/keys.js';
import type { NovaRow } from './nova-row.js';

/** How the policies of the service judge a key. */
export type Judgement =
  | { readonly kind: 'good'; readonly fingerprint: string }
  /** The strict policy would refuse it. */
  | { readonly kind: 'weak'; readonly fingerprint: string; readonly reason: string }
  /** Nova could not read it either. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads keys under both policies of the service. */
export class KeyJudge {
  private readonly strict: Keys;
  private readonly nova: Keys;

  constructor(config: Config) {
    this.strict = new Keys({ ...config, keyPolicy: 'strict' });
    this.nova = new Keys({ ...config, keyPolicy: 'nova', x509RefuseExpired: false });
  }

  judge(row: NovaRow): Judgement {
    const strict = inspect(this.strict, row);
    if ('fingerprint' in strict) return { kind: 'good', ...strict };
    const nova = inspect(this.nova, row);
    return 'fingerprint' in nova ? { kind: 'weak', ...nova, ...strict } : { kind: 'unreadable', ...nova };
  }
}

/** The fingerprint, or the reason without the prefix that Nova's clients compare. */
function inspect(keys: Keys, { publicKey, type }: NovaRow): { fingerprint: string } | { reason: string } {
  try {
    return { fingerprint: keys.inspect(publicKey, type).fingerprint };
  } catch (error) {
    if (!(error instanceof InvalidKey)) throw error;
    return { reason: error.reason };
  }
}
