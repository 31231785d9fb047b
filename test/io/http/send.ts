import { request as httpRequest } from 'node:http';
import { bearer, tokens } from './app.ts';
import type { BadRequest } from './bad-requests.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request as written: node:http, because fetch sends a media type of its own and corrects addresses. */
export function send(
  url: string,
  bad: Pick<BadRequest, 'method' | 'path' | 'headers' | 'without' | 'body'>,
): Promise<Answered> {
  const usual: Record<string, string> = {
    ...bearer(tokens.demo),
    Accept: '*/*',
    'Content-Type': 'application/fhir+json',
    ...bad.headers,
  };
  for (const name of bad.without ?? []) delete usual[name];
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = httpRequest(
      {
        hostname,
        port,
        path: bad.path ?? '/fhir/ServiceRequest',
        method: bad.method ?? 'POST',
        headers: usual,
        agent: false,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(bad.body);
  });
}
