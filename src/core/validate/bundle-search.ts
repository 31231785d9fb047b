import { type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { reportRule } from './report-rule.ts';
import type { Run } from './run.ts';

/** What a search answers: resources with ids, of the type that was searched. https://hl7.org/fhir/R4/bundle.html#searchset */
export function checkSearchSet(run: Run, bundle: JsonObject, entries: readonly JsonObject[], path: Path): void {
  const searched = searchedType(run, bundle);
  for (const [index, entry] of entries.entries()) {
    const resource = own(entry, 'resource');
    if (resource === undefined) continue;
    const place = at(at(path, 'entry', index), 'resource');
    const type = text(own(resource, 'resourceType'));
    const mode = own(own(entry, 'search'), 'mode');
    if (mode === 'outcome' || type === 'OperationOutcome') {
      if (type === 'OperationOutcome') continue;
      const message = 'An entry whose search mode is outcome must be an OperationOutcome.';
      reportRule(run, 'Bundle.entry', place, { code: 'search-outcome', type: 'invalid', message });
      continue;
    }
    if (own(resource, 'id') === undefined) {
      const message = 'A resource found by a search comes from a server, so it must have its id; add it.';
      reportRule(run, 'Bundle.entry', place, { code: 'search-id', type: 'required', message });
    }
    if (mode === 'match' && searched !== undefined && type !== searched) {
      const message = `The search was for ${searched}, so a match must be a ${searched}; give others the mode include.`;
      reportRule(run, 'Bundle.entry', place, { code: 'search-type', type: 'invalid', message });
    }
  }
}

/** The type in the link of the search itself: `…/Patient?name=…`. */
function searchedType(run: Run, bundle: JsonObject): string | undefined {
  const link = list(own(bundle, 'link')).find((item) => own(item, 'relation') === 'self');
  const url = text(own(link, 'url'))?.split('?')[0] ?? '';
  const type = url.slice(url.lastIndexOf('/') + 1);
  return /^[A-Z][A-Za-z]{1,63}$/.test(type) && run.registry.isKind(type, 'Resource') ? type : undefined;
}
