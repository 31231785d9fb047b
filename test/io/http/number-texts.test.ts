import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withNumberTexts } from '../../../src/io/http/number-texts.ts';
import { bearer, get, numbered, post, startApp, type TestApp, tokens, told } from './app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

/** https://hl7.org/fhir/R4/json.html#decimal: what JavaScript would write is in the comment. */
const sent = ['1.00', '0.10', '1e2' /* 100 */, '0.0000001' /* 1e-7 */, '7', '12.5', '1234567890.12345678' /* …568 */];

/** An order whose Observation has the values, each written as given; strings with such digits stand beside. */
function orderText(values: readonly string[]): string {
  const observation = {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { text: 'weight 1.00' },
    component: values.map((_, at) => ({ code: { text: '[1.00' }, valueQuantity: { value: `@${at}` } })),
  };
  const changes = { contained: [observation], supportingInfo: [{ reference: '#o1' }], meta: undefined };
  return JSON.stringify(numbered('N-1', changes)).replace(/"@(\d+)"/g, (_, at) => values[Number(at)] ?? '');
}

const valuesIn = (text: string) => [...text.matchAll(/"value":(-?[\d.eE+-]+)/g)].map(([, digits]) => digits);

describe('numbers are given back with the digits that the hospital wrote', () => {
  const other = bearer(tokens.other);

  test('by the answer to POST, the same again, read, vread, history and search', async () => {
    const text = orderText(sent);
    const created = await post(app, text, other);
    const again = await post(app, text, other);
    expect([created.status, again.status]).toEqual([201, 200]);
    const answers = [await created.text(), await again.text()];
    const { id } = JSON.parse(answers[0] ?? '') as { id: string };
    const paths = ['', '/_history/1', '/_history'].map((end) => `/fhir/ServiceRequest/${id}${end}`);
    for (const path of [...paths, '/fhir/ServiceRequest?identifier=https://hospital.example/orders|N-1']) {
      answers.push(await (await get(app, path, other)).text());
    }
    for (const answer of answers) expect(valuesIn(answer)).toEqual(sent);
  });

  test('by the answer to PUT, and the older version keeps its own', async () => {
    const created = await post(app, orderText(['1.00']), other);
    const { id } = await told(created);
    const url = `${app.url}/fhir/ServiceRequest/${id}`;
    const headers = { ...other, 'Content-Type': 'application/fhir+json', 'If-Match': 'W/"1"' };
    const body = JSON.stringify({ ...JSON.parse(orderText(['2'])), id }).replace('"value":2', '"value":2.50');
    const answer = await fetch(url, { method: 'PUT', headers, body });
    expect([answer.status, valuesIn(await answer.text())]).toEqual([200, ['2.50']]);
    const older = await get(app, `/fhir/ServiceRequest/${id}/_history/1`, other);
    expect(valuesIn(await older.text())).toEqual(['1.00']);
  });
});

describe('numbers of a transaction keep their digits', () => {
  const other = bearer(tokens.other);
  const urn = 'urn:uuid:00000000-0000-4000-8000-000000000001';

  /** The order, and beside it an Observation that it refers to. */
  function transactionText(inside: readonly string[], beside: string): string {
    const order = {
      ...(JSON.parse(orderText(inside.map(() => '7'))) as Record<string, unknown>),
      supportingInfo: [{ reference: '#o1' }, { reference: urn }],
    };
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'height' },
      valueQuantity: { value: '@beside' },
    };
    const entry = [
      { resource: order, request: { method: 'POST', url: 'ServiceRequest' } },
      { fullUrl: urn, resource: observation, request: { method: 'POST', url: 'Observation' } },
    ];
    let at = 0;
    const text = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
    return text.replace('"@beside"', beside).replace(/"value":7/g, () => `"value":${inside[at++] ?? ''}`);
  }

  test('in its immediate answer, in that to the same again, and when the order is read', async () => {
    const text = transactionText(sent, '1.80');
    const headers = { ...other, 'Content-Type': 'application/fhir+json' };
    const transact = () => fetch(`${app.url}/fhir`, { method: 'POST', headers, body: text });
    const answers = [await (await transact()).text(), await (await transact()).text()];
    const statuses = answers.map((answer) => JSON.parse(answer).entry[0].response.status);
    expect(statuses).toEqual(['201', '200']);
    const { id } = JSON.parse(answers[0] ?? '').entry[0].resource as { id: string };
    answers.push(await (await get(app, `/fhir/ServiceRequest/${id}`, other)).text());
    for (const answer of answers) expect(valuesIn(answer)).toEqual([...sent, '1.80']);
  });
});

describe('the texts of numbers are looked up', () => {
  const order = (value: number, number = 'A') => ({
    resourceType: 'ServiceRequest',
    identifier: [{ value: number }],
    quantityQuantity: { value },
  });
  const written = (resource: object, text: string) => JSON.stringify(withNumberTexts(resource, text));
  const text = JSON.stringify(order(3)).replace(':3}', ':3.0}');

  test('in a Bundle by the identifiers of the order, also in a Bundle within', () => {
    const wrong = JSON.stringify(order(3, 'B'));
    const bundle = `{"resourceType":"Bundle","entry":[{"resource":${wrong}},{},{"resource":${text}}]}`;
    expect(written(order(3), bundle)).toBe(text);
    expect(written(order(3), `{"resourceType":"Bundle","entry":[{"resource":${bundle}}]}`)).toContain(
      '[{"value":"A"}]',
    );
    expect(written(order(3, 'B'), bundle)).toBe(wrong);
  });

  test('after a byte order mark', () => {
    expect(written(order(3), `\ufeff${text}`)).toBe(text);
  });

  test('beside strings with escapes, with numbers, and as long as R4 permits', () => {
    const note = ['say \\"1.00', 'C:\\\\', 'x'.repeat(1024 * 1024), '\n'.repeat(100_000)].map((one) => ({ text: one }));
    const noted = JSON.stringify({ note, ...order(3) }).replace(':3}', ':3.0}');
    expect(written({ note, ...order(3) }, noted) === noted).toBe(true);
  });

  test('whatever digits JSON permits', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?([eE][+-]?\d{1,2})?$/);
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1 }), fc.constantFrom('', ' ', '\n\t'), (values, space) => {
        const noted = `{"resourceType":"ServiceRequest","x":[${values.map((one) => space + one).join()}],"y":${space}${values[0]}}`;
        expect(written(JSON.parse(noted), noted)).toBe(noted.replaceAll(space, ''));
      }),
    );
  });

  test('and not taken where the number is another one', () => {
    expect(written(order(4), text)).toBe(JSON.stringify(order(4)));
    expect(written({ ...order(3), quantityQuantity: [3] }, text)).toContain('[3]');
  });
});
