import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../../src/core/validate/validator.ts';

/** What a profile demands beyond the definition it is based on, each by the name of its broken example. */
export interface ProfileRule {
  /** For example `msr-4`, `authoredOn.min`, `identifier-placer.max`, `requester.type`, `status.binding`. */
  readonly name: string;
  /** Id of the element in the snapshot. */
  readonly element: string;
}

type Elements = ReadonlyMap<string, ElementDefinition>;

/** All rules of a profile that its base does not have already, in the order of the snapshot. */
export function rulesOf(profile: StructureDefinition, definitions: Definitions): ProfileRule[] {
  const base = definitions.structure(profile.baseDefinition ?? '') as StructureDefinition;
  const before = byId(base);
  const now = byId(profile);
  const told = new Set([...now.values()].flatMap((element) => sortedBy(element, now)));
  const rules = [...now].flatMap(([id, element]) => {
    const known = before.get(id) ?? unsliced(id, now, before, definitions);
    return kindsOf(element, known, now)
      .filter((kind) => !told.has(`${id} ${kind}`))
      .map((kind) => ({ name: nameOf(id, kind), element: id }));
  });
  return [...rules, ...invariantsOf(profile, base)];
}

function invariantsOf(profile: StructureDefinition, base: StructureDefinition): ProfileRule[] {
  const keys = (structure: StructureDefinition): string[] =>
    structure.snapshot?.element?.[0]?.constraint?.map(({ key }) => key ?? '') ?? [];
  const inherited = new Set(keys(base));
  const own = keys(profile).filter((key) => !inherited.has(key));
  return own.map((name) => ({ name, element: profile.type ?? '' }));
}

function kindsOf(element: ElementDefinition, known: ElementDefinition | undefined, all: Elements): string[] {
  const kinds = [
    [(element.min ?? 0) > (known?.min ?? 0) && !isImplied(element, all), 'min'],
    [element.max !== known?.max, 'max'],
    [types(element) !== types(known) && !element.sliceName, 'type'],
    [checkable(element) && bound(element) !== bound(known), 'binding'],
    [pattern(element) !== pattern(known), 'pattern'],
  ] as const;
  return kinds.filter(([holds]) => holds).map(([, kind]) => kind);
}

// A list has a minimum of its own only where none of its slices has one.
function isImplied(element: ElementDefinition, all: Elements): boolean {
  return [...all].some(([id, { sliceName, min }]) => sliceName && min && id === `${element.id}:${sliceName}`);
}

// By these the slices are told apart: where one does not hold the value is in no slice, and nothing is broken.
function sortedBy(element: ElementDefinition, all: Elements): string[] {
  const slices = [...all.keys()].filter(
    (id) => id.startsWith(`${element.id}:`) && !id.slice(`${element.id}:`.length).includes('.'),
  );
  return (element.slicing?.discriminator ?? []).flatMap(({ type, path }) =>
    slices.flatMap((id) => {
      const place = path === '$this' ? id : `${id}.${path}`;
      return type === 'type' ? [`${id} min`] : [`${place} pattern`, ...(place === id ? [] : [`${place} min`])];
    }),
  );
}

// An element inside a datatype is compared with that datatype's own, a slice with the list that it is a slice of.
function unsliced(
  id: string,
  now: Elements,
  before: Elements,
  definitions: Definitions,
): ElementDefinition | undefined {
  const parent = now.get(id.slice(0, id.lastIndexOf('.')));
  const step = id.slice(id.lastIndexOf('.') + 1);
  const code = parent?.type?.length === 1 ? (parent.type[0]?.code ?? '') : '';
  const datatype = /^(BackboneElement|Element)?$/.test(code)
    ? undefined
    : (definitions.structure(code) as StructureDefinition);
  const plain = step.replace(/:.*/, '');
  return (datatype && byId(datatype).get(`${code}.${plain}`)) ?? before.get(id.replace(/:[^.]+/g, ''));
}

function byId(structure: StructureDefinition): Map<string, ElementDefinition> {
  return new Map((structure.snapshot?.element ?? []).map((element) => [element.id ?? '', element]));
}

function types(element: ElementDefinition | undefined): string {
  const told = element?.type?.map(({ code, targetProfile }) => `${code} ${targetProfile?.join(',') ?? ''}`) ?? [];
  return told.join('|');
}

function checkable(element: ElementDefinition): boolean {
  return element.binding?.strength === 'required' || element.binding?.strength === 'extensible';
}

function bound(element: ElementDefinition | undefined): string {
  return element?.binding ? `${element.binding.strength} ${element.binding.valueSet}` : '';
}

function pattern(element: ElementDefinition | undefined): string {
  const entry = Object.entries(element ?? {}).find(([key]) => /^(fixed|pattern)[A-Z]/.test(key));
  return entry ? JSON.stringify(entry) : '';
}

function nameOf(id: string, kind: string): string {
  const steps = id.split('.').slice(1);
  return [...steps.map((step) => step.replace('[x]', '').replace(':', '-')), kind].join('.');
}
