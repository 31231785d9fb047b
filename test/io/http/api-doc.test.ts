import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from './app.ts';
import { send } from './send.ts';

let app: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');
const told = [...page.matchAll(/^\| `(GET|POST|PUT) (\/\S+)` \|/gm)].map(([, method = '', path = '']) => ({
  method,
  path,
}));

test('docs/api.md tells of addresses that are served', async () => {
  expect(told.length).toBeGreaterThan(25);
  for (const { method, path } of told) {
    const answer = await send(app.url, { method, path: path.replace(/:\w+/g, 'x'), without: ['Authorization'] });
    expect([method, path, [200, 401].includes(answer.status)]).toEqual([method, path, true]);
  }
});

test('docs/api.md tells of every address of the clinic door', async () => {
  const answer = await fetch(`${app.url}/clinic/openapi.json`);
  const { paths } = (await answer.json()) as { readonly paths: Readonly<Record<string, object>> };
  const served = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} /clinic${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  const listed = told.map(({ method, path }) => `${method} ${path}`);
  expect(served.filter((one) => !listed.includes(one))).toEqual([]);
});
