import { isScalar, parseDocument, visit } from 'yaml';

const MAX_DEPTH = 32;

/** The value of a YAML text. Throws a SyntaxError with a line for each problem, also for texts that would exhaust the parser. */
export function readYaml(text: string): unknown {
  try {
    // The parser compares each key of a mapping with all before it, which takes half a minute for 20,000.
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
    if (document.errors.length > 0) {
      throw new SyntaxError(document.errors.map(({ code, pos: [at] }) => `is no YAML: ${code} at ${at}`).join('\n'));
    }
    visit(document, { Map: (_, { items }) => checkUnique(items.map(({ key }) => key)) });
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    checkDepth(value, [], new Set());
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    // The parser recurses for nesting (RangeError), and counts what aliases expand to (ReferenceError).
    throw new SyntaxError('nests too deeply, or its aliases refer to too much', { cause: error });
  }
}

function checkUnique(keys: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const key of keys) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) throw new SyntaxError(`is no YAML: DUPLICATE_KEY at ${key.range?.[0]}`);
    seen.add(key.value);
  }
}

function checkDepth(value: unknown, within: readonly object[], done: Set<object>): void {
  if (typeof value !== 'object' || value === null || done.has(value)) return;
  if (within.length >= MAX_DEPTH || within.includes(value)) throw new RangeError();
  for (const each of Object.values(value)) checkDepth(each, [...within, value], done);
  done.add(value);
}
