import { Delete, Get, Head, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Audit } from '../../../audit/audit.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { type KeystoneCode, KeystoneFault, notFound } from '../../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../../http/api-request.js';
import { AnswersWith, withContract, Errors } from '../../../http/shapes/contract.js';
import { readQuery } from '../../../http/shapes/query.js';
import { BaseUrl } from '../../../http/base-url.js';
import { Access, actorOf } from '../access.js';
import { type AuthRequest, readAuthRequest } from './auth-request.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import * as show from '../identity.view.js';
import { LogIn, LogInRefused, MoreMethodsRequired } from './log-in.js';
import { type Grant, Tokens } from './tokens.js';

const { Body, Response } = withContract(() => identityApi);

const Subject = (): MethodDecorator =>
  ApiHeader({ name: 'X-Subject-Token', required: true, description: 'The token to show, check or revoke.' });
const NoCatalog = (): MethodDecorator =>
  ApiQuery({
    name: 'nocatalog',
    required: false,
    type: String,
    allowEmptyValue: true,
    description: 'Omits the catalog.',
  });

const RECEIPT_HEADER = 'openstack-auth-receipt';

/** Why a log-in was refused that named no user. */
const REASONS: Partial<Record<KeystoneCode, string>> = { forbidden: 'delegated', 'too-many-failures': 'throttled' };

/** Log-in, and tokens: show, check and revoke. */
@IdentityController('v3/auth/tokens')
@ApiTags('tokens')
export class TokensController {
  constructor(
    private readonly logIn: LogIn,
    private readonly tokens: Tokens,
    private readonly access: Access,
    private readonly baseUrl: BaseUrl,
    private readonly audit: Audit,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(201)
  @Body('logInBody')
  @Response('tokenReply')
  @NoCatalog()
  @ApiHeader({
    name: 'Openstack-Auth-Receipt',
    required: false,
    description: 'The receipt of a log-in with another required method, valid for five minutes.',
  })
  @AnswersWith('X-Subject-Token')
  @Errors('log-in', 'forbidden', 'too-many')
  @ApiOperation({ operationId: 'logIn', summary: 'Log in; the header X-Subject-Token has the token' })
  async create(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const challenge = this.access.challenge(request);
    const body = readAuthRequest(request.body, challenge);
    const [token, grant] = await this.logIn
      .tokenFor(body, { address: request.ip, challenge, receipt: String(request.headers[RECEIPT_HEADER] ?? '') })
      .catch((error: unknown) => {
        this.auditRefusal(request, error);
        throw error;
      });
    this.auditLogIn(request, grant, body);
    void reply.header('X-Subject-Token', token);
    return this.tokenBody(grant, request);
  }

  @Get()
  @Response('tokenReply')
  @Subject()
  @NoCatalog()
  @AnswersWith('X-Subject-Token')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showToken', summary: 'Show a token' })
  async show(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const [token, grant] = await this.subject(request, 'validate_token');
    void reply.header('X-Subject-Token', token);
    return this.tokenBody(grant, request);
  }

  @Head()
  @Subject()
  @AnswersWith('X-Subject-Token')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'checkToken', summary: 'Check a token' })
  async check(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const [token] = await this.subject(request, 'check_token');
    void reply.header('X-Subject-Token', token);
  }

  @Delete()
  @HttpCode(204)
  @Subject()
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'revokeToken', summary: 'Revoke a token' })
  async revoke(@Req() request: ApiRequest): Promise<void> {
    const [, grant, holder] = await this.subject(request, 'revoke_token');
    await this.tokens.revoke(grant);
    const { user, auditIds } = grant;
    const change = { action: 'token.revoke', owner: user.id, name: auditIds[0] };
    this.audit.recordBy(actorOf(holder, request), change, request.id);
  }

  /** The token of X-Subject-Token, for an administrator, a service, or its own user. */
  private async subject(
    request: ApiRequest,
    action: 'validate_token' | 'check_token' | 'revoke_token',
  ): Promise<[string, Grant, Grant]> {
    const holder = await this.access.holder(request);
    const token = String(request.headers['x-subject-token'] ?? '');
    const grant = await this.tokens.read(token);
    // A caller who may not read the token gets the same answer whether or not it is valid.
    this.access.require(holder, `identity:${action}`, grant?.user.id === holder.user.id);
    if (!grant) throw notFound('the token');
    return [token, grant, holder];
  }

  private auditLogIn(request: ApiRequest, grant: Grant, { proofs }: AuthRequest): void {
    const { user, auditIds } = grant;
    const kind = proofs.map(({ method }) => method).join('+');
    const change = { action: 'login', owner: user.id, name: auditIds[0], kind };
    this.audit.recordBy(actorOf(grant, request), change, request.id);
  }

  /** Audits a refused log-in, which has no authenticated actor. */
  private auditRefusal(request: ApiRequest, error: unknown): void {
    if (!(error instanceof KeystoneFault)) return;
    const { reason, userId } =
      error instanceof LogInRefused || error instanceof MoreMethodsRequired
        ? error
        : { reason: REASONS[error.code], userId: undefined };
    const change = { action: 'login.refuse', owner: userId, name: undefined, reason };
    this.audit.recordBy({ from: request.ip }, change, request.id);
  }

  private tokenBody(grant: Grant, request: ApiRequest): object {
    const wantsCatalog = readQuery(request.url).nocatalog === undefined;
    return show.showToken(
      grant,
      wantsCatalog ? show.catalog(this.baseUrl.of(request), this.config.identityRegion) : undefined,
    );
  }
}
