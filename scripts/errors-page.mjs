// Prints docs/errors.md: every refusal, read off the source with the TypeScript compiler, beside the table of faults. A message
// that is added to the source is on the page, under its own words, without anybody writing it here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { KEY_REFUSALS } from '../dist/src/crypto/invalid-key.js';
import { FAULTS, UNFORESEEN } from '../dist/src/http/faults/faults.js';
import { BODY_LIMIT } from '../dist/src/http/faults/http-errors.js';

const SOURCES = readdirSync('src', { recursive: true })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.startsWith('cli/'))
  .toSorted((a, b) => (a < b ? -1 : 1))
  .map((path) => {
    const file = join('src', path);
    return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  });

const within = (node, visit) => {
  visit(node);
  ts.forEachChild(node, (child) => within(child, visit));
};

/** Every node of the sources under a folder that is of a kind. */
function nodesIn(folder, isKind) {
  const found = [];
  for (const source of SOURCES.filter(({ fileName }) => fileName.startsWith(folder))) {
    within(source, (node) => isKind(node) && found.push(node));
  }
  return found;
}

/** What names stand for: `LONGEST_TEXT` is a number that messages tell. */
const VALUES = nodesIn('src', ts.isVariableDeclaration).flatMap(({ name, initializer }) =>
  initializer ? [{ name: name.getText(), file: name.getSourceFile().fileName, initializer }] : [],
);

/** The value of a constant; of a local name only where its file has no other of that name. */
function constant(node) {
  const named = VALUES.filter(({ name }) => name === node.getText());
  const own = named.filter(({ file }) => file === node.getSourceFile().fileName);
  const found = own.length > 0 || !/^[A-Z_]+$/.test(node.getText()) ? own : named;
  return found.length === 1 ? found[0].initializer : undefined;
}

/** The messages that an expression may be, with `<what>` where a value is put in; none where that cannot be told. */
function messages(node) {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(({ expression, literal }) => placeholder(expression) + literal.text);
    return [node.head.text + parts.join('')];
  }
  if (ts.isParenthesizedExpression(node)) return messages(node.expression);
  if (ts.isConditionalExpression(node)) {
    return [node.whenTrue, node.whenFalse].flatMap((each) => (isText(each) ? messages(each) : [placeholder(each)]));
  }
  if (isSum(node)) {
    const ends = messages(node.right);
    return messages(node.left).flatMap((start) => ends.map((end) => start + end));
  }
  if (ts.isIdentifier(node)) {
    const value = constant(node);
    return value ? messages(value) : [];
  }
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'message') return ['<message>'];
  return [];
}

const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || isSum(node);

/** What stands in a message for a value: the value itself where it is always the same. */
function placeholder(node) {
  const value = ts.isIdentifier(node) ? constant(node) : undefined;
  if (value && /^[\d_ *]+$/.test(value.getText())) {
    return String(
      value
        .getText()
        .replaceAll('_', '')
        .split('*')
        .reduce((product, each) => product * Number(each), 1),
    );
  }
  const texts = value ? messages(value) : [];
  if (texts.length === 1) return texts[0];
  if (ts.isPropertyAccessExpression(node)) return `<${node.name.text}>`;
  if (ts.isBinaryExpression(node)) return '<number>';
  if (ts.isCallExpression(node) && node.arguments.length > 0) return placeholder(node.arguments[0]);
  return `<${/[A-Za-z]+/.exec(node.getText())?.[0] ?? 'value'}>`;
}

/** The sentences that stand above a class. */
function told(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = ts.getTextOfJSDocComment(comment?.comment) ?? '';
  return text.replaceAll(/\s+/g, ' ').trim();
}

const isCallOf =
  (...names) =>
  (node) =>
    ts.isCallExpression(node) && names.includes(node.expression.getText());
const isMade = (name) => (node) => ts.isNewExpression(node) && node.expression.getText() === name;

