import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../domain/shell-word.js';

/** What makes sshd of a guest ask for its keys, as the package holds it. */
const FILES = ['install.sh', 'latchkey-keys', 'latchkey-keys-write'];
const DIRECTORY = fileURLToPath(new URL('../../../../deploy/guest/', import.meta.url));

/** A script for the first boot that runs install.sh for accounts; `url` is where the guest reaches the metadata service, if not at the usual address. */
export function liveKeysScript(accounts: readonly string[], url: string | undefined): string {
  const files = FILES.map((name) => {
    const content = readFileSync(`${DIRECTORY}${name}`).toString('base64').replaceAll(/.{76}/g, '$&\n');
    return `base64 -d > ${name} <<'END'\n${content}\nEND\n`;
  });
  const environment = url === undefined ? '' : `LATCHKEY_URL=${shellWord(url)} `;
  return `#!/bin/sh
# Makes sshd ask Latchkey for the keys of the accounts below at each log-in.
set -eu
cd "$(mktemp -d)"
${files.join('')}${environment}sh install.sh ${accounts.map(shellWord).join(' ')}
rm -r "$PWD"
`;
}
