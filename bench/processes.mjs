// Starts what is measured, each part as a process of its own, and reads from /proc what it costs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Clock ticks in a second: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Starts a Node process and waits until it printed `pattern`; `port` is what the first group matched. It writes into the file
 * `log`, so that this process spends no time on reading its log lines.
 */
export async function started(args, environment, log, pattern) {
  const file = openSync(log, 'w', 0o600);
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  for (;;) {
    const output = readFileSync(log, 'utf8');
    const found = pattern.exec(output);
    if (found) return { child, pid: child.pid, port: Number(found[1]), output };
    if (child.exitCode !== null) throw new Error(`it ended at once:\n${output}`);
    await new Promise((again) => setTimeout(again, 50));
  }
}

export async function stop({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/** Seconds of CPU time that a process has used, its threads included. */
export function cpuSeconds(pid) {
  // proc(5): the name in parentheses may hold spaces; utime and stime are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Megabytes of memory: `VmHWM` is the most that a process ever had, `VmRSS` what it has now. */
export function memory(pid, field) {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(kilobytes) / 1024);
}
