// Values for requests: good ones, odd ones and junk.

export const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHW4GkZE1NCk8A2dRCMkUlZcJxpQ0MG9D5kIw3zJHrkF';

/** Bytes as Latin-1 text, mostly on one line. */
export function junk(random, length) {
  const text = Array.from({ length }, () => String.fromCharCode(random.below(256))).join('');
  return text.replaceAll(/[\r\n]/g, random.below(10) > 0 ? '_' : '\n');
}

/** Texts that templates, formats, replacements and property look-ups would interpret. */
const TOKENS = [
  '$value',
  '$property',
  '$target',
  '$constraint1',
  '$&',
  '$1',
  '%s',
  '%o',
  '{0}',
  '${x}',
  '__proto__',
  'constructor',
  'toString',
];

/** Such tokens, alone, quoted or repeated. */
const tokens = (random) =>
  random.pick(['', '"', "'", 'a/']) + random.pick(TOKENS).repeat(random.pick([1, 2, 300, 8000]));

/** A segment of a path, as it stands in a URL. */
export function segment(random) {
  return random.pick([
    'laptop',
    `k${random.below(100)}`,
    '%2e%2e',
    '..',
    '.',
    '%00',
    '%ff',
    '%',
    '%zz',
    '%C3%28',
    '%ED%A0%80',
    '%2F',
    '%252F',
    '\\..\\',
    ';a=b',
    '-',
    ':name',
    '*',
    'a'.repeat(300),
    'a'.repeat(random.below(20_000)),
    '%F0%9F%94%91',
    '__proto__',
    'constructor',
    encodeURIComponent(random.pick(TOKENS)),
    junk(random, 6),
  ]);
}

/** Any JSON value, and a few that are hard to handle. */
export function value(random) {
  return random.pick([
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    'x',
    ' ',
    '\0',
    '\ud800',
    '\u202e',
    'a'.repeat(random.below(2000)),
    'a'.repeat(70_000),
    [],
    {},
    [[[]]],
    { constructor: 1 },
    { toString: null, valueOf: 1 },
    { a: { b: {} } },
    Array.from({ length: random.below(200) }, () => 'x'),
    tokens(random),
    { [tokens(random)]: tokens(random) },
    junk(random, 12),
  ]);
}

export function query(random) {
  const names = [
    'limit',
    'marker',
    'user_id',
    'tenant_id',
    'reserved',
    'microversion',
    'name',
    '__proto__',
    random.pick(TOKENS),
    junk(random, 4),
  ];
  const values = [
    encodeURIComponent(random.pick(TOKENS)),
    '0',
    '-1',
    '1e9',
    '9'.repeat(20),
    '%00',
    '%ff',
    'a',
    '',
    '\x80',
    'x'.repeat(random.below(3000)),
  ];
  const one = () =>
    `${random.pick(names)}${random.pick(['=', '=', '', '==', '[]='])}${random.pick([...values, segment(random)])}`;
  return Array.from({ length: random.below(6) }, one).join(random.pick(['&', '&', ';', '&&', '?']));
}
