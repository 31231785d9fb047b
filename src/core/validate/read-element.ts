import { parseDiscriminatorPath } from './discriminator-path.ts';
import type { BindingRule, DiscriminatorKind, ExpectedValue, InvariantRule, SlicingRule, TypeRule } from './element.ts';
import { expressionMeant } from './invariant-wording.ts';
import { isObject, list, own, text } from './json.ts';

/** What one ElementDefinition says; absent where it says nothing, so that it can be laid over its base. */
export interface ElementRules {
  readonly min?: number;
  readonly max?: number;
  readonly baseMax?: string;
  readonly types?: readonly TypeRule[];
  readonly expected?: ExpectedValue;
  readonly minValue?: unknown;
  readonly maxValue?: unknown;
  readonly maxLength?: number;
  readonly mustHaveValue?: boolean;
  readonly bindings?: readonly BindingRule[];
  readonly invariants: readonly InvariantRule[];
  readonly isModifier?: boolean;
  readonly slicing?: SlicingRule;
  readonly contentReference?: string;
}

const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const profileElement = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element';
const maxValueSet = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';
const additionalBindings = [
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.binding.additional',
  'http://hl7.org/fhir/tools/StructureDefinition/additional-binding',
];
const mustHaveValueUrl = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue';

/**
 * Read one element of a StructureDefinition.
 *
 * @param refuse Told, in words, of everything that this validator does not know how to check.
 */
export function readElement(element: unknown, refuse: (reason: string) => void): ElementRules {
  const max = text(own(element, 'max'));
  const min = own(element, 'min');
  const maxLength = own(element, 'maxLength');
  const extensions = list(own(element, 'extension'));
  return {
    min: typeof min === 'number' ? min : undefined,
    max: max === undefined ? undefined : max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    baseMax: text(own(own(element, 'base'), 'max')),
    types: readTypes(own(element, 'type')),
    expected: readExpected(element),
    minValue: prefixed(element, 'minValue'),
    maxValue: prefixed(element, 'maxValue'),
    maxLength: typeof maxLength === 'number' ? maxLength : undefined,
    mustHaveValue: extensions.some(
      (item) => own(item, 'url') === mustHaveValueUrl && own(item, 'valueBoolean') === true,
    )
      ? true
      : undefined,
    bindings: readBindings(own(element, 'binding'), text(own(element, 'path'))),
    invariants: list(own(element, 'constraint')).flatMap((item) => readInvariant(item)),
    isModifier: own(element, 'isModifier') === true ? true : undefined,
    slicing: readSlicing(own(element, 'slicing'), refuse),
    contentReference: text(own(element, 'contentReference')),
  };
}

function readTypes(value: unknown): readonly TypeRule[] | undefined {
  const types = list(value);
  if (types.length === 0) return undefined;
  return types.map((type) => {
    const real = list(own(type, 'extension')).find((item) => own(item, 'url') === fhirType);
    const code = text(own(real, 'valueUrl')) ?? text(own(real, 'valueUri')) ?? text(own(type, 'code')) ?? '';
    return {
      code: systemType(code),
      profiles: readProfiles(type),
      targetProfiles: list(own(type, 'targetProfile')).map(String),
      aggregation: list(own(type, 'aggregation')).map(String),
    };
  });
}

/** A profile may name one element of a definition: its id then follows after `#`. */
function readProfiles(type: unknown): readonly string[] {
  const beside = list(own(type, '_profile'));
  return list(own(type, 'profile')).map((url, index) => {
    const element = list(own(beside[index], 'extension')).find((item) => own(item, 'url') === profileElement);
    const id = text(own(element, 'valueString'));
    return id === undefined ? String(url) : `${String(url)}#${id}`;
  });
}

/** FHIRPath's own types appear as types of `id`, `url` and primitive values. */
function systemType(code: string): string {
  const system = 'http://hl7.org/fhirpath/System.';
  return code.startsWith(system) ? code.slice(system.length).replace(/^./, (first) => first.toLowerCase()) : code;
}

