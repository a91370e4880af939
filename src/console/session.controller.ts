import { Controller, Delete, Get, HttpCode, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ApiRequest } from '../http/api-request.js';
import { BaseUrl } from '../http/base-url.js';
import { unauthorized, keystoneChallenge } from '../http/faults/keystone-fault.js';
import { readBody, readText } from '../identity/builtin/body.js';
import { OwnPageGuard } from './own-page.guard.js';
import { SealedCookie, type SealedSession } from './sealed-cookie.js';
import { type MoreMethods, type Session, Sessions } from './sessions.js';

/** The path under which the browser reached the page, which may be that of a proxy. */
const PATH_HEADER = 'x-console-path';
const OWN_PATH = /^(?:\/[\w~-][\w.~-]{0,63}){0,8}\/console$/;

/**
 * The session of a browser. The token is in the memory of the page and, sealed, in a cookie that lets a reload find it again. The cookie
 * is for this path alone and no API reads it, so no other page can act with it.
 */
@ApiExcludeController()
@Controller('console/session')
@UseGuards(OwnPageGuard)
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookie: SealedCookie,
    private readonly baseUrl: BaseUrl,
  ) {}

  @Post()
  @HttpCode(201)
  async logIn(
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session | MoreMethods> {
    const outcome = await this.sessions.logIn(readBody(request.body), request.ip);
    if ('receipt' in outcome) {
      reply.status(401).header('WWW-Authenticate', this.challenge(request));
      return outcome;
    }
    return this.remember(outcome, request, reply);
  }

  /** 204 if there is no session, or no longer. */
  @Get()
  async show(
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session | undefined> {
    const sealed = this.sealedIn(request);
    const session = sealed && (await this.sessions.show(sealed.token, request.ip));
    if (session) return session;
    if (sealed) this.forget(request, reply);
    reply.status(204);
    return undefined;
  }

  /** Continues in another project. The token of the page counts: that of the cookie may be of another tab. */
  @Put()
  async rescope(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Session> {
    const project = readText(readBody(request.body), 'project', 'the session');
    const token = request.headers['x-auth-token'] ?? this.sealedIn(request)?.token;
    if (typeof token !== 'string') throw unauthorized(this.challenge(request));
    return this.remember(await this.sessions.rescope(token, project, request.ip), request, reply);
  }

  /** Revokes the token of the page, and that of the cookie. */
  @Delete()
  @HttpCode(204)
  async logOut(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { 'x-auth-token': ofPage } = request.headers;
    const tokens = new Set([ofPage, this.sealedIn(request)?.token]);
    this.forget(request, reply);
    void reply.header('Clear-Site-Data', '"cookies", "storage"');
    for (const token of tokens) if (typeof token === 'string') await this.sessions.end(token, request.ip);
  }

  private remember(session: Session, request: ApiRequest, reply: FastifyReply): Session {
    const expiresAt = Date.parse(session.expires_at);
    const sealed = this.cookie.seal({ token: session.token, expiresAt });
    const seconds = Math.max(0, Math.floor((expiresAt - Date.now()) / 1000));
    if (sealed === undefined) this.forget(request, reply);
    else this.setCookie(request, reply, `${sealed}; Max-Age=${seconds}`);
    return session;
  }

  private forget(request: ApiRequest, reply: FastifyReply): void {
    this.setCookie(request, reply, '; Max-Age=0');
  }

  private setCookie(request: ApiRequest, reply: FastifyReply, value: string): void {
    const path = request.headers[PATH_HEADER];
    const own = typeof path === 'string' && OWN_PATH.test(path) ? path : '/console';
    const secure = this.isSecure(request) ? '; Secure' : '';
    void reply.header(
      'Set-Cookie',
      `${this.cookieName(request)}=${value}; Path=${own}; HttpOnly; SameSite=Strict${secure}`,
    );
  }

  private sealedIn(request: ApiRequest): SealedSession | undefined {
    const name = `${this.cookieName(request)}=`;
    const pairs = (request.headers.cookie ?? '').split(';').map((each) => each.trim());
    const found = pairs.find((each) => each.startsWith(name));
    return found === undefined ? undefined : this.cookie.open(found.slice(name.length));
  }

  /** Browsers keep a cookie with this prefix only if it came over TLS (RFC 6265bis, 4.1.3). */
  private cookieName(request: ApiRequest): string {
    return this.isSecure(request) ? '__Secure-latchkey' : 'latchkey';
  }

  private challenge(request: ApiRequest): string {
    return keystoneChallenge(`${this.baseUrl.of(request)}/identity`);
  }

  private isSecure(request: ApiRequest): boolean {
    return this.baseUrl.of(request).startsWith('https:');
  }
}
