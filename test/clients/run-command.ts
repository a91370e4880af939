import { execFile } from 'node:child_process';

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with only these environment variables and PATH, to its end. */
export function outcomeOf(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  directory?: string,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = {
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...environment },
      cwd: directory,
      maxBuffer: 1e8,
    };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Its standard output; throws if it fails. */
export async function outputOf(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, stdout, stderr } = await outcomeOf(command, args, environment);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ends with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}
