import fs from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { syncPath } from '../../files/sync.js';

type EngineOptions = Parameters<NodeFS['init']>[1];

/** The used part of Emscripten's NODEFS, the file system that passes calls on to Node. */
interface HostFiles {
  readonly stream_ops: { fsync?: (stream: OpenFile) => number };
  realPath(node: unknown): string;
  convertNodeCode(error: unknown): number;
}

interface OpenFile {
  readonly node: unknown;
  /** The file's descriptor in Node; undefined for a directory. */
  readonly nfd?: number;
}

/** Files of the host that reach the disk when PostgreSQL syncs them: NODEFS itself has no fsync and reports success. */
export class SyncedFiles extends NodeFS {
  override async init(database: PGlite, options: EngineOptions): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(database, options);
    const sync = (engine: unknown): void => {
      const { NODEFS: host, FS } = engine as { NODEFS: HostFiles; FS: { ErrnoError: new (code: number) => Error } };
      host.stream_ops.fsync = ({ node, nfd }) => {
        try {
          if (nfd === undefined) syncPath(host.realPath(node));
          else fs.fsyncSync(nfd);
          return 0;
        } catch (error) {
          throw new FS.ErrnoError(host.convertNodeCode(error));
        }
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun as []), sync] } };
  }
}
