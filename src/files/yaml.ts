import { parseDocument } from 'yaml';

const MAX_DEPTH = 32;

/** The value of a YAML text. Throws an error whose lines say what is wrong, also for texts that would exhaust the parser. */
export function readYaml(text: string): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: false });
    if (document.errors.length > 0) {
      throw new SyntaxError(document.errors.map(({ code, pos: [at] }) => `is no YAML: ${code} at ${at}`).join('\n'));
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    checkDepth(value, [], new Set());
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    // The parser recurses for nesting (RangeError), and counts what aliases expand to (ReferenceError).
    throw new SyntaxError('nests too deeply, or its aliases refer to too much', { cause: error });
  }
}

function checkDepth(value: unknown, within: readonly object[], done: Set<object>): void {
  if (typeof value !== 'object' || value === null || done.has(value)) return;
  if (within.length >= MAX_DEPTH || within.includes(value)) throw new RangeError();
  for (const each of Object.values(value)) checkDepth(each, [...within, value], done);
  done.add(value);
}
