import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { CONFIG, type Config, InvalidConfig } from '../config/config.js';
import type { ApiRequest } from '../http/api-request.js';
import { AuditFile } from './audit-file.js';
import { type Actor, auditLine, type Change } from './audit-line.js';

/**
 * Writes one line for every change and log-in: who, for whom, what, from where. The lines go to AUDIT_FILE, and to the log at every
 * LOG_LEVEL but silent.
 */
@Injectable()
export class Audit {
  private readonly log: FastifyBaseLogger;
  private readonly file: AuditFile | undefined;
  private readonly listeners: ((change: Change) => void)[] = [];

  /** Throws InvalidConfig if AUDIT_FILE cannot be written. */
  constructor({ httpAdapter }: HttpAdapterHost, @Inject(CONFIG) { auditFile }: Config) {
    this.log = httpAdapter.getInstance<FastifyInstance>().log.child({}, { level: 'info' });
    this.file = auditFile === undefined ? undefined : openAuditFile(auditFile);
  }

  /** Calls the listener after every change. */
  onChange(listener: (change: Change) => void): void {
    this.listeners.push(listener);
  }

  /** Records a change of the caller of a request, after it is made. */
  record(request: ApiRequest, change: Change): void {
    const { caller, ip } = request;
    this.recordBy({ user: caller?.userId, project: caller?.projectId, from: ip }, change, request.id);
  }

  /** Records a change of any actor. */
  recordBy(actor: Actor, change: Change, requestId?: string): void {
    const line = { request_id: requestId, audit: auditLine(change, actor) };
    this.log.info(line, 'audit');
    try {
      this.file?.write([line]);
    } catch (error) {
      // The change is made, and the line is in the log.
      this.log.error({ code: (error as NodeJS.ErrnoException).code }, 'AUDIT_FILE cannot be written');
    }
    for (const listener of this.listeners) listener(change);
  }
}

function openAuditFile(path: string): AuditFile {
  const file = new AuditFile(path);
  try {
    file.prepare();
  } catch (error) {
    throw new InvalidConfig([`AUDIT_FILE cannot be written (${(error as NodeJS.ErrnoException).code}).`]);
  }
  return file;
}
