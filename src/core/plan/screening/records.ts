import { withReferences } from '../../fhir/bundle-references.ts';
import { canonicalContent } from '../../fhir/canonical-content.ts';
import { inVersion, type LayeredOrder, layerNamed, type OrderLayer } from '../order-layers.ts';
import { type Json, objects, text } from './json.ts';
import { type Found, numbersOf, patientsOwn, type Resolve, resolver, resourcesAround } from './walk.ts';

/** What was ever sent with an order about its patient. */
export interface Records {
  /** Those of the newest version first; places in earlier ones are named by their version. */
  readonly found: readonly Found[];
  readonly resolve: Resolve;
  /** The records that the order, in any version, names as its reason. */
  readonly reasons: ReadonlySet<Found | undefined>;
}

/** One version's resources, read among themselves. */
interface Space {
  /** Path of its ServiceRequest. */
  readonly order: string;
  readonly referral: Json;
  readonly own: readonly Found[];
  readonly resolve: Resolve;
}

/**
 * Everything that came with an order: with this version and with those before it. A record of an earlier version counts
 * until a later one tells the same thing again, whatever it says of it then; not being repeated takes nothing back.
 *
 * @param earlier What came with orders before it and with earlier versions, oldest first.
 */
export function recordsOf(referral: Json, context: unknown, earlier: readonly OrderLayer[]): Records {
  const newest = spaceOf(referral, context);
  // The ordinary order has one version, and costs nothing more.
  if (earlier.length === 0) return { found: newest.own, resolve: newest.resolve, reasons: reasonsOf(newest) };
  const before = earlier.map((layer) => spaceOf(layer.resource, layer.context, layer)).reverse();
  const spaces = [newest, ...before];
  return {
    found: notToldAgain(spaces),
    resolve: resolverOf(spaces),
    reasons: new Set(spaces.flatMap((space) => [...reasonsOf(space)])),
  };
}

/** What is told beside an order, not of its patient: these differ from one sending of the same thing to the next. */
const envelopes: ReadonlySet<unknown> = new Set([
  'MessageHeader',
  'Task',
  'ServiceRequest',
  'Provenance',
  'Composition',
  'Bundle',
]);

/**
 * What comes with a version of an order and is not known yet: another record, or the same one with another content. What
 * was withdrawn and is told again is news.
 */
export function newRecords(before: LayeredOrder, after: Pick<OrderLayer, 'resource' | 'context'>): readonly Found[] {
  const sent = spaceOf(after.resource, after.context).own.filter(
    ({ resource }) => !envelopes.has(resource.resourceType),
  );
  if (sent.length === 0) return [];
  const known = new Set(
    recordsOf(before.resource, before.context, before.earlier ?? []).found.map(({ resource }) => contentOf(resource)),
  );
  return sent.filter(({ resource }) => !known.has(contentOf(resource)));
}

/** The same of a version that is older than all that is here: what was told again since is not new. */
export function newRecordsOfOlder(
  before: LayeredOrder,
  after: Pick<OrderLayer, 'resource' | 'context'>,
): readonly Found[] {
  const news = newRecords(before, after);
  if (news.length === 0) return [];
  const oldest = { version: 0, resource: after.resource, context: after.context };
  const counts = recordsOf(before.resource, before.context, [oldest, ...(before.earlier ?? [])]).found;
  const left = new Set(counts.map(({ path }) => path));
  return news.filter(({ path }) => left.has(inVersion(0, path)));
}

/** What the patient of an order is known by, told with it or with an earlier version: `system|value` and where. */
export function patientNumbers({
  version,
  resource,
  context,
  earlier = [],
}: LayeredOrder): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const layer of [...earlier.filter(({ order }) => order === undefined), { version, resource, context }]) {
    const name = (path: string) => (layer.version === version ? path : inVersion(layer.version, path));
    const { subject } = layer.resource as { readonly subject?: Json };
    const patient = resolver(resourcesAround(layer.resource, layer.context))(subject, 'ServiceRequest');
    for (const number of numbersOf({ identifier: [subject?.identifier] }))
      found.set(number, name('ServiceRequest.subject.identifier'));
    for (const number of patient === undefined ? [] : numbersOf(patient.resource))
      found.set(number, name(`${patient?.path}.identifier`));
  }
  return found;
}

/** @param layer Named in the paths; absent for the newest version. */
function spaceOf(referral: Json, context: unknown, layer?: OrderLayer): Space {
  const sent = resourcesAround(referral, context);
  const name = (path: string) => (layer === undefined ? path : inVersion(layer.version, path, layer.order));
  const all = layer === undefined ? sent : sent.map((one) => ({ ...one, path: name(one.path) }));
  const order = name('ServiceRequest');
  const resolve = resolver(all);
  return { order, referral, own: patientsOwn(referral, order, all, resolve), resolve };
}

function reasonsOf({ order, referral, resolve }: Space): ReadonlySet<Found | undefined> {
  return new Set(objects(referral.reasonReference).map((reason) => resolve(reason, order)));
}

/** Records of an earlier version mean their own neighbours; the newest may name what came earlier. */
function resolverOf(spaces: readonly Space[]): Resolve {
  const byLayer = new Map(spaces.map((space) => [layerNamed(space.order), space]));
  return (reference, from) => {
    const own = byLayer.get(layerNamed(from))?.resolve(reference, from);
    const isLocal = text((reference as Json | undefined)?.reference)?.startsWith('#') === true;
    if (own !== undefined || isLocal) return own;
    for (const space of spaces) {
      const found = space.resolve(reference, from);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** @param spaces Newest first. */
function notToldAgain(spaces: readonly Space[]): readonly Found[] {
  const told = new Set<string>();
  return spaces.flatMap(({ own }) => {
    const named = own.map((one) => ({ one, names: namesOf(one) }));
    const open = named.filter(({ names }) => !names.some((name) => told.has(name)));
    for (const { names } of named) for (const name of names) told.add(name);
    return open.map(({ one }) => one);
  });
}

/**
 * What makes two records of different versions the same one: a business identifier, a type and id, a fullUrl, or the
 * whole content. An id inside of `contained` means nothing elsewhere, so there the thing that is told of counts as well.
 */
function namesOf({ path, resource, fullUrl }: Found): string[] {
  const type = String(resource.resourceType);
  const id = text(resource.id);
  const names = numbersOf(resource).map((number) => `${type} number ${number}`);
  if (fullUrl !== undefined) names.push(`${type} at ${fullUrl}`);
  if (id !== undefined && path.includes('.contained['))
    names.push(...things(resource).map((it) => `${type}#${id} ${it}`));
  else if (id !== undefined) names.push(`${type}/${id}`);
  return [...names, `content ${contentOf(resource)}`];
}

/** Codes, else the words, of what a record is about. */
function things({ code, medicationCodeableConcept }: Json): string[] {
  const { coding, text: words } = (code ?? medicationCodeableConcept ?? {}) as Json;
  const codes = objects(coding).flatMap((one) =>
    one?.code === undefined ? [] : [`${String(one.system)}|${String(one.code)}`],
  );
  return codes.length > 0 ? codes : [String(words ?? '')];
}

/** Whose it is was found out in its own space; how it is printed says nothing. */
function contentOf(resource: Json): string {
  const { subject: _, patient: __, text: ___, meta: ____, ...content } = resource;
  return canonicalContent(withReferences(content, (reference) => (reference.startsWith('urn:') ? 'urn:' : undefined)));
}
