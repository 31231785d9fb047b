import type { AddressInfo } from 'node:net';
import express from 'express';

/** The limit of HTTP: express that reads the same body and answers 201 with no work. */
const app = express();
app.use(express.json({ type: () => true, limit: '1mb' }));
app.post('/*path', (request, response) => {
  response.status(201).type('application/fhir+json').send(JSON.stringify(request.body));
});
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
