import { refusePrivateKey } from '../private-key.js';
import { refuseForeignText } from '../foreign-text.js';
import { InvalidKey } from '../invalid-key.js';
import type { SshLine } from './ssh-type.js';
import { kindOfText } from '../text-kind.js';
import { unsafeCharacter } from '../unsafe-text.js';

const MAX_TEXT_BYTES = 16 * 1024;
const MAX_COMMENT = 1024;

/** Splits the text of a key, which must be one line and nothing else. */
export function readSshLine(text: string): SshLine {
  refusePrivateKey(text);
  if (text.length > MAX_TEXT_BYTES || Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    throw new InvalidKey('too-long', `it is longer than ${MAX_TEXT_BYTES} bytes; send one public key.`);
  }
  if (kindOfText(text) === 'an X.509 certificate') {
    throw new InvalidKey('wrong-type', 'it looks like an X.509 certificate; import it with the type x509.');
  }
  const line = trimLineEnd(text);
  const foreign = refuseForeignText(line);
  if (foreign !== undefined) throw foreign;
  if (/[\r\n]/.test(line)) {
    throw new InvalidKey('not-one-line', 'it has more than one line; send one public key on one line.');
  }
  const unsafe = unsafeCharacter(line);
  if (unsafe !== undefined) {
    throw new InvalidKey(
      'unsafe-character',
      `it contains the character ${unsafe}, which is not allowed; write plain text, with spaces between words.`,
    );
  }
  return split(line);
}

// What follows the key never reaches a guest. A loop is linear where a pattern is not.
function trimLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1])) end--;
  return text.slice(0, end);
}

function split(line: string): SshLine {
  const typeEnd = line.indexOf(' ');
  if (typeEnd < 1)
    throw new InvalidKey('not-a-key', 'it is not written as "type base64 comment", like the line of a .pub file.');
  const rest = line.slice(typeEnd + 1);
  const keyEnd = rest.indexOf(' ');
  const base64 = keyEnd < 0 ? rest : rest.slice(0, keyEnd);
  const comment = keyEnd < 0 ? '' : rest.slice(keyEnd).trim();
  if (base64 === '')
    throw new InvalidKey('not-a-key', 'the key itself is missing; write one space between the type and the key.');
  if (comment.length > MAX_COMMENT)
    throw new InvalidKey('too-long', `its comment is longer than ${MAX_COMMENT} characters; shorten it.`);
  return { type: line.slice(0, typeEnd), base64, comment };
}
