/**
 * A JSON array that is already serialized: the items, separated by commas, in parts, each a text or its UTF-8. The database writes
 * long lists faster than this process could; views use the value like any other, and only `writeJson` looks inside.
 */
export class SerializedArray {
  static readonly EMPTY = new SerializedArray([]);

  constructor(readonly parts: readonly (string | Buffer)[]) {}
}
