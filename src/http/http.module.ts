import { Module } from '@nestjs/common';
import { BaseUrl } from './base-url.js';
import { Pages } from './pages.js';

/** What every API needs to write a response. */
@Module({ providers: [BaseUrl, Pages], exports: [BaseUrl, Pages] })
export class HttpModule {}
