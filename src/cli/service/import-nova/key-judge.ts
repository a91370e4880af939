import type { Config } from '../../../config/config.js';
import { InvalidKey } from '../../../crypto/invalid-key.js';
import { Keys } from '../../../crypto/keys.js';
import type { NovaRow } from './nova-row.js';

/** What is to be said about a key. */
export type Judgement =
  | { readonly kind: 'good' }
  /** The strict policy would refuse it. */
  | { readonly kind: 'weak'; readonly reason: string }
  /** Not even Nova could read it. */
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
    const refused = refusal(this.strict, row);
    if (refused === undefined) return { kind: 'good' };
    const unreadable = refusal(this.nova, row);
    if (unreadable === undefined) return { kind: 'weak', reason: refused };
    return { kind: 'unreadable', reason: unreadable };
  }
}

/** The reason, without the words that Nova's clients compare. */
function refusal(keys: Keys, { publicKey, type }: NovaRow): string | undefined {
  try {
    keys.inspect(publicKey, type);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidKey)) throw error;
    return error.reason;
  }
}
