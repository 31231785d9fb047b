import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { intents } from '../../../src/core/answer/partner.ts';
import { bearer, numbered, post, startApp, type TestApp, tokens, told } from './app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const orders = new Set(['order', 'original-order']);

describe.each(intents)('a ServiceRequest with intent %s', (intent) => {
  test('is 201 where the partner is held to the intake profile: its policy decides', async () => {
    const answer = await post(app, numbered(`I-${intent}`, { intent, meta: undefined }), bearer(tokens.other));
    expect(answer.status).toBe(201);
  });

  test(`is ${orders.has(intent) ? 201 : 422} where the partner is held to the strict profile`, async () => {
    const answer = await post(app, numbered(`S-${intent}`, { intent }));
    const { issue } = await told(answer);
    const sentences = issue?.map(({ details }) => details.text).join(' ') ?? '';
    expect([answer.status, sentences.includes('intent order or original-order')]).toEqual(
      orders.has(intent) ? [201, false] : [422, true],
    );
  });
});
