import { type JsonObject, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { entriesOf, isAbsolute } from './resolve.ts';
import type { Run } from './run.ts';

/**
 * Rules of Bundles that stand in words: https://hl7.org/fhir/R4/bundle.html
 */
export function checkBundle(run: Run, bundle: JsonObject, path: Path): void {
  const type = text(own(bundle, 'type'));
  const seen = new Set<string>();
  for (const [index, entry] of entriesOf(bundle).entries()) {
    checkFullUrl(run, entry, type, at(path, 'entry', index), seen);
  }
}

function checkFullUrl(run: Run, entry: JsonObject, type: string | undefined, path: Path, seen: Set<string>): void {
  const fullUrl = text(own(entry, 'fullUrl'));
  if (fullUrl === undefined) return;
  if (!isAbsolute(fullUrl)) {
    run.issues.add(path, {
      code: 'full-url',
      type: 'value',
      message: 'The fullUrl of an entry must be an absolute URL; correct it.',
    });
    return;
  }
  const resource = own(entry, 'resource');
  const version = text(own(own(resource, 'meta'), 'versionId')) ?? '';
  const identity = `${fullUrl} ${version}`;
  if (seen.has(identity) && type !== 'history') {
    run.issues.add(path, {
      code: 'full-url-duplicate',
      type: 'duplicate',
      message: 'Two entries have the same fullUrl; give each its own.',
      rule: 'bdl-7',
    });
  }
  seen.add(identity);
}
