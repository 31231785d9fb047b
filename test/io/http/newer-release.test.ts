import { expect, test } from 'vitest';
import { bundle, creating, house, massageOrder, type Said, say, urn } from './ways.ts';

/** An order as R5 writes it. */
const { code, ...rest } = massageOrder('R5-1');
const order = { ...rest, code: { concept: code } };

const issues = ({ body }: Said) =>
  [body, ...(body.entry ?? []).map(({ resource }) => resource)].flatMap((resource) => resource?.issue ?? []);

test.each<[string, unknown, string]>([
  ['/fhir/ServiceRequest', order, 'ServiceRequest.code.concept'],
  ['/fhir', bundle('transaction', [creating(order, urn(1))]), 'Bundle.entry[0].resource.code.concept'],
  [
    '/fhir/$process-message',
    bundle('message', [
      {
        fullUrl: urn(9),
        resource: {
          resourceType: 'MessageHeader',
          id: 'm-1',
          eventCoding: { system: 'https://tactus.example/fhir/CodeSystem/massage-message-event', code: 'referral-new' },
          source: { endpoint: 'https://placer.example/messages' },
          focus: [{ reference: urn(1) }],
        },
      },
      { fullUrl: urn(1), resource: order },
    ]),
    'Bundle.entry[1].resource.code.concept',
  ],
  [
    '/fhir/Task',
    {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      focus: { reference: '#order' },
      contained: [{ ...order, id: 'order' }],
    },
    'Task.contained[0].code.concept',
  ],
])('an order of R5 at %s is refused with a hint that we speak R4', async (path, body, expression) => {
  const said = await say(await house(), path, body);
  expect(said.status).toBe(400);
  const hint = issues(said).find(({ details }) => details.coding[0]?.code === 'newer-release');
  expect(hint?.expression).toEqual([expression]);
  expect(hint?.diagnostics).toMatch(/R5.*R4 \(4\.0\.1\)/);
});
