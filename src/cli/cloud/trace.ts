import type { HttpAnswer, HttpRequest } from './http.js';

const MASK = '***';
const SECRET_HEADERS = /^(x-auth-token|x-subject-token|authorization|set-cookie)$/i;
const SECRET_FIELDS = new Set(['password', 'secret', 'private_key', 'adminPass', 'user_data', 'signature']);

/** Tells a request as `--debug` shows it, with secrets masked. */
export function traceRequest(
  { method, url, rawPath, headers = {}, body }: HttpRequest,
  tell: (line: string) => void,
): void {
  tell(`> ${method} ${url.origin}${rawPath ?? url.pathname}${url.search}`);
  for (const [name, value] of Object.entries(headers)) tell(`> ${name}: ${SECRET_HEADERS.test(name) ? MASK : value}`);
  if (body !== undefined) tell(`> ${masked(body)}`);
}

/** Tells an answer. */
export function traceAnswer({ status, headers, bytes, json }: HttpAnswer, tell: (line: string) => void): void {
  tell(`< ${status}`);
  for (const [name, value] of Object.entries(headers)) {
    tell(`< ${name}: ${SECRET_HEADERS.test(name) ? MASK : String(value)}`);
  }
  if (bytes.length > 0) tell(`< ${json === undefined ? `${bytes.length} bytes` : masked(json)}`);
}

function masked(body: unknown): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (typeof value === 'string' && SECRET_FIELDS.has(key)) return MASK;
    // A token to sign in with is `{"id": ...}`; the one that Keystone describes in an answer has no id.
    if (key === 'token' && typeof value === 'object' && value !== null && 'id' in value) return { ...value, id: MASK };
    return value;
  });
}
