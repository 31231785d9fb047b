import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A hospital that costs as little as possible: it answers each transaction as if it had kept it, and counts Procedures. */
let procedures = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(String(procedures));
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const bundle = JSON.parse(Buffer.concat(chunks).toString()) as { entry: { resource: { resourceType: string } }[] };
    const entry = bundle.entry.map(({ resource }, index) => {
      if (resource.resourceType === 'Procedure') procedures++;
      return { response: { status: '201', location: `${resource.resourceType}/${procedures}-${index}` } };
    });
    response.setHeader('content-type', 'application/fhir+json');
    response.end(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
