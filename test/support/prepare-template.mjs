import { existsSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/**
 * jest's globalSetup: makes an empty embedded database once on a machine, which the suites copy; that takes a tenth of the
 * time. Plain JavaScript, since jest does not resolve TypeScript imports here.
 */
export default async function prepareTemplate() {
  const manifest = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), '..', 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const template = join(tmpdir(), `latchkey-test-template-${version}`);
  if (!existsSync(template)) {
    const making = mkdtempSync(`${template}-`);
    const database = await PGlite.create({ dataDir: making });
    await database.close();
    renameSync(making, template);
  }
  process.env.LATCHKEY_TEST_TEMPLATE = template;
}
