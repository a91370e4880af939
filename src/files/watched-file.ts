import { type StatsListener, unwatchFile, watchFile } from 'node:fs';

/** Milliseconds between looks at a file. Polled, since notifications are lost on network file systems and bind mounts. */
const INTERVAL = 2_000;

/** Calls back when a file has changed. Returns the way to stop. */
export function watchForChanges(path: string, changed: () => void): () => void {
  const listener: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) changed();
  };
  watchFile(path, { persistent: false, interval: INTERVAL }, listener);
  return () => unwatchFile(path, listener);
}
