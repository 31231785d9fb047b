import { type JsonObject, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { reportRule } from './report-rule.ts';
import { resolveInBundle } from './resolve.ts';
import type { Run } from './run.ts';

/** What a document may hold without a link to it: a stylesheet is a Binary. https://hl7.org/fhir/R4/documents.html#stylesheet */
const unlinked = new Set(['Binary', 'Provenance']);

/**
 * Every entry of a document belongs to its Composition: it is reached from there by links, followed forward or backward.
 * @see https://hl7.org/fhir/R4/documents.html#content
 */
export function checkLinked(run: Run, bundle: JsonObject, entries: readonly JsonObject[], path: Path): void {
  const linked = linksBetween(run, bundle, entries);
  const reached = new Set<JsonObject>(entries.slice(0, 1));
  // A Set visits what is added while it is walked, so this reaches every entry once.
  for (const entry of reached) for (const other of linked.get(entry) ?? []) reached.add(other);
  for (const [index, entry] of entries.entries()) {
    const type = text(own(own(entry, 'resource'), 'resourceType'));
    if (reached.has(entry) || type === undefined || unlinked.has(type)) continue;
    reportRule(run, 'Bundle.entry', at(path, 'entry', index), {
      code: 'document-unlinked',
      type: 'invalid',
      message: `Nothing links this ${type} with the Composition of its document; refer to it, for example in a section's entry, or leave it out.`,
    });
  }
}

function linksBetween(
  run: Run,
  bundle: JsonObject,
  entries: readonly JsonObject[],
): ReadonlyMap<JsonObject, Set<JsonObject>> {
  const links = new Map<JsonObject, Set<JsonObject>>(entries.map((entry) => [entry, new Set()]));
  const byCanonical = new Map<string, JsonObject>();
  for (const entry of entries) {
    const url = text(own(own(entry, 'resource'), 'url'));
    if (url !== undefined) byCanonical.set(url, entry);
  }
  for (const entry of entries) {
    for (const address of addressesIn(own(entry, 'resource'))) {
      const found = resolveInBundle(run, address, { bundle, entry }).bundle?.entry;
      const target = found ?? byCanonical.get(address.split('|')[0] ?? address);
      if (target === undefined || target === entry) continue;
      links.get(entry)?.add(target);
      links.get(target)?.add(entry);
    }
  }
  return links;
}

/** Strings that may be an address, in one pass without recursion. */
function addressesIn(resource: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const rest: unknown[] = [resource];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === 'string') {
      if (value.length < 2048 && /^(?:urn:|https?:|[A-Z][A-Za-z]{1,63}\/)/.test(value)) found.add(value);
    } else if (typeof value === 'object' && value !== null) {
      // One by one: as arguments of one call, a hundred thousand members overflow the stack.
      for (const item of Object.values(value)) rest.push(item);
    }
  }
  return found;
}
