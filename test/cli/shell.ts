import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from '@jest/globals';

const PROGRAM = resolve('bin/latchkey.js');
const TERMINAL = resolve('test/cli/terminal.py');

/** What a command left behind. */
export interface Finished {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** A directory with a shell in it, where `latchkey` is the built command line. Nothing of our own environment is in it. */
export class Shell {
  readonly directory = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  private readonly bin = mkdtempSync(join(tmpdir(), 'latchkey-bin-'));

  constructor(private environment: Readonly<Record<string, string>> = {}) {
    symlinkSync(PROGRAM, join(this.bin, 'latchkey'));
    mkdirSync(join(this.directory, 'home'));
  }

  /** Sets variables; an empty one is as good as none. */
  export(variables: Readonly<Record<string, string>>): void {
    this.environment = { ...this.environment, ...variables };
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Runs a line of sh. */
  run(line: string): Promise<Finished> {
    return new Promise((done) => {
      const options = { cwd: this.directory, env: this.variables, maxBuffer: 1e8 };
      execFile('/bin/sh', ['-c', line], options, (error, out, err) =>
        done({ out, err, status: error === null ? 0 : Number(error.code) }),
      );
    });
  }

  /** Runs a line in a terminal of so many columns and types the answers to its questions; `out` is what was on the screen. */
  inTerminal(columns: number, line: string, ...answers: string[]): Promise<Finished> {
    const words = [TERMINAL, String(columns), ...answers, '--', line];
    return this.run(`python3 ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')}`);
  }

  /** Starts latchkey and gives it back while it runs. */
  start(...words: string[]): ChildProcess {
    const child = spawn(process.execPath, [PROGRAM, ...words], { cwd: this.directory, env: this.variables });
    ends.set(child, once(child, 'close'));
    return child;
  }

  /**
   * Plays a transcript and fails where the shell prints something else. A line that begins with `$ ` is run; what follows is
   * all that it prints, on either stream, and `[3]` at the end where its exit status is not 0. `<...>` stands for any text
   * on a line.
   */
  async plays(transcript: string): Promise<void> {
    const scenes = transcript.replaceAll(/^ +/gm, '').trim().split(/^\$ /m).slice(1);
    for (const scene of scenes) {
      const [line, ...lines] = scene.trimEnd().split('\n');
      const { out, status } = await this.run(`{ ${line}\n} 2>&1`);
      const said = `$ ${line}\n${out.replaceAll('\r', '')}${status === 0 ? '' : `[${status}]\n`}`;
      expect(said).toMatch(pattern([`$ ${line}`, ...lines]));
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
    rmSync(this.bin, { recursive: true, force: true });
  }

  private get variables(): Record<string, string> {
    return { PATH: `${this.bin}:${process.env.PATH}`, HOME: this.path('home'), TERM: 'xterm', ...this.environment };
  }
}

/** The end of each process that a shell has started, and of its output, which may arrive after the exit status. */
const ends = new WeakMap<ChildProcess, Promise<unknown>>();

/** Waits for a process to end, and for all of its output: its exit status, or the signal that ended it. */
export async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  await (ends.get(child) ?? once(child, 'close'));
  return child.exitCode ?? child.signalCode!;
}

function pattern(lines: readonly string[]): RegExp {
  const literal = lines.map((line) => line.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll('<\\.\\.\\.>', '.*'));
  return new RegExp(`^${literal.join('\n')}\n?$`);
}
