import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';

/** Global, since every change is audited. */
@Global()
@Module({ providers: [Audit], exports: [Audit] })
export class AuditModule {}
