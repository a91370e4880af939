// Fills a table with PostgreSQL's COPY, which is how millions of rows get in.
import { once } from 'node:events';

/** Lines that are sent together. */
const LINES = 1000;

/** Sends rows, each a list of values without tabs, line ends or backslashes, to `COPY table (columns) FROM STDIN`. */
export async function copyRows(client, into, rows) {
  await new Promise((resolve, reject) => client.query(new Copy(`COPY ${into} FROM STDIN`, rows, resolve, reject)));
}

/** The interface that pg requires of a custom query object (as in pg-query-stream). */
class Copy {
  constructor(text, rows, resolve, reject) {
    Object.assign(this, { text, rows, resolve, reject });
  }

  submit(connection) {
    connection.query(this.text);
  }

  handleCopyInResponse(connection) {
    this.send(connection).catch((error) => connection.sendCopyFail(error.message));
  }

  async send(connection) {
    let lines = [];
    const flush = async () => {
      connection.sendCopyFromChunk(Buffer.from(lines.join('')));
      lines = [];
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
    };
    for (const row of this.rows) {
      if (lines.push(`${row.join('\t')}\n`) === LINES) await flush();
    }
    await flush();
    connection.endCopyFrom();
  }

  handleCommandComplete() {}

  handleError(error) {
    this.reject(error);
  }

  handleReadyForQuery() {
    this.resolve();
  }
}
