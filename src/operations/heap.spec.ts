import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

describe('the flag that keeps the heap small', () => {
  it('is one that this Node.js has', () => {
    const [flag] = /--[a-z-]+(?==)/.exec(readFileSync('src/operations/heap.ts', 'utf8'))!;
    expect(execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })).toContain(`  ${flag} (`);
  });
});
