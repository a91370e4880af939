import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from '../domain/caller.js';
import { type ApiRequest, pathOf } from '../http/api-request.js';
import { BaseUrl } from '../http/base-url.js';
import { BodyGuard } from '../http/shapes/body.guard.js';
import { Errors, withContract } from '../http/shapes/contract.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { IdentityGuard } from '../identity/identity.guard.js';
import { CertificatesService } from './certificates.service.js';
import { sshCertificatesApi } from './ssh-certificates.contract.js';
import type { CertificatesQuery, NewCertificate } from './ssh-certificates.dto.js';
import { listCertificates, showCertificate } from './ssh-certificates.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => sshCertificatesApi);

/** Certificates of the SSH certificate authority, which Nova does not have; without microversions. */
@Controller('v1/ssh-certificates')
@UseGuards(IdentityGuard, BodyGuard)
@ApiTags('ssh certificates')
export class SshCertificatesController {
  constructor(
    private readonly certificates: CertificatesService,
    private readonly baseUrl: BaseUrl,
    private readonly audit: Audit,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Response('issueReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'issueSshCertificate', summary: 'Sign a certificate for a keypair; it is shown once' })
  async issue(
    @CurrentCaller() caller: Caller,
    @ShapedBody('issueBody') body: NewCertificate,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const signed = await this.certificates.issue(caller, body);
    const { userId, keypairFingerprint, principals, validBefore } = signed.row;
    this.audit.record(request, {
      action: 'ssh-certificate.issue',
      owner: userId,
      name: signed.serial,
      fingerprint: keypairFingerprint,
      expires: validBefore,
      principals,
    });
    return showCertificate(signed);
  }

  @Get()
  @Response('listReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'listSshCertificates', summary: 'List certificates by serial number' })
  async list(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: CertificatesQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const limit = Math.min(Number(query.limit?.at(-1) ?? this.config.maxLimit), this.config.maxLimit);
    const userId = query.user_id?.at(-1) || (query.all_users?.at(-1) === 'true' ? undefined : caller.userId);
    const rows = await this.certificates.page(caller, {
      userId,
      keypair: query.keypair?.at(-1),
      isActive: query.active?.at(-1) === 'true',
      after: query.marker?.at(-1) ?? '0',
      limit,
    });
    const last = limit > 0 && rows.length === limit ? rows.at(-1) : undefined;
    if (!last) return listCertificates(rows, undefined);
    const { marker: _marker, ...given } = query;
    const next = new URLSearchParams({
      ...Object.fromEntries(
        Object.entries(given).flatMap(([name, values]) => (values ? [[name, values.at(-1)!]] : [])),
      ),
      marker: last.serial,
    });
    return listCertificates(rows, `${this.baseUrl.of(request)}${pathOf(request)}?${next.toString()}`);
  }

  @Delete(':serial')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'revokeSshCertificate', summary: 'Revoke a certificate: it enters the revocation list' })
  async revoke(
    @CurrentCaller() caller: Caller,
    @Param('serial') serial: string,
    @Req() request: ApiRequest,
  ): Promise<void> {
    const { userId, keypairFingerprint, principals } = await this.certificates.revoke(caller, serial);
    this.audit.record(request, {
      action: 'ssh-certificate.revoke',
      owner: userId,
      name: serial,
      fingerprint: keypairFingerprint,
      principals,
    });
  }
}