/** The errors of the domain: the message is given to `super`, or where one is made. */
function domainErrors() {
  const classes = nodesIn('src', ts.isClassDeclaration).filter(({ heritageClauses }) =>
    heritageClauses?.some((clause) => /extends DomainError/.test(clause.getText())),
  );
  const ofClasses = classes.flatMap((each) => {
    const [call] = nodesUnder(each, isCallOf('super'));
    const [kind, message] = call.arguments;
    const own = messages(message);
    // Those of keys and shapes have chapters of their own.
    const isGiven = own.length === 0 && !/Invalid(Key|Shape)/.test(each.name.text);
    const texts = isGiven
      ? nodesIn('src', isMade(each.name.text)).flatMap(({ arguments: [text] }) => messages(text))
      : own;
    return texts.map((text) => ({ kind: kind.text, text, when: told(each) }));
  });
  const made = nodesIn('src', isMade('DomainError')).flatMap(({ arguments: [kind, message] }) =>
    messages(message).map((text) => ({ kind: kind.text, text, when: '' })),
  );
  return [...ofClasses, ...made];
}

function nodesUnder(root, isKind) {
  const found = [];
  within(root, (node) => isKind(node) && found.push(node));
  return found;
}

/** Texts that are given back as what is wrong. */
function sentencesIn(folder) {
  const isSentence = (node) => {
    const { parent } = node;
    if (!isText(node) || !parent || isSum(parent)) return false;
    if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
    return ts.isReturnStatement(parent) || ts.isConditionalExpression(parent) || ts.isVariableDeclaration(parent);
  };
  const texts = nodesIn(folder, isSentence).flatMap(messages);
  return [...new Set(texts)].filter(
    (text) => (text.split(' ').length > 5 || text.endsWith('.')) && !text.includes('\n'),
  );
}

const isSum = (node) => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

const isComplaint = (node) => ts.isPropertyAssignment(node) && node.name.getText() === 'says';
const siblingOf = ({ parent }, name) => parent.properties.find((each) => each.name?.getText() === name);

/** What shapes complain of: the end of a sentence that begins with the property and its value. */
function complaints() {
  const inside = ['src/http/shapes', 'src/keypairs', 'src/quotas', 'src/guests'].flatMap((folder) =>
    nodesIn(folder, isComplaint).filter((node) => !siblingOf(node, 'from') && !siblingOf(node, 'status')),
  );
  const others = ['src/guests/guest-rules.ts', 'src/keypairs/keypair-name.ts'].flatMap((file) => sentencesIn(file));
  const texts = inside.flatMap(({ initializer }) => messages(initializer)).concat(others);
  return [...new Set(texts)].filter((text) => text.includes(' ') && !text.endsWith('<says>'));
}

/** What Node's HTTP parser refuses, before there is a request. */
function brokenRequests() {
  return nodesIn('src/http/listener', isComplaint)
    .filter((node) => siblingOf(node, 'status'))
    .map((node) => [messages(siblingOf(node, 'status').initializer)[0], code(messages(node.initializer)[0])]);
}

/** The refusals of the built-in identity and of the metadata service, which have forms of their own. */
function identityRefusals() {
  const made = nodesIn('src', isMade('KeystoneFault')).map(({ arguments: [status, , message] }) => [status, message]);
  const supers = nodesIn('src/identity', isCallOf('super'))
    .filter(({ arguments: [status] }) => status && ts.isNumericLiteral(status))
    .map(({ arguments: [status, , message] }) => [status, message]);
  const plain = [...made, ...supers]
    .filter(([status]) => ts.isNumericLiteral(status))
    .flatMap(([status, message]) => messages(message).map((text) => [Number(status.text), text]));
  const malformed = nodesIn('src/identity/builtin/auth-request.ts', isCallOf('malformed')).flatMap((call) =>
    messages(call.arguments[0]).map((text) => [400, text]),
  );
  const nobody = nodesIn('src/identity', isCallOf('unauthorized')).flatMap(({ arguments: [, message] }) =>
    message ? messages(message).map((text) => [401, text]) : [],
  );
  const usual = nodesIn('src/http/faults/keystone-fault.ts', ts.isParameter).flatMap(({ initializer }) =>
    initializer ? messages(initializer).map((text) => [401, text]) : [],
  );
  return unique([...usual, ...nobody, ...malformed, ...plain].filter(([, text]) => !text.startsWith('<says>')));
}

function metadataRefusals() {
  return unique(
    nodesIn('src/metadata', isMade('Refusal')).flatMap(({ arguments: [status, message] }) =>
      messages(message).map((text) => [Number(status.getText()), text]),
    ),
  );
}

const unique = (rows) => [...new Map(rows.map((row) => [row.join(' '), row])).values()].toSorted(([a], [b]) => a - b);

const cell = (text) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
const code = (text) => `\`${cell(text).replaceAll('`', "'")}\``;

