import { checkLinked } from './bundle-links.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { reportRule } from './report-rule.ts';
import { resolveInBundle } from './resolve.ts';
import type { Run } from './run.ts';

/** References of a Composition that must be found inside its document: https://hl7.org/fhir/R4/documents.html#content */
const compositionReferences = [
  ['subject'],
  ['encounter'],
  ['author'],
  ['custodian'],
  ['attester', 'party'],
  ['event', 'detail'],
];
const sectionReferences = [['author'], ['focus'], ['entry']];

/** A document starts with its Composition, and holds what that refers to. */
export function checkDocument(run: Run, bundle: JsonObject, entries: readonly JsonObject[], path: Path): void {
  const first = firstResource(run, entries, 'Composition', 'document', path);
  if (first === undefined) return;
  checkLinked(run, bundle, entries, path);
  const place: Found = { run, bundle, entry: first.entry };
  const root = at(at(path, 'entry', 0), 'resource');
  for (const steps of compositionReferences) checkAll(place, first.resource, steps, root);
  const rest: { section: unknown; path: Path }[] = [{ section: first.resource, path: root }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    for (const [index, section] of list(own(next.section, 'section')).entries()) {
      const place2 = at(next.path, 'section', index);
      for (const steps of sectionReferences) checkAll(place, section, steps, place2);
      rest.push({ section, path: place2 });
    }
  }
}

/** A message starts with its MessageHeader, and holds what that is about: https://hl7.org/fhir/R4/messaging.html */
export function checkMessage(run: Run, bundle: JsonObject, entries: readonly JsonObject[], path: Path): void {
  const first = firstResource(run, entries, 'MessageHeader', 'message', path);
  if (first === undefined) return;
  checkAll({ run, bundle, entry: first.entry }, first.resource, ['focus'], at(at(path, 'entry', 0), 'resource'));
}

interface Found {
  readonly run: Run;
  readonly bundle: JsonObject;
  readonly entry: JsonObject;
}

function firstResource(run: Run, entries: readonly JsonObject[], wanted: string, kind: string, path: Path) {
  const [entry] = entries;
  const resource = own(entry, 'resource');
  if (entry !== undefined && isObject(resource) && own(resource, 'resourceType') === wanted) return { entry, resource };
  const message = `The first entry of a ${kind} Bundle must be its ${wanted}; add it or put it first.`;
  reportRule(run, 'Bundle.entry', entry === undefined ? path : at(path, 'entry', 0), {
    code: 'bundle-first',
    type: 'invalid',
    message,
  });
  return undefined;
}

function checkAll(found: Found, parent: unknown, steps: readonly string[], path: Path): void {
  const [name = '', ...rest] = steps;
  const value = own(parent, name);
  for (const [index, item] of list(value).entries()) {
    const place = at(path, name, Array.isArray(value) ? index : undefined);
    if (rest.length > 0) checkAll(found, item, rest, place);
    else checkOne(found, item, place);
  }
}

function checkOne({ run, bundle, entry }: Found, value: unknown, path: Path): void {
  const reference = text(own(value, 'reference'));
  if (reference === undefined || reference.startsWith('#')) return;
  const { target, matches } = resolveInBundle(run, reference, { bundle, entry });
  if (target === undefined || matches > 1) {
    const message =
      matches > 1
        ? `${matches} entries of the Bundle fit this reference; name one version.`
        : 'What is referred to here must be an entry of this Bundle, and none fits by its fullUrl; add it or correct the reference.';
    reportRule(run, 'Bundle.entry', path, {
      code: matches > 1 ? 'reference-ambiguous' : 'reference-unresolved',
      type: 'not-found',
      message,
    });
  }
}
