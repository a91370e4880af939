#!/usr/bin/env node
// The command as npm links it. It stands outside dist, where every build would take its executable bit away.
await import('../dist/src/cli/latchkey.js');