function table(titles, rows) {
  return [
    `| ${titles.join(' | ')} |`,
    `| ${titles.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

const METADATA_REMEDIES = {
  400: 'A guest sends none of these by itself; look at the agent or proxy in front.',
  403: 'Give the agent of Neutron and METADATA_SHARED_SECRET the same secret.',
  404: 'Register the guest with this address, in the network of this listener; or ask for a path that it has.',
  409: 'Nothing: a password is left once.',
  500: 'Look at the log of the service.',
  503: 'Agents try again by themselves.',
};
const IDENTITY_REMEDIES = {
  400: 'Send the body that the message asks for; the document of the Identity API has an example.',
  401: 'Check user, password, token and scope: which of them is wrong is not told.',
  403: 'Ask as an administrator, or about yourself.',
  404: 'Look at the list for the name or id.',
  429: 'Wait as many seconds as Retry-After says, and use the right password.',
};

/** The page, in Markdown. */
export function errorsPage() {
  const errors = domainErrors();
  const faults = [...Object.entries(FAULTS), ['unforeseen', UNFORESEEN]].toSorted(([, a], [, b]) => a.code - b.code);
  const sections = faults.flatMap(([kind, { code: status, name, says, remedy }]) => {
    const rows = errors.filter((each) => each.kind === kind).map(({ text, when }) => [code(text), cell(when)]);
    return [
      `### ${status} \`${name}\`${kind === 'over-quota' ? ', over quota' : ''}`,
      says,
      `**What to do:** ${remedy}`,
      ...(rows.length > 0 ? [table(['message', 'when'], rows)] : []),
    ];
  });
  return [
    '# Errors',
    'Every refusal: its status, its name, what it says and what to do about it. Printed by `npm run generate` from the source, so a ' +
      'message that is not here is not given. `<name>` stands for a value of the request.',
    'Each answer of the API has an `X-OpenStack-Request-Id`; the log of the service has more under it.',
    '## Faults of the compute API and of guests',
    'In the form `{"itemNotFound": {"code": 404, "message": "..."}}`. A 401 has the form of the Identity API below.',
    ...sections,
    '### 404 and 413, in plain words',
    `Where no route has the path, and where a body has more than ${BODY_LIMIT} bytes, the answer is text, HTML or JSON by what the ` +
      'client accepts, and no fault: `404 Not Found`, `413 Request Entity Too Large`.',
    '**What to do:** check the path and its microversion; send less.',
    '### What is no request',
    'Told before there is a route, in the form of a fault, and without an id.',
    table(['status', 'message'], brokenRequests()),
    '**What to do:** look at the client, or the proxy in front.',
    '## Bodies and queries that are not as they should be',
    '400 `badRequest`. The message begins with the property and what was sent: `Invalid input for field/attribute <name>. ' +
      'Value: <value>. <reason>`, or `Invalid input for query parameters ...`. The reasons:',
    complaints()
      .map((text) => `- ${code(text)}`)
      .join('\n'),
    '**What to do:** send what the OpenAPI document of the microversion says; each has an example.',
    '## Keys that are refused',
    '400 `badRequest`. The message begins as that of Nova, `Keypair data is invalid: failed to generate fingerprint: <reason>`, for ' +
      'certificates `Keypair data is invalid: failed to generate X509 fingerprint. Error message: <reason>`; the end of the reason ' +
      'is what to do. `latchkey keypair check FILE` tells the same without a service. `latchkey_refusals_total` counts refusals by these codes:',
    table(
      ['code', 'meaning', 'what to do'],
      Object.entries(KEY_REFUSALS).map(([refusal, [meaning, remedy]]) => [code(refusal), meaning, remedy]),
    ),
    '## The built-in identity',
    'In the form of Keystone, `{"error": {"code": 401, "title": "Unauthorized", "message": "..."}}`. A message of 400 ends as there: ' +
      '`The server could not comply with the request since ...`. What is unavailable or unforeseen is told as above, 503 in this form.',
    table(
      ['status', 'message', 'what to do'],
      identityRefusals().map(([status, text]) => [status, code(text), IDENTITY_REMEDIES[status] ?? '']),
    ),
    '## The metadata service',
    'In plain text, so that agents pass it on: the status with its title, and what it says.',
    table(
      ['status', 'message', 'what to do'],
      metadataRefusals().map(([status, text]) => [status, code(text), METADATA_REMEDIES[status]]),
    ),
    '',
  ].join('\n\n');
}
