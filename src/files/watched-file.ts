import { type StatsListener, unwatchFile, watchFile } from 'node:fs';

/** Between polls, which are used since notifications are lost on network file systems and bind mounts. */
const INTERVAL_MS = 2_000;

/** Calls `changed` after a file has changed. Returns a function that stops this. */
export function watchForChanges(path: string, changed: () => void): () => void {
  const listener: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) changed();
  };
  watchFile(path, { persistent: false, interval: INTERVAL_MS }, listener);
  return () => unwatchFile(path, listener);
}
