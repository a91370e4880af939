import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';

/** Disks write sectors of 512 bytes whole; larger writes may be torn. */
const SECTOR_BYTES = 512;

/** What happened to the files of a directory, in order. Files are numbered, since names change. */
type Event =
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'resize'; readonly file: number; readonly size: number }
  | { readonly kind: 'sync'; readonly file: number | undefined }
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'rmdir'; readonly path: string };

type PathLike = fs.PathLike | number;

/**
 * Records what this process does to the files of a directory with Node's synchronous calls, and recreates the directory as a power loss
 * leaves it. A synced file keeps everything written to it before; of what was not synced any sectors may be lost. Names are kept in
 * order up to the last call that synced, and some of the later ones, like in file systems with a journal.
 */
export class RecordedDisk {
  private readonly base: string;
  private readonly events: Event[] = [];
  private readonly initial: ReadonlyMap<string, number>;
  private readonly files = new Map<string, number>();
  private readonly opened = new Map<number, number>();
  private nextFile = 0;
  private copies = 0;

  constructor(
    private readonly directory: string,
    private readonly scratch: string,
  ) {
    this.base = join(scratch, 'base');
    execFileSync('cp', ['-R', directory, this.base]);
    for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) this.files.set(join(entry.parentPath, entry.name).slice(directory.length), this.nextFile++);
    this.initial = new Map(this.files);
  }

  /** The number of events so far: a moment at which power may be lost. */
  get moment(): number {
    return this.events.length;
  }

  /** Records until `jest.restoreAllMocks`. */
  record(): void {
    const { events, files, opened } = this;
    const after = (
      name: 'renameSync' | 'unlinkSync' | 'mkdirSync' | 'rmdirSync',
      note: (path: string, to: string | undefined) => void,
    ): void => {
      const call = fs[name] as (...values: unknown[]) => unknown;
      jest.spyOn(fs, name).mockImplementation(((...values: unknown[]) => {
        const result = call(...values);
        const path = this.inside(values[0] as PathLike);
        if (path !== undefined) note(path, this.inside(values[1] as PathLike));
        return result;
      }) as never);
    };
    after('renameSync', (from, to) => {
      events.push({ kind: 'rename', from, to: to! });
      files.set(to!, files.get(from)!);
      files.delete(from);
    });
    after('unlinkSync', (path) => {
      events.push({ kind: 'unlink', path });
      files.delete(path);
    });
    after('mkdirSync', (path) => events.push({ kind: 'mkdir', path }));
    after('rmdirSync', (path) => events.push({ kind: 'rmdir', path }));

    const { openSync, closeSync, writeSync, writeFileSync, fsyncSync, ftruncateSync, truncateSync } = fs;
    const create = (path: string): number => {
      const file = this.nextFile++;
      files.set(path, file);
      events.push({ kind: 'create', path, file });
      return file;
    };
    jest.spyOn(fs, 'openSync').mockImplementation((name, flags, mode) => {
      const descriptor = openSync(name, flags, mode);
      const path = this.inside(name);
      if (path !== undefined && fs.fstatSync(descriptor).isFile()) {
        const file = files.get(path) ?? create(path);
        opened.set(descriptor, file);
        if (typeof flags === 'number' && (flags & fs.constants.O_TRUNC) !== 0)
          events.push({ kind: 'resize', file, size: 0 });
      }
      return descriptor;
    });
    jest.spyOn(fs, 'closeSync').mockImplementation((descriptor) => {
      opened.delete(descriptor);
      closeSync(descriptor);
    });
    jest.spyOn(fs, 'writeFileSync').mockImplementation((name, data, options) => {
      writeFileSync(name, data, options);
      const path = this.inside(name);
      if (path === undefined) return;
      const file = files.get(path) ?? create(path);
      events.push({ kind: 'resize', file, size: 0 });
      events.push({ kind: 'write', file, at: 0, bytes: Buffer.from(data as string) });
    });
    jest.spyOn(fs, 'writeSync').mockImplementation(((
      descriptor: number,
      buffer: Int8Array,
      offset: number,
      length: number,
      position: number,
    ) => {
      const written = writeSync(descriptor, buffer, offset, length, position);
      const file = opened.get(descriptor);
      if (file !== undefined) {
        const bytes = Buffer.from(buffer.buffer, buffer.byteOffset + offset, written);
        events.push({ kind: 'write', file, at: position, bytes: Buffer.from(bytes) });
      }
      return written;
    }) as never);
    jest.spyOn(fs, 'ftruncateSync').mockImplementation((descriptor, size) => {
      ftruncateSync(descriptor, size);
      const file = opened.get(descriptor);
      if (file !== undefined) events.push({ kind: 'resize', file, size: size ?? 0 });
    });
    jest.spyOn(fs, 'truncateSync').mockImplementation((name, size) => {
      truncateSync(name, size);
      const path = this.inside(name);
      if (path !== undefined) events.push({ kind: 'resize', file: files.get(path)!, size: size ?? 0 });
    });
    jest.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => {
      fsyncSync(descriptor);
      events.push({ kind: 'sync', file: opened.get(descriptor) });
    });
  }

  /** A directory as a power loss at a moment leaves it; `survives` decides about what was not synced. */
  afterPowerLoss(moment: number, survives: () => boolean): string {
    const past = this.events.slice(0, moment);
    const lastSync = past.findLastIndex(({ kind }) => kind === 'sync');
    const synced = new Map<number, number>();
    past.forEach((event, index) => {
      if (event.kind === 'sync' && event.file !== undefined) synced.set(event.file, index);
    });

    const copy = join(this.scratch, `after-${(this.copies += 1)}`);
    execFileSync('cp', ['-R', this.base, copy]);
    const names = new Map(this.initial);
    const initialPaths = new Map([...this.initial].map(([path, file]) => [file, path]));
    const contents = new Map<number, Content>();
    const contentOf = (file: number): Content => {
      const path = initialPaths.get(file);
      const content =
        contents.get(file) ?? new Content(path === undefined ? [] : fs.readFileSync(join(this.base, path)));
      contents.set(file, content);
      return content;
    };

    let areNamesKept = true;
    past.forEach((event, index) => {
      if (event.kind === 'sync') return;
      if (event.kind === 'write' || event.kind === 'resize') {
        const isSynced = index < (synced.get(event.file) ?? -1);
        contentOf(event.file).apply(event, () => isSynced || survives());
        return;
      }
      areNamesKept &&= index < lastSync || survives();
      if (!areNamesKept) return;
      if (event.kind === 'create') names.set(event.path, event.file);
      else if (event.kind === 'unlink') names.delete(event.path);
      else if (event.kind === 'mkdir') fs.mkdirSync(join(copy, event.path), { recursive: true });
      else if (event.kind === 'rename') {
        names.set(event.to, names.get(event.from)!);
        names.delete(event.from);
      } else fs.rmSync(join(copy, event.path), { recursive: true, force: true });
    });

    for (const path of this.initial.keys()) if (!names.has(path)) fs.rmSync(join(copy, path), { force: true });
    for (const [path, file] of names) {
      if (this.initial.get(path) === file && !contents.has(file)) continue;
      fs.mkdirSync(join(copy, dirname(path)), { recursive: true });
      fs.writeFileSync(join(copy, path), contentOf(file).bytes);
    }
    return copy;
  }

  /** A path relative to the directory, with a slash before it; undefined for what is elsewhere. */
  private inside(path: PathLike): string | undefined {
    const text = String(path);
    return text.startsWith(`${this.directory}/`) ? text.slice(this.directory.length) : undefined;
  }
}

/** The content of a file. */
class Content {
  private buffer: Buffer;
  private size: number;

  constructor(initial: Uint8Array | []) {
    this.buffer = Buffer.from(initial);
    this.size = this.buffer.length;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  /** Writes survive by the sector. */
  apply(event: Extract<Event, { readonly kind: 'write' | 'resize' }>, survives: () => boolean): void {
    if (event.kind === 'resize') {
      if (survives()) this.resize(event.size);
      return;
    }
    for (let start = 0; start < event.bytes.length; start += SECTOR_BYTES) {
      if (!survives()) continue;
      const sector = event.bytes.subarray(start, start + SECTOR_BYTES);
      const at = event.at + start;
      if (at + sector.length > this.size) this.resize(at + sector.length);
      sector.copy(this.buffer, at);
    }
  }

  private resize(size: number): void {
    if (size > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(size, 2 * this.buffer.length));
      this.bytes.copy(larger);
      this.buffer = larger;
    }
    this.buffer.fill(0, Math.min(size, this.size), Math.max(size, this.size));
    this.size = size;
  }
}
