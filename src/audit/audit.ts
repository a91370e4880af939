import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { CONFIG, type Config, InvalidConfig } from '../config/config.js';
import type { ApiRequest } from '../http/api-request.js';
import { AuditFile } from './audit-file.js';
import { type Actor, audited, type Change } from './audit-line.js';

/**
 * Writes one line for every change and log-in: who, for whom, what, from where. The lines are in the log whatever LOG_LEVEL says,
 * unless it is silent, and in AUDIT_FILE.
 */
@Injectable()
export class Audit {
  private readonly log: FastifyBaseLogger;
  private readonly file: AuditFile | undefined;
  private readonly listeners: ((change: Change) => void)[] = [];

  /** Throws InvalidConfig where AUDIT_FILE cannot be written. */
  constructor({ httpAdapter }: HttpAdapterHost, @Inject(CONFIG) { auditFile }: Config) {
    this.log = httpAdapter.getInstance<FastifyInstance>().log.child({}, { level: 'info' });
    this.file = auditFile === undefined ? undefined : opened(auditFile);
  }

  /** Calls back for every change. */
  onChange(listener: (change: Change) => void): void {
    this.listeners.push(listener);
  }

  /** Called once the change is made. */
  record(request: ApiRequest, change: Change): void {
    const { caller, ip } = request;
    this.recordBy({ user: caller?.userId, project: caller?.projectId, from: ip }, change, request.id);
  }

  /** The same for what no caller of the API did. */
  recordBy(actor: Actor, change: Change, requestId?: string): void {
    const line = { request_id: requestId, audit: audited(change, actor) };
    this.log.info(line, 'audit');
    try {
      this.file?.write([line]);
    } catch (error) {
      // The change is made, and the log has the line.
      this.log.error({ code: (error as NodeJS.ErrnoException).code }, 'AUDIT_FILE cannot be written');
    }
    for (const listener of this.listeners) listener(change);
  }
}

function opened(path: string): AuditFile {
  const file = new AuditFile(path);
  try {
    file.prepare();
  } catch (error) {
    throw new InvalidConfig([`AUDIT_FILE cannot be written (${(error as NodeJS.ErrnoException).code}).`]);
  }
  return file;
}
