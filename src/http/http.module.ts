import { Module } from '@nestjs/common';
import { BaseUrl } from './base-url.js';

/** What every API needs to write a response. */
@Module({ providers: [BaseUrl], exports: [BaseUrl] })
export class HttpModule {}
