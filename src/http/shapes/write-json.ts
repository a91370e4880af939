import { SerializedArray } from '../../domain/serialized-array.js';

const COMMA = Buffer.from(',');

/** The JSON of an answer. Its members, no deeper values, may be a {@link SerializedArray}. */
export function writeJson(value: unknown): string | Buffer {
  return holdsSerialized(value) ? join(value) : JSON.stringify(value);
}

function holdsSerialized(value: unknown): value is object {
  for (const member in value as object) {
    if ((value as Record<string, unknown>)[member] instanceof SerializedArray) return true;
  }
  return false;
}

function join(value: object): Buffer {
  const members = Object.entries(value).flatMap(([name, member], index) => {
    const start = Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    return [start, ...(member instanceof SerializedArray ? arrayOf(member) : [Buffer.from(JSON.stringify(member))])];
  });
  return Buffer.concat([...members, Buffer.from('}')]);
}

function arrayOf({ parts }: SerializedArray): Buffer[] {
  const separated = parts.flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]));
  return [Buffer.from('['), ...separated, Buffer.from(']')];
}
