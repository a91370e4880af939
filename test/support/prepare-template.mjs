import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/**
 * jest's globalSetup: creates an empty embedded database once on a machine, which the suites copy; that takes a hundredth of
 * the time. Plain JavaScript, since jest does not resolve TypeScript imports here.
 */
export default async function prepareTemplate() {
  const manifest = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), '..', 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const template = join(tmpdir(), `latchkey-empty-database-${version}`);
  if (!existsSync(template)) {
    const making = mkdtempSync(`${template}-`);
    const database = await PGlite.create({ dataDir: making });
    // Two thirds of the files belong to templates for further databases, which no test creates.
    await database.query('UPDATE pg_database SET datistemplate = false');
    for (const name of ['template0', 'template1']) await database.query(`DROP DATABASE ${name}`);
    await database.close();
    try {
      renameSync(making, template);
    } catch (error) {
      // Another suite that started at the same time was first.
      if (!existsSync(template)) throw error;
      rmSync(making, { recursive: true });
    }
  }
  process.env.LATCHKEY_TEST_TEMPLATE = template;
}
