import { Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { Audit } from '../audit/audit.js';
import type { Caller } from '../domain/caller.js';
import type { ApiRequest } from '../http/api-request.js';
import { lastValues, Pages } from '../http/pages.js';
import { Errors, withContract } from '../http/shapes/contract.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { V1Controller } from '../identity/v1-controller.js';
import { CertificatesService } from './certificates.service.js';
import { sshCertificatesApi } from './ssh-certificates.contract.js';
import type { CertificatesQuery, NewCertificate } from './ssh-certificates.dto.js';
import { listCertificates, showCertificate } from './ssh-certificates.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => sshCertificatesApi);

/** Certificates of the SSH certificate authority, which Nova does not have; without microversions. */
@V1Controller('v1/ssh-certificates', 'ssh certificates')
export class SshCertificatesController {
  constructor(
    private readonly certificates: CertificatesService,
    private readonly pages: Pages,
    private readonly audit: Audit,
  ) {}

  @Post()
  @Response('issueReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({
    operationId: 'issueSshCertificate',
    summary: 'Sign a certificate for a keypair; it is returned only once',
  })
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
    const limit = this.pages.limit(query);
    const { marker = '0', ...others } = lastValues(query);
    const { user_id: userId, all_users: ofAll, keypair, active } = others;
    const rows = await this.certificates.page(caller, {
      userId: userId || (ofAll === 'true' ? undefined : caller.userId),
      keypair,
      isActive: active === 'true',
      after: marker,
      limit,
    });
    const serials = rows.map(({ serial }) => serial);
    return listCertificates(rows, this.pages.next(request, others, limit, serials));
  }

  @Delete(':serial')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({
    operationId: 'revokeSshCertificate',
    summary: 'Revoke a certificate, which adds it to the revocation list',
  })
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
