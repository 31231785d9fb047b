import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type Told, type ToldIssue } from './app.ts';
import { type BadRequest, badRequests, goodRequest } from './bad-requests.ts';
import { send } from './send.ts';

let app: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const brief = (issue: ToldIssue) => ({
  code: issue.details.coding[0]?.code,
  type: issue.code,
  expression: issue.expression?.[0] ?? '',
});

const wanted = ({ code, type, expression }: BadRequest) => ({
  code,
  type,
  ...(expression === undefined ? {} : { expression }),
});

test('There are at least sixty bad requests, each once', () => {
  expect(badRequests.length).toBeGreaterThanOrEqual(60);
  expect(new Set(badRequests.map(({ name }) => name)).size).toBe(badRequests.length);
});

describe('A request', () => {
  test.each(badRequests.map((bad) => [bad.name, bad] as const))(
    '%s is refused, says why, and leaves nothing',
    async (_, bad) => {
      const answer = await send(app.url, bad);
      const outcome = JSON.parse(answer.text) as Told;
      expect({ status: answer.status, issues: outcome.issue.map(brief) }).toEqual({
        status: bad.status,
        issues: expect.arrayContaining([expect.objectContaining(wanted(bad))]),
      });
      expect(outcome.resourceType).toBe('OperationOutcome');
      expect(answer.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
      expect(answer.headers['x-request-id']).toBeTruthy();
      for (const [name, form] of Object.entries(bad.answerHeaders ?? {}))
        expect(String(answer.headers[name])).toMatch(form);
      expect(answer.text).not.toMatch(/at \S+ \(|node_modules|<html|<!DOCTYPE/i);
      const { store } = app;
      expect([store.referrals.size, store.past.length, store.outbox.length, store.planRecords.size]).toEqual([
        0, 0, 0, 0,
      ]);
      expect(app.faults).toEqual([]);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );
});

test('After all of them a good one is accepted', async () => {
  const answer = await send(app.url, { body: goodRequest });
  expect(answer.status).toBe(201);
  expect(app.store.referrals.size).toBe(1);
});
