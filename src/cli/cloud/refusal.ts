import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { mask } from '../output/masked.js';
import type { HttpAnswer } from '../../http/client/http-client.js';

const EXIT_OF: Readonly<Record<number, ExitCode>> = {
  401: EXIT.denied,
  403: EXIT.denied,
  404: EXIT.notFound,
  409: EXIT.conflict,
  429: EXIT.unreachable,
  502: EXIT.unreachable,
  503: EXIT.unreachable,
  504: EXIT.unreachable,
};

const ADVICE: Readonly<Record<number, string>> = {
  401: 'Check the user and the password or token.',
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
  const advice = ADVICE[answer.status];
  const message = `${what}: ${sentence(messageIn(answer) ?? `the server answered ${answer.status}`)}`;
  return new Refused(answer.status, advice === undefined ? message : `${message} ${advice}`);
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
