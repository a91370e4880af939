import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { failedPrecondition, readPreconditions } from '../domain/preconditions.js';
import type { ApiRequest } from '../http/api-request.js';
import { AnswersWith, Errors, withContract } from '../http/shapes/contract.js';
import { RevocationList } from '../ssh-ca/revocation-list.js';
import { authorityLine, SshAuthority } from '../ssh-ca/ssh-authority.js';
import { sshCertificatesApi } from './ssh-certificates.contract.js';
import { showAuthority } from './ssh-certificates.view.js';

const { Response } = withContract(() => sshCertificatesApi);

/** The public part of the certificate authority, which hosts read without a token. */
@Controller('v1/ssh-ca')
@ApiTags('ssh certificates')
export class SshCaController {
  constructor(
    private readonly authority: SshAuthority,
    private readonly revocations: RevocationList,
  ) {}

  @Get()
  @Response('authorityReply')
  @Errors('not-found')
  @ApiOperation({ operationId: 'showSshCa', summary: 'Show the keys of the certificate authority' })
  async show(): Promise<object> {
    return showAuthority(await this.authority.keys());
  }

  @Get('user.pub')
  @Response('publicKeysReply')
  @Errors('not-found')
  @ApiOperation({ operationId: 'downloadSshCaKeys', summary: 'Download the TrustedUserCAKeys file for sshd' })
  async publicKeys(@Res() reply: FastifyReply): Promise<void> {
    const keys = await this.authority.keys();
    const content = keys.map(({ blob }) => `${authorityLine(blob)}\n`).join('');
    await reply.type('text/plain; charset=utf-8').send(content);
  }

  @Get('krl')
  @Response('krlReply')
  @AnswersWith('ETag')
  @Errors('not-modified', 'malformed', 'not-found')
  @ApiOperation({
    operationId: 'downloadKrl',
    summary: 'Download the RevokedKeys file for sshd; 304 if If-None-Match matches',
  })
  async krl(@Req() request: ApiRequest, @Res() reply: FastifyReply): Promise<void> {
    const { content, etag } = await this.revocations.krl();
    reply.header('ETag', etag);
    const { ifNoneMatch } = readPreconditions(request.headers);
    if (failedPrecondition({ ifNoneMatch }, etag) !== undefined) {
      await reply.status(304).send();
      return;
    }
    await reply.type('application/octet-stream').send(content);
  }
}
