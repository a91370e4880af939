import { Controller, Get, HttpCode, Post, Put, Req, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { renderSVG } from 'uqr';
import { Audit } from '../audit/audit.js';
import type { ApiRequest } from '../http/api-request.js';
import { Access, actorOf } from '../identity/builtin/access.js';
import { readBody, readText } from '../identity/builtin/body.js';
import { CodeEnrolment } from '../identity/builtin/log-in/code-enrolment.js';
import { newCodeSecret, otpauthUrl } from '../identity/builtin/log-in/one-time-code.js';
import { OwnPageGuard } from './own-page.guard.js';

/** The one-time codes of the user. Keystone has no API by which users set them up themselves. */
@ApiExcludeController()
@Controller('console/one-time-code')
@UseGuards(OwnPageGuard)
export class OneTimeCodeController {
  constructor(
    private readonly access: Access,
    private readonly enrolment: CodeEnrolment,
    private readonly audit: Audit,
  ) {}

  @Get()
  async show(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return { required: user.codeSecret !== null };
  }

  /** A secret to enrol, which is stored nowhere yet. */
  @Post()
  async propose(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    const secret = newCodeSecret();
    return { secret, picture: renderSVG(otpauthUrl(user.name, secret), { border: 2 }) };
  }

  /** `{"secret", "password", "passcode"}` requires codes from now on, `{"secret": null, "passcode"}` no longer. */
  @Put()
  @HttpCode(204)
  async change(@Req() request: ApiRequest): Promise<void> {
    const holder = await this.access.holder(request);
    const body = readBody(request.body);
    const text = (name: string): string => readText(body, name, 'the one-time code');
    const isEnd = body.secret === null;
    if (isEnd) await this.enrolment.end(holder, text('passcode'), request.ip);
    else await this.enrolment.begin(holder, text('password'), text('secret'), text('passcode'), request.ip);
    const { id, name } = holder.user;
    const action = isEnd ? 'user.totp.remove' : 'user.totp';
    this.audit.recordBy(actorOf(holder, request), { action, owner: id, name }, request.id);
  }
}
