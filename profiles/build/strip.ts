import type {
  ElementDefinition,
  ElementDefinitionConstraint,
  Extension,
  StructureDefinition,
} from '@medplum/fhirtypes';

const kept = ['id', 'path', 'sliceName', 'min', 'max', 'contentReference', 'maxLength'];
const keptWhenTrue = ['mustSupport', 'isModifier'];
const keptByPrefix = /^(fixed|pattern|minValue|maxValue|defaultValue)[A-Z]/;
const regexExtension = 'http://hl7.org/fhir/StructureDefinition/regex';
const maxValueSetExtension = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/**
 * Take from a StructureDefinition what validation and mapping read. Descriptive text goes, except `short` of R4's
 * resources and types and of what our profiles say anew. `base` stays only where its cardinality differs (a list that a
 * profile narrows to one is still a list in JSON). The invariants ele-1 and ext-1 stand only on the types that have
 * them, as https://hl7.org/fhir/R4/element.html and extension.html do, not on each element of that type. R4's types say of
 * every `extension` that it is sliced by url; without slices that says nothing and goes.
 */
export function stripStructure(
  structure: StructureDefinition,
  keepShort: (element: ElementDefinition) => boolean,
): unknown {
  const { url, version, name, title, kind, abstract, type, derivation, baseDefinition, context, contextInvariant } =
    structure;
  const elements = structure.snapshot?.element ?? [];
  const slices = new Set(elements.filter((element) => element.sliceName).map((element) => element.path));
  return {
    url,
    resourceType: 'StructureDefinition',
    ...definedOnly({ id: structure.id, version: version === '4.0.1' ? undefined : version, name, title }),
    ...definedOnly({ kind, abstract, type, derivation, baseDefinition, context, contextInvariant }),
    snapshot: {
      element: elements.map((element) => stripElement(element, keepShort(element), slices.has(element.path))),
    },
  };
}

function stripElement(element: ElementDefinition, keepShort: boolean, isSliced: boolean): unknown {
  const bare: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(element)) {
    if (kept.includes(key) || keptByPrefix.test(key)) bare[key] = value;
    if (keptWhenTrue.includes(key) && value === true) bare[key] = value;
  }
  const { base, slicing, type, constraint, binding } = element;
  const ruling = constraint?.filter((rule) => !repeatsItsType(rule, element)).map(stripConstraint);
  return {
    ...bare,
    ...(keepShort ? definedOnly({ short: element.short }) : {}),
    ...(base && (base.max !== element.max || base.min !== element.min) ? { base } : {}),
    ...(slicing && (isSliced || slicing.rules !== 'open') ? { slicing: { ...slicing, description: undefined } } : {}),
    ...(type ? { type: type.map((one) => ({ ...one, extension: only(one.extension, regexExtension) })) } : {}),
    ...(ruling?.length ? { constraint: ruling } : {}),
    ...(binding
      ? {
          binding: {
            strength: binding.strength,
            valueSet: binding.valueSet,
            extension: only(binding.extension, maxValueSetExtension),
          },
        }
      : {}),
  };
}

function stripConstraint(rule: ElementDefinitionConstraint): unknown {
  const { key, severity, human, expression } = rule;
  return definedOnly({ key, severity, human, expression });
}

function repeatsItsType(rule: ElementDefinitionConstraint, element: ElementDefinition): boolean {
  const hasOwnType = element.type?.some(({ code }) => code !== 'BackboneElement' && code !== 'Element') ?? true;
  return (rule.key === 'ele-1' || rule.key === 'ext-1') && element.path?.includes('.') === true && hasOwnType;
}

function only(extensions: readonly Extension[] | undefined, url: string): Extension[] | undefined {
  const wanted = extensions?.filter((extension) => extension.url === url);
  return wanted?.length ? wanted : undefined;
}

function definedOnly(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
