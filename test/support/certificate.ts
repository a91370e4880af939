import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The files of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for 127.0.0.1, with a recognisable common name, in a directory. */
export function makeCertificate(directory: string, name: string): CertificateFiles {
  const files = { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat(
      ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ['-keyout', files.key, '-out', files.cert],
    ),
    { stdio: 'pipe' },
  );
  return files;
}
