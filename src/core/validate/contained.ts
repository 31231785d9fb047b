import { isObject, type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { isValidPrimitive } from './primitive.ts';
import { reportRule } from './report-rule.ts';
import type { Run, Scope } from './run.ts';

/**
 * Contained resources (dom-2 to dom-5) and ids.
 * @see https://hl7.org/fhir/R4/references.html#contained and https://hl7.org/fhir/R4/domainresource.html
 */
export function checkContained(run: Run, resource: JsonObject, path: Path, scope: Scope): void {
  const id = own(resource, 'id');
  if (id !== undefined && typeof id === 'string' && !isValidPrimitive('id', id)) {
    reportRule(run, 'Resource.id', at(path, 'id'), {
      code: 'resource-id',
      type: 'value',
      message: 'The id of a resource is 1 to 64 letters, digits, "-" and "."; choose another.',
    });
  }
  const contained = list(own(resource, 'contained')).filter(isObject);
  if (contained.length === 0) return;
  if (scope.isContained) {
    reportRule(run, 'DomainResource.contained', at(path, 'contained'), {
      code: 'contained-nested',
      type: 'invariant',
      message: 'A contained resource may not contain others; lift them to the outer resource.',
      rule: 'dom-2',
    });
    return;
  }
  const known = new Set<string>();
  const uses = referencesIn(resource);
  for (const [index, item] of contained.entries()) checkOne(run, item, at(path, 'contained', index), known, uses);
}

function checkOne(run: Run, item: JsonObject, path: Path, known: Set<string>, uses: Uses): void {
  const id = text(own(item, 'id'));
  const meta = own(item, 'meta');
  if (id === undefined) {
    reportRule(run, 'DomainResource.contained', path, {
      code: 'contained-id',
      type: 'required',
      message: 'A contained resource needs an id, so that it can be referred to; add one.',
    });
  } else if (known.has(id)) {
    reportRule(run, 'DomainResource.contained', at(path, 'id'), {
      code: 'contained-duplicate',
      type: 'duplicate',
      message: 'Two contained resources have the same id; give each its own.',
    });
  } else {
    known.add(id);
  }
  if (own(meta, 'versionId') !== undefined || own(meta, 'lastUpdated') !== undefined) {
    reportRule(run, 'DomainResource.contained', path, {
      code: 'contained-meta',
      type: 'invariant',
      message: 'A contained resource has no version of its own; remove meta.versionId and meta.lastUpdated.',
      rule: 'dom-4',
    });
  }
  if (list(own(meta, 'security')).length > 0) {
    reportRule(run, 'DomainResource.contained', path, {
      code: 'contained-security',
      type: 'invariant',
      message: 'A contained resource has no security label of its own; put it on the outer resource.',
      rule: 'dom-5',
    });
  }
  const isUsed = id !== undefined && (uses.local.has(`#${id}`) || uses.toContainer.has(item));
  if (id !== undefined && !isUsed) {
    reportRule(run, 'DomainResource.contained', path, {
      code: 'contained-unused',
      type: 'invariant',
      message: 'Nothing refers to this contained resource; refer to it or remove it.',
      rule: 'dom-3',
    });
  }
}

/** Links of a narrative to places of its resource. */
function linksIn(narrative: string): readonly string[] {
  return [...narrative.matchAll(/(?:href|src)=["'](#[A-Za-z0-9.-]{1,64})["']/g)].map((match) => match[1] ?? '');
}

interface Uses {
  /** All local references: `#id`. */
  readonly local: ReadonlySet<string>;
  /** Contained resources that refer to their container with `#`. */
  readonly toContainer: ReadonlySet<object>;
}

/** Strings that start with `#`, in one pass without recursion; links of narratives included. */
function referencesIn(resource: JsonObject): Uses {
  const local = new Set<string>();
  const toContainer = new Set<object>();
  const inside = new Set<unknown>(list(resource.contained));
  const rest: { value: unknown; within: object | undefined }[] = [{ value: resource, within: undefined }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, within } = next;
    if (typeof value === 'string') {
      if (value === '#' && within !== undefined) toContainer.add(within);
      else if (value.startsWith('<div')) for (const link of linksIn(value)) local.add(link);
      else if (value.startsWith('#') && value !== `#${text(own(within, 'id')) ?? ''}`) local.add(value);
    } else if (typeof value === 'object' && value !== null) {
      const isContained = value !== resource && within === undefined && inside.has(value);
      for (const inner of Object.values(value)) rest.push({ value: inner, within: isContained ? value : within });
    }
  }
  return { local, toContainer };
}
