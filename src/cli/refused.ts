import { parseArgs } from 'node:util';
import type { RefusedItem } from '../flows/records.ts';
import { openWorld } from './world.ts';

export const help = `npx tactus refused [NAME] [--limit N] [--json]

What was refused at the doors, newest first: when, whose it was, where it was sent, the SHA-256 of its bytes, and where and
why it was refused. NAME is a partner's id or a clinic's name. The bytes themselves are not kept, and no value of them: ask
the sender for what has this hash. docs/issues.md explains the codes. Kept for 90 days.

  --limit N  so many at most; 20
  --json     one line of JSON each`;

/** @returns 0 something was refused, 1 nothing, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean' }, json: { type: 'boolean' }, limit: { type: 'string', default: '20' } },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (!/^[1-9]\d{0,4}$/.test(values.limit)) throw new Error(`--limit is "${values.limit}", should be 1 to 99999.`);
  const [owner] = positionals;
  const world = await openWorld(process.env);
  try {
    const items = await world.store.refusedItems({
      ...(owner === undefined ? {} : { owner }),
      limit: Number(values.limit),
    });
    for (const item of items) process.stdout.write(`${values.json === true ? JSON.stringify(item) : picture(item)}\n`);
    if (items.length === 0 && values.json !== true) process.stdout.write('Nothing was refused.\n');
    return items.length === 0 ? 1 : 0;
  } finally {
    await world.close();
  }
}

/** One refused item for a person to read. */
export function picture(item: RefusedItem): string {
  const { audience, owner, route, status, size, bytesHash, requestId, correlationId, firstAt, lastAt, times } = item;
  const again = times === 1 ? '' : `, ${times} times since ${firstAt}`;
  const correlation = correlationId === null ? '' : `, correlation ${correlationId}`;
  return [
    `${lastAt}  ${audience} ${owner}  ${route}  HTTP ${status}${again}`,
    `  ${size} bytes, SHA-256 ${bytesHash}`,
    `  request ${requestId}${correlation}`,
    ...item.issues.map(({ severity, code, expression, line, column }) => {
      const place = line === undefined ? '' : `, line ${line}${column === undefined ? '' : `, column ${column}`}`;
      return `  ${severity} ${code}${expression === '' ? '' : ` at ${expression}`}${place}`;
    }),
  ].join('\n');
}
