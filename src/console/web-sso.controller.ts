import { Controller, Header, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { ApiRequest } from '../http/api-request.js';
import { pageHeaders } from '../http/page-headers.js';
import { malformedRequest } from '../identity/builtin/body.js';
import { keystoneOf, PERMISSIONS, POLICIES } from './console.controller.js';
import { isToken } from './sessions.js';

class NotKeystone extends DomainError {
  constructor() {
    super('not-the-console', 'Only the page of Keystone may send log-ins here. Begin at /console.');
  }
}

/** The token is in the page alone. Its characters need no escape in an attribute. */
const pageWith = (token: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="token" content="${token}" />
    <title>Latchkey</title>
    <link rel="icon" href="icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="page.css" />
    <script src="src/console/page/web-sso.js" type="module"></script>
  </head>
  <body>
    <main><div class="card narrow" id="console"></div></main>
    <noscript><p>The console needs JavaScript.</p></noscript>
  </body>
</html>
`;

/**
 * Where Keystone's WebSSO sends browsers: its page posts a form with the token. No session begins here: the script of the answer sends
 * the token to `/console/session` if its tab began a log-in, so that no other page can log its visitor in.
 */
@ApiExcludeController()
@Controller('console/websso')
@UseGuards(pageHeaders(POLICIES, { 'Permissions-Policy': PERMISSIONS, 'Cache-Control': 'no-store' }))
export class WebSsoController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Post()
  @HttpCode(200)
  @Header('Content-Type', 'text/html; charset=utf-8')
  receive(@Req() { headers, body, bodyType }: ApiRequest): string {
    if (headers.origin !== new URL(keystoneOf(this.config)).origin) throw new NotKeystone();
    const isForm = bodyType === 'application/x-www-form-urlencoded' && Buffer.isBuffer(body);
    const [token, ...more] = isForm ? new URLSearchParams(body.toString()).getAll('token') : [];
    if (token === undefined || more.length > 0 || !isToken(token))
      throw malformedRequest('Expecting to find one token in the form.');
    return pageWith(token);
  }
}
