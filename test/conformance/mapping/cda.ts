import type { XmlElement } from './xml.ts';

/**
 * The few CDA-like models that the HL7 cases write into (namespace urn:hl7-org:v3-test). Their definitions are not part
 * of the case folder; these are written after the shapes of CDA R2 (https://www.hl7.org/implement/standards/cda/):
 * codes are attributes, a text's characters are its `data`, translations tell their type by xsi:type.
 */
const base = 'http://hl7.org/fhir/cdatest/StructureDefinition/';
const namespace = 'urn:hl7-org:v3-test';

type Kind = 'attribute' | 'text' | 'typed' | 'element';
type Field = readonly [name: string, type: string, max: '1' | '*', kind: Kind];

const text = (name: string): Field => [name, 'string', '1', 'attribute'];
const coded: readonly Field[] = [
  text('code'),
  text('codeSystem'),
  text('codeSystemName'),
  text('displayName'),
  ['translation', `${base}CD`, '*', 'typed'],
];
const types: Readonly<Record<string, readonly Field[]>> = {
  ST: [['data', 'string', '1', 'text']],
  TS: [text('value')],
  II: [text('root'), text('extension')],
  CD: coded,
  CE: coded,
  ClinicalDocument: [
    ['id', `${base}II`, '1', 'element'],
    ['code', `${base}CE`, '1', 'element'],
    ['title', `${base}ST`, '1', 'element'],
    ['effectiveTime', `${base}TS`, '1', 'element'],
    ['confidentialityCode', `${base}CE`, '1', 'element'],
    ['languageCode', `${base}CD`, '1', 'element'],
  ],
};
const representations: Readonly<Record<Kind, readonly string[]>> = {
  attribute: ['xmlAttr'],
  text: ['xmlText'],
  typed: ['typeAttr'],
  element: [],
};

/** StructureDefinitions of the CDA-like models. */
export const cdaModels = Object.entries(types).map(([name, fields]) => ({
  resourceType: 'StructureDefinition',
  url: base + name,
  name,
  kind: 'logical',
  type: base + name,
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
  snapshot: {
    element: [
      { id: name, path: name, min: 1, max: '1' },
      ...fields.map(([field, type, max, kind]) => ({
        id: `${name}.${field}`,
        path: `${name}.${field}`,
        min: 0,
        max,
        representation: representations[kind],
        type: [{ code: type }],
      })),
    ],
  },
}));

/** An output of a CDA-like model as XML: primitives are attributes, `data` is the text. */
export function toXml(name: string, value: unknown, isRoot = true): XmlElement {
  const attributes: Record<string, string> = isRoot ? { xmlns: namespace } : {};
  const children: XmlElement[] = [];
  let characters = '';
  for (const [key, child] of Object.entries(value as Record<string, unknown>)) {
    if (key === 'data' && typeof child === 'string') characters = child;
    else if (typeof child !== 'object') attributes[key] = String(child);
    else for (const item of Array.isArray(child) ? child : [child]) children.push(toXml(key, item, false));
  }
  return { name, attributes, children, text: characters };
}
