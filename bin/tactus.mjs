#!/usr/bin/env node
// The `tactus` command. Tactus runs as TypeScript on Node 24; on an older Node this hands over to the one that npm
// installed (dependency `node`), so that a system Node 20 is enough.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'src', 'cli', 'main.ts');
const [major = 0] = process.versions.node.split('.').map(Number);

if (major >= 24) {
  await import(entry);
} else {
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(node)) {
    process.stderr.write(`Tactus needs Node 24; this is ${process.version} and ${node} is missing: run "npm ci".\n`);
    process.exit(2);
  }
  const run = spawnSync(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(run.status ?? 2);
}
