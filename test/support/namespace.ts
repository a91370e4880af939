import { execFile } from 'node:child_process';

const UNSHARE = ['--map-root-user', '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];

/**
 * Runs a bash script, which ends at the first command that fails, as root of a network of its own with only lo in it.
 * Its processes end with it. Returns its output; throws if it fails, or if the machine does not permit namespaces.
 */
export function inNamespace(script: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const whole = `set -euo pipefail\nip link set lo up\n${script}`;
  return new Promise((resolve, reject) => {
    execFile('unshare', [...UNSHARE, 'bash', '-c', whole], { env: environment }, (error, out, err) => {
      if (!error) resolve(out);
      else if (err.startsWith('unshare:')) reject(new Error(`This test needs namespaces (user_namespaces(7)): ${err}`));
      else reject(new Error(`The script failed.\n${out}\n${err}`));
    });
  });
}
