import { resolve } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';

// The compiler reads the whole source several times.
jest.setTimeout(120_000);

const DOMAIN = 'src/domain/keypair-type.ts';
const SERVICE = 'src/crypto/key-types.ts';
const COMMAND_LINE = 'src/cli/keys/pair-types.ts';

/** An edit of a source file that only the compiler sees. */
type Edit = readonly [before: string, after: string];

const THIRD_TYPE: Edit = ["X509 = 'x509',", "X509 = 'x509',\n  Pgp = 'pgp',"];
const SERVICE_ENTRY: Edit = [
  '[KeypairType.X509]: X509_KEY_TYPE,',
  '[KeypairType.X509]: X509_KEY_TYPE,\n  [KeypairType.Pgp]: { ...SSH_KEY_TYPE },',
];
const COMMAND_LINE_ENTRY: Edit = [
  '  [KeypairType.X509]: {',
  `  [KeypairType.Pgp]: {
    since: '2.99', title: 'A PGP keypair', defaultAlgorithm: 'rsa', isCertificate: false,
    makePair: () => Promise.reject(new Error('none')), printed: (key) => key, describe: () => ({}),
  },
  [KeypairType.X509]: {`,
];

const { options, fileNames } = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)).config,
  ts.sys,
  '.',
  { noEmit: true, incremental: false, composite: false },
);
const parsed = new Map<string, ts.SourceFile>();
let last: ts.Program | undefined;

/** Where the compiler finds an error with these edits, in all files or in one, and the name in it: `src/crypto/key-types.ts: Pgp`. */
function errorsWith(edits: Readonly<Record<string, Edit>>, only?: string): string[] {
  const edited = new Map(Object.entries(edits).map(([file, edit]) => [resolve(file), edit]));
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, languageVersion) => {
    const edit = edited.get(resolve(file));
    if (edit === undefined) {
      if (!parsed.has(file)) parsed.set(file, read(file, languageVersion)!);
      return parsed.get(file);
    }
    const text = ts.sys.readFile(file)!;
    expect(text).toContain(edit[0]);
    return ts.createSourceFile(
      file,
      text.replace(edit[0], () => edit[1]),
      languageVersion,
      true,
    );
  };
  last = ts.createProgram({ rootNames: fileNames, options, host, ...(last && { oldProgram: last }) });
  const checked = only === undefined ? undefined : last.getSourceFile(resolve(only))!;
  return ts.getPreEmitDiagnostics(last, checked).map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    const missing = /'(\[KeypairType\.Pgp\]|\w+)' is missing/.exec(text)?.[1];
    return `${file?.fileName.slice(resolve('.').length + 1)}: ${missing ?? text}`;
  });
}

describe('a third key type', () => {
  it('is missing from the table of the service and that of the command line, and from no other place', () => {
    expect(errorsWith({ [DOMAIN]: THIRD_TYPE })).toEqual([
      `${COMMAND_LINE}: [KeypairType.Pgp]`,
      `${SERVICE}: [KeypairType.Pgp]`,
    ]);
  });

  it('is complete with one entry in each', () => {
    const edits = { [DOMAIN]: THIRD_TYPE, [SERVICE]: SERVICE_ENTRY, [COMMAND_LINE]: COMMAND_LINE_ENTRY };
    expect(errorsWith(edits)).toEqual([]);
  });

  it.each([
    'matches',
    'refusalPrefix',
    'inspect',
    'describe',
    'fingerprintKind',
    'fingerprintOf',
    'showSha256',
    'generate',
    'algorithmOf',
    'forGuest',
    'metadataMember',
    'metadataValue',
    'isInEc2',
    'endOf',
  ])('does not compile without %s', (member) => {
    const [before, after] = SERVICE_ENTRY;
    const without = after.replace('{ ...SSH_KEY_TYPE }', `(({ ${member}, ...others }) => others)(SSH_KEY_TYPE)`);
    const edits = { [DOMAIN]: THIRD_TYPE, [SERVICE]: [before, without], [COMMAND_LINE]: COMMAND_LINE_ENTRY } as const;
    expect(errorsWith(edits, SERVICE)).toEqual([`${SERVICE}: ${member}`]);
  });
});
