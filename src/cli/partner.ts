import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openWorld } from './world.ts';

export const help = `npx tactus partner add ID       print a new bearer token for the partner of mappings/partners/ID.json
npx tactus partner revoke ID    take all its tokens away
npx tactus partner list         the partners that have a file
npx tactus partner clinic NAME  print a new bearer token for a clinic's system (--revoke takes them away)

A token is printed once; the store keeps only its SHA-256. Tactus may be running.`;

/** @returns 0 done, 1 there is no such partner, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean' }, json: { type: 'boolean' }, revoke: { type: 'boolean' } },
  });
  const [verb, name] = positionals;
  if (values.help === true || verb === undefined) {
    process.stdout.write(`${help}\n`);
    return values.help === true ? 0 : 2;
  }
  const world = await openWorld(process.env);
  try {
    const say = (text: string, data: object): void =>
      void process.stdout.write(`${values.json === true ? JSON.stringify(data) : text}\n`);
    if (verb === 'list') {
      const partners = [...world.catalog.partners.values()].map(({ id, name: called, baseUrl }) => ({
        id,
        called,
        baseUrl,
      }));
      say(partners.map(({ id, called, baseUrl }) => `${id}  ${called}  ${baseUrl}`).join('\n'), { partners });
      return 0;
    }
    if (name === undefined) throw new Error(`"${verb}" needs a name.\n${help}`);
    const audience = verb === 'clinic' ? 'clinic' : 'partner';
    if (audience === 'partner' && !world.catalog.partners.has(name)) {
      process.stderr.write(`There is no mappings/partners/${name}.json: add that file first.\n`);
      return 1;
    }
    const now = new Date().toISOString();
    if (verb === 'revoke' || values.revoke === true) {
      const count = await world.store.revokeTokens(audience, name, now);
      say(`${count} tokens of ${name} are revoked.`, { revoked: count });
      return 0;
    }
    if (verb !== 'add' && verb !== 'clinic') throw new Error(`"${verb}" is not add, revoke, list or clinic.`);
    const token = newToken();
    await world.store.addToken({ hash: tokenHash(token), audience, owner: name }, now);
    say(token, { token });
    return 0;
  } finally {
    await world.close();
  }
}

/** 256 random bits; the prefix lets a scanner for leaked secrets find it. */
export function newToken(): string {
  return `tactus_${randomBytes(32).toString('base64url')}`;
}

/** What the store knows of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
