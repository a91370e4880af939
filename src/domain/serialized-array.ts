/**
 * A JSON array that is written already, in UTF-8: the items, with commas between them, in parts. The database writes long lists
 * faster than this process could; views place the value like any other, and `writeJson` alone looks inside.
 */
export class SerializedArray {
  static readonly EMPTY = new SerializedArray([]);

  constructor(readonly parts: readonly Buffer[]) {}
}
