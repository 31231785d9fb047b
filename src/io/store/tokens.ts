import type { Token } from '../../flows/store.ts';
import type { Connection } from './connection.ts';

export async function tokenByHash(connection: Connection, hash: string): Promise<Token | undefined> {
  const text = 'select hash, audience, owner from tactus.token where hash = $1 and revoked_at is null';
  const [row] = await connection.read({ name: 'token', text, values: [hash] });
  return row as unknown as Token | undefined;
}

/** The same token again changes nothing; a revoked one stays revoked. */
export async function addToken(connection: Connection, token: Token, now: string): Promise<void> {
  const text = `insert into tactus.token (hash, audience, owner, created_at) values ($1, $2, $3, $4) on conflict do nothing`;
  await connection.read({ text, values: [token.hash, token.audience, token.owner, now] });
}

export async function revokeTokens(
  connection: Connection,
  audience: string,
  owner: string,
  now: string,
): Promise<number> {
  const text = `update tactus.token set revoked_at = $3
    where audience = $1 and owner = $2 and revoked_at is null returning hash`;
  return (await connection.query({ text, values: [audience, owner, now] })).length;
}
