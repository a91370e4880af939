import { t } from './language.js';
import { credentials, onUnauthorized } from './session.js';

/** An answer that refuses, in the words of the service. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

type Headers = Readonly<Record<string, string>>;

/** Sends a request to the API, as seen from the page. Throws {@link Refusal}, also if there is no answer. */
export async function send<T = unknown>(
  method: string,
  path: string,
  body?: object,
  headers: Headers = {},
): Promise<Answer<T>> {
  const answer = await exchange(method, path, body, headers);
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

/** The bytes of an answer. Throws {@link Refusal}. */
export async function download(path: string, headers: Headers): Promise<Blob> {
  return (await exchange('GET', path, undefined, headers)).blob();
}

async function exchange(method: string, path: string, body: object | undefined, more: Headers): Promise<Response> {
  const headers = {
    ...credentials(),
    ...(body && { 'Content-Type': 'application/json' }),
    ...more,
  };
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: 'omit',
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refusal(0, t('error.offline'));
  }
  if (answer.ok) return answer;
  if (answer.status === 401) {
    onUnauthorized();
    throw new Refusal(401, t('error.expired'));
  }
  throw new Refusal(answer.status, await messageOf(answer));
}

/** The sentence of a fault, whatever it is wrapped in. */
export async function messageOf(answer: Response): Promise<string> {
  try {
    const [fault] = Object.values((await answer.json()) as Record<string, { message?: string }>);
    if (typeof fault?.message === 'string') return fault.message;
  } catch {
    // A proxy may answer with a page.
  }
  return t('error.status', { status: answer.status });
}
