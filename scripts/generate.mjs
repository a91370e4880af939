// Prints everything that is generated from the code: .env.example, docs/cli.md, the OpenAPI documents and the pages made from them.
// With --check it writes nothing, and fails where a file differs.
import { spawnSync } from 'node:child_process';

const failed = ['env-example', 'cli-docs', 'openapi'].filter(
  (name) =>
    spawnSync(process.execPath, [`scripts/${name}.mjs`, ...process.argv.slice(2)], { stdio: 'inherit' }).status !== 0,
);
process.exitCode = failed.length === 0 ? 0 : 1;
