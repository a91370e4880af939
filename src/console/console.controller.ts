import { All, Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { type ApiRequest, pathOf } from '../http/api-request.js';
import { pageHeaders } from '../http/page-headers.js';
import { addVersion } from '../identity/keystone/keystone-client.js';
import { CONSOLE_FILES } from './console-files.js';

/** The settings that the page needs before the log-in. */
interface ConsoleSettings {
  /** How users log in. */
  readonly authMode: Config['authMode'];
  readonly hasSharedKeypairs: boolean;
  /** Whether the service signs SSH certificates. */
  readonly hasSshCa: boolean;
  /** Whether users set up one-time codes themselves. */
  readonly hasOneTimeCodes: boolean;
  /** Log-ins at Keystone, which the browser goes to. */
  readonly sso: readonly { readonly label: string; readonly url: string }[];
}

/** lit-html makes the page's elements, and nothing else may turn text into markup. */
export const POLICIES = ["require-trusted-types-for 'script'", 'trusted-types lit-html'];
/** Keys are copied to the clipboard; the page needs nothing else of the device. */
export const PERMISSIONS =
  'clipboard-write=(self), camera=(), display-capture=(), geolocation=(), microphone=(), usb=()';

/** Keystone as browsers reach it. */
export const keystoneOf = ({ consoleKeystoneUrl, keystoneAuthUrl }: Config): string =>
  addVersion(consoleKeystoneUrl ?? keystoneAuthUrl!);

/** The console: a page for people, whose requests need a token as always. */
@ApiExcludeController()
@Controller('console')
@UseGuards(pageHeaders(POLICIES, { 'Permissions-Policy': PERMISSIONS }))
export class ConsoleController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get('settings.json')
  settings(): ConsoleSettings {
    const { authMode, sharedKeypairs, sshCa, identityStore, consoleSso } = this.config;
    return {
      authMode,
      hasSharedKeypairs: sharedKeypairs !== 'off',
      hasSshCa: sshCa === 'on',
      hasOneTimeCodes: authMode === 'builtin' && identityStore === 'database',
      sso: consoleSso.map(({ label, path }) => ({
        label,
        url: `${keystoneOf(this.config)}/auth/OS-FEDERATION/${path}`,
      })),
    };
  }

  /** The page and its files; GET and HEAD are answered alike. */
  @All(['', '*'])
  async file(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer | undefined> {
    const path = pathOf(request);
    const name = path.replace(/^\/console\/?/, '');
    // The page names its files as seen from `/console`. A slash at the end is routed so: see routedUrl().
    if (name === '/-') {
      reply.status(308).header('Location', `../console${request.url.slice(path.length)}`);
      return undefined;
    }
    return CONSOLE_FILES.answer(name, request, reply);
  }
}
