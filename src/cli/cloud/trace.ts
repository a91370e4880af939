import { MASK, mask } from '../output/masked.js';
import type { HttpAnswer, HttpRequest } from '../../http/client/http-client.js';

const SECRET_HEADERS = /^(x-auth-token|x-subject-token|openstack-auth-receipt|authorization|set-cookie)$/i;
const SECRET_FIELDS = new Set(['password', 'passcode', 'secret', 'private_key', 'adminPass', 'user_data', 'signature']);
/** Data for guests, which may hold passwords for agents, such as `admin_pass`. */
const SECRET_OBJECTS = new Set(['metadata', 'vendor_data']);

/** Writes a request for `--debug`, with secrets masked. */
export function traceRequest(
  { method, url, rawPath, headers = {}, body }: HttpRequest,
  write: (line: string) => void,
): void {
  // A server may have redirected to a URL that quotes something.
  write(`> ${method} ${url.origin}${rawPath ?? url.pathname}${mask(url.search)}`);
  for (const [name, value] of Object.entries(headers)) write(`> ${name}: ${SECRET_HEADERS.test(name) ? MASK : value}`);
  if (body !== undefined) write(`> ${format(body)}`);
}

/** Writes a response. */
export function traceAnswer({ status, headers, bytes, json }: HttpAnswer, write: (line: string) => void): void {
  write(`< ${status}`);
  for (const [name, value] of Object.entries(headers)) {
    write(`< ${name}: ${SECRET_HEADERS.test(name) ? MASK : mask(String(value))}`);
  }
  if (bytes.length > 0) write(`< ${json === undefined ? `${bytes.length} bytes` : format(json, mask)}`);
}

/** JSON without the fields that hold secrets; `quoted` shows other texts. */
function format(body: unknown, quoted: (text: string) => string = (text) => text): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (SECRET_OBJECTS.has(key) || (typeof value === 'string' && SECRET_FIELDS.has(key))) return MASK;
    // A token to sign in with is `{"id": ...}`; the one that Keystone describes in an answer has no id.
    if (key === 'token' && typeof value === 'object' && value !== null && 'id' in value) return { ...value, id: MASK };
    return typeof value === 'string' ? quoted(value) : value;
  });
}
