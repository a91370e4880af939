import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { All, Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { type ApiRequest, pathOf } from '../http/api-request.js';
import { BaseUrl } from '../http/base-url.js';
import { pageHeaders } from '../http/page-headers.js';
import { StaticFiles } from '../http/static-files.js';
import { type ListedDocument, offeredDocuments } from './document-list.js';

const OURS = join(import.meta.dirname, 'page');
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Everything that the page consists of, by the name it has under /docs. */
const PAGE_FILES = new StaticFiles(
  new Map([
    ['', { directory: OURS, file: 'page.html' }],
    ['page.css', { directory: OURS, file: 'page.css' }],
    ['page.js', { directory: OURS, file: 'page.js' }],
    ['icon.svg', { directory: OURS, file: 'icon.svg' }],
    ['swagger-ui.css', { directory: SWAGGER_UI, file: 'swagger-ui.css' }],
    ['swagger-ui-bundle.js', { directory: SWAGGER_UI, file: 'swagger-ui-bundle.js' }],
  ]),
);

/** What the script of the page requests first. */
interface PageSettings {
  /** The documents to choose from; the first one is shown. */
  readonly documents: readonly ListedDocument[];
  /** How callers are known here, and so what to ask the reader for. */
  readonly authMode: Config['authMode'];
  /** What the addresses in the documents begin with, which need not be the one that the page was reached under. */
  readonly base: string;
}

/** The page that shows the OpenAPI documents and sends requests, without authentication: the requests need a token as always. */
@ApiExcludeController()
@Controller('docs')
@UseGuards(pageHeaders())
export class DocsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly baseUrl: BaseUrl,
  ) {}

  @Get('settings.json')
  settings(@Req() request: ApiRequest): PageSettings {
    return {
      documents: offeredDocuments(this.config),
      authMode: this.config.authMode,
      base: this.baseUrl.of(request),
    };
  }

  /** The page and its files; GET and HEAD are answered alike. */
  @All(['', '*'])
  async file(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer | undefined> {
    const path = pathOf(request);
    const name = path.replace(/^\/docs\/?/, '');
    // The page names its files as seen from `/docs`. A slash at the end is routed so: see routedUrl().
    if (name === '/-') {
      reply.status(308).header('Location', `../docs${request.url.slice(path.length)}`);
      return undefined;
    }
    return PAGE_FILES.answer(name, request, reply);
  }
}
