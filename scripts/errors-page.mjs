// Prints docs/errors.md from the tables of codes that the service itself uses.
import { KEY_REFUSALS } from '../dist/src/crypto/invalid-key.js';
import { ERRORS } from '../dist/src/domain/domain-error.js';
import { FAULTS, UNFORESEEN } from '../dist/src/http/faults/faults.js';
import { BODY_LIMIT } from '../dist/src/http/faults/http-errors.js';
import { KEYSTONE_FAULTS } from '../dist/src/http/faults/keystone-fault.js';
import { BROKEN_REQUESTS, INVALID_HTTP } from '../dist/src/http/listener/broken-request.js';
import { REFUSALS } from '../dist/src/metadata/refusal.js';

const COLUMNS = ['code', 'meaning', 'what to do'];

const code = (text) => `\`${text}\``;

function table(titles, rows) {
  const lines = [titles, titles.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** The page, in Markdown. */
export function errorsPage() {
  const faults = Object.entries(FAULTS)
    .toSorted(([, a], [, b]) => a.code - b.code)
    .flatMap(([kind, { code: status, name, meaning }]) => {
      const errors = Object.entries(ERRORS).filter(([, error]) => error.kind === kind);
      return [
        `### ${status} ${code(name)}${kind === 'over-quota' ? ', over quota' : ''}`,
        meaning,
        table(
          COLUMNS,
          errors.map(([error, each]) => [code(error), each.meaning, each.remedy]),
        ),
      ];
    });
  return [
    '# Errors',
    'Every refusal by its code, printed by `npm run generate` from the tables in the source. The log line of a request has the code, and ' +
      '`latchkey_refusals_total` counts by it. Each answer of the API has an `X-OpenStack-Request-Id`: find its log lines by that id.',
    '## The compute API and guests',
    'The form is `{"itemNotFound": {"code": 404, "message": "..."}}`. A 401 has the form of the Identity API below.',
    ...faults,
    `### ${UNFORESEEN.code} ${code(UNFORESEEN.name)}`,
    UNFORESEEN.meaning,
    '### 404 and 413 without a fault',
    `Where no route has the path, and where a body has more than ${BODY_LIMIT} bytes, the answer is text, HTML or JSON by the Accept of ` +
      'the client: `404 Not Found`, `413 Request Entity Too Large`. Check the path and its microversion; send less.',
    '### Invalid HTTP',
    'Answered before there is a route, in the form of a fault and without an id. Look at the client, or the proxy in front.',
    table(
      ['status', 'message'],
      [INVALID_HTTP, ...Object.values(BROKEN_REQUESTS)].map(({ status, message }) => [status, message]),
    ),
    '## Keys that are refused',
    '400 `badRequest`. The message begins as that of Nova, `Keypair data is invalid: failed to generate fingerprint: <reason>`, for ' +
      'certificates `Keypair data is invalid: failed to generate X509 fingerprint. Error message: <reason>`; the reason ends with what to ' +
      'do. `latchkey keypair check FILE` prints the reason without a service.',
    table(
      COLUMNS,
      Object.entries(KEY_REFUSALS).map(([refusal, [meaning, remedy]]) => [code(refusal), meaning, remedy]),
    ),
    '## The built-in identity',
    'The form is Keystone\'s, `{"error": {"code": 401, "title": "Unauthorized", "message": "..."}}`.',
    table(
      ['status', ...COLUMNS],
      Object.entries(KEYSTONE_FAULTS).map(([fault, { status, meaning, remedy }]) => [
        String(status),
        code(fault),
        meaning,
        remedy,
      ]),
    ),
    '## The metadata service',
    'Plain text, which agents pass on: the status with its title, and a message.',
    table(
      ['status', 'meaning', 'what to do'],
      Object.entries(REFUSALS).map(([status, { title, meaning, remedy }]) => [`${status} ${title}`, meaning, remedy]),
    ),
    '',
  ].join('\n\n');
}
