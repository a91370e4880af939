import { Injectable } from '@nestjs/common';
import type { ApiRequest } from '../http/api-request.js';
import { Metrics } from './metrics.js';

/** A change that somebody made. Values are names, never contents. */
export interface Change {
  /** What was done, as in `keypair.create`. */
  readonly action: string;
  /** For whom: the user or project that owns what was changed. */
  readonly owner: string;
  /** The name or id of what was changed. */
  readonly name: string;
  readonly fingerprint?: string | undefined;
  /** Of a keypair, the kind of its key, such as `ssh-ed25519`. */
  readonly kind?: string;
}

/**
 * Writes one line of the log for every change: who, for whom, what, from where. The lines are written whatever LOG_LEVEL says,
 * unless it is silent.
 */
@Injectable()
export class Audit {
  constructor(private readonly metrics: Metrics) {}

  /** Called once the change is made. */
  record(request: ApiRequest, change: Change): void {
    const { action, owner, name, fingerprint, kind } = change;
    const { caller } = request;
    request.log.child({}, { level: 'info' }).info(
      {
        audit: {
          action,
          owner,
          name,
          fingerprint,
          kind,
          user: caller?.userId,
          project: caller?.projectId,
          from: request.ip,
        },
      },
      'audit',
    );
    this.metrics.changed(change);
  }
}
