import { CliError, EXIT, type ExitCode } from '../cli-error.js';
import { mask } from '../output/masked.js';
import type { HttpAnswer } from '../../http/client/http-client.js';

const EXIT_OF: Readonly<Record<number, ExitCode>> = {
  401: EXIT.denied,
  403: EXIT.denied,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
  429: EXIT.unreachable,
  502: EXIT.unreachable,
  503: EXIT.unreachable,
  504: EXIT.unreachable,
};

const ADVICE: Readonly<Record<number, string>> = {
  401: 'Check the credentials and the project.',
  429: 'Try again later.',
  503: 'Try again later.',
};

/** An unsuccessful response. */
export class Refused extends CliError {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message, EXIT_OF[status] ?? EXIT.failed);
    this.name = 'Refused';
  }
}

/** The refusal in a response, with the server's message: a fault of Nova or Keystone, or the text it sent. */
export function refusal(answer: HttpAnswer, what: string): Refused {
  const advice = isAboutMethods(answer) ? undefined : ADVICE[answer.status];
  const message = `${what}: ${sentence(messageIn(answer) ?? `the server answered ${answer.status}`)}`;
  return new Refused(answer.status, advice === undefined ? message : `${message} ${advice}`);
}

/** Whether a log-in failed by its form: Keystone adds the methods that there are, and its message names the cause. */
function isAboutMethods({ json }: HttpAnswer): boolean {
  const { error } = (json ?? {}) as { error?: { identity?: unknown } };
  return error?.identity !== undefined;
}

/** Nova wraps `message` under a name of the fault, Keystone under `error`. */
function messageIn({ json }: HttpAnswer): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const [fault] = Object.values(json);
  const { message } = (typeof fault === 'object' && fault !== null ? fault : json) as { message?: unknown };
  return typeof message === 'string' ? message : undefined;
}

// A server may send any text, and quote the request; only one line of printable text reaches the terminal.
function sentence(text: string): string {
  const line = mask(text)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