function prefixed(element: unknown, prefix: string): unknown {
  if (!isObject(element)) return undefined;
  for (const key of Object.keys(element)) {
    const next = key.charCodeAt(prefix.length);
    if (next >= 65 && next <= 90 && key.startsWith(prefix)) return element[key];
  }
  return undefined;
}

function readExpected(element: unknown): ExpectedValue | undefined {
  const fixed = prefixed(element, 'fixed');
  if (fixed !== undefined) return { kind: 'fixed', value: fixed };
  const pattern = prefixed(element, 'pattern');
  return pattern === undefined ? undefined : { kind: 'pattern', value: pattern };
}

/** Codes that an element's own text allows beside its value set: "json | xml | ttl or a mime type". */
const besideValueSet: Readonly<Record<string, readonly string[]>> = {
  // https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.format
  'CapabilityStatement.format': ['json', 'xml', 'ttl'],
};

function readBindings(binding: unknown, path = ''): readonly BindingRule[] | undefined {
  if (!isObject(binding)) return undefined;
  const rules: BindingRule[] = [];
  const valueSet = text(own(binding, 'valueSet'));
  const strength = own(binding, 'strength');
  if (valueSet !== undefined && (strength === 'required' || strength === 'extensible'))
    rules.push({ strength, valueSet, also: besideValueSet[path] });
  for (const item of list(own(binding, 'extension'))) {
    const url = text(own(item, 'url')) ?? '';
    const maximum =
      url === maxValueSet ? (text(own(item, 'valueCanonical')) ?? text(own(item, 'valueUri'))) : undefined;
    if (maximum !== undefined) rules.push({ strength: 'maximum', valueSet: maximum });
    if (additionalBindings.includes(url)) rules.push(...readAdditional(item));
  }
  return rules;
}

/** Additional bindings hold besides the main one; those for one usage only are advice that we cannot weigh. */
function readAdditional(item: unknown): readonly BindingRule[] {
  const parts = list(own(item, 'extension'));
  const part = (url: string) => parts.find((entry) => own(entry, 'url') === url);
  const valueSet = text(own(part('valueSet'), 'valueCanonical'));
  const purpose = own(part('purpose'), 'valueCode');
  if (valueSet === undefined || part('usage') !== undefined) return [];
  if (purpose === 'required' || purpose === 'maximum') return [{ strength: 'maximum', valueSet }];
  return purpose === 'extensible' ? [{ strength: 'extensible', valueSet }] : [];
}

function readInvariant(item: unknown): readonly InvariantRule[] {
  const expression = text(own(item, 'expression'));
  if (expression === undefined) return [];
  return [
    {
      key: text(own(item, 'key')) ?? 'unnamed',
      severity: own(item, 'severity') === 'warning' ? 'warning' : 'error',
      human: text(own(item, 'human')) ?? '',
      expression: expressionMeant(expression),
      source: text(own(item, 'source')) ?? '',
    },
  ];
}

const kinds: readonly DiscriminatorKind[] = ['value', 'pattern', 'exists', 'type', 'profile'];

function readSlicing(slicing: unknown, refuse: (reason: string) => void): SlicingRule | undefined {
  if (!isObject(slicing)) return undefined;
  const rules = text(own(slicing, 'rules')) ?? 'open';
  if (rules !== 'open' && rules !== 'closed' && rules !== 'openAtEnd') refuse(`unknown slicing rules '${rules}'`);
  const discriminators = list(own(slicing, 'discriminator')).flatMap((item) => {
    const kind = kinds.find((name) => name === own(item, 'type'));
    if (kind === undefined) refuse(`unknown discriminator type '${String(own(item, 'type'))}'`);
    const path = text(own(item, 'path')) ?? '$this';
    if (parseDiscriminatorPath(path) === undefined) refuse(`the discriminator path '${path}', which is not understood`);
    return kind === undefined ? [] : [{ kind, path }];
  });
  return { rules: rules as SlicingRule['rules'], ordered: own(slicing, 'ordered') === true, discriminators };
}
