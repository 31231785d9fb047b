import { setTimeout as wait } from 'node:timers/promises';

/** What came back: status, the headers Location and ETag, and the parsed body. */
export interface Reply {
  readonly status: number;
  readonly location: string | undefined;
  readonly etag: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Ask = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
  /** The version that a change replaces: the ETag that was read. */
  ifMatch?: string,
) => Promise<Reply>;

/** A caller with its own token, as a hospital's EHR or a practice's system is one. */
export function caller(base: string, token: string | undefined, mediaType: string): Ask {
  return async (method, path, body, ifMatch) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        accept: mediaType,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': mediaType }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      location: response.headers.get('location') ?? undefined,
      etag: response.headers.get('etag') ?? undefined,
      body: text === '' ? {} : (JSON.parse(text) as Reply['body']),
    };
  };
}

/** Ask again until the answer is there. @throws after 30 s, saying what was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const patience = 30_000;
  const step = 50;
  for (let waited = 0; waited < patience; waited += step) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await wait(step);
  }
  throw new Error(`${what} did not happen within ${patience / 1000} s.`);
}

/** The resources of a searchset. */
export function found(reply: Reply): Readonly<Record<string, unknown>>[] {
  const { entry = [] } = reply.body as { readonly entry?: readonly { readonly resource?: Reply['body'] }[] };
  return entry.flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
}
