import type { Random } from './random.ts';

/** A well-formed value of a primitive type. */
export function makePrimitive(type: string, random: Random): unknown {
  const number = random.below(1000);
  switch (type) {
    case 'boolean':
      return random.next() < 0.5;
    case 'integer':
      return number - 500;
    case 'unsignedInt':
      return number;
    case 'positiveInt':
      return number + 1;
    case 'decimal':
      return number / 8;
    case 'date':
      return random.pick(['2026', '2026-11', '2026-02-28', '2024-02-29']);
    case 'dateTime':
      return random.pick(['2026', '2026-11', '2026-11-26', '2026-11-26T09:00:00Z', '2026-11-26T09:00:00.123+01:00']);
    case 'instant':
      return '2026-11-26T09:00:00.000-05:00';
    case 'time':
      return random.pick(['09:00:00', '23:59:59.999']);
    case 'code':
      return random.pick(['code', 'two words', 'a-1']);
    case 'id':
      return `id-${number}.x`;
    case 'uri':
    case 'url':
    case 'canonical':
      return `https://example.com/thing/${number}`;
    case 'oid':
      return `urn:oid:1.2.${number}`;
    case 'uuid':
      return 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
    case 'base64Binary':
      return random.pick(['AAAA', 'QQ==', 'QUI=']);
    case 'xhtml':
      return '<div xmlns="http://www.w3.org/1999/xhtml"><p>Made &amp; <b>bold</b></p></div>';
    default:
      return `text ${number}`;
  }
}

/** Shapes of datatypes whose own invariants a free choice of elements would break. */
export const madeTypes: Readonly<Record<string, (random: Random) => unknown>> = {
  Period: (random) =>
    random.pick([{ start: '2026-01-01' }, { start: '2026-01-01', end: '2026-02-01T00:00:00Z' }, { end: '2026' }]),
  Range: (random) => ({
    low: { value: 1, unit: 'cm' },
    ...(random.next() < 0.5 ? { high: { value: 2, unit: 'cm' } } : {}),
  }),
  Ratio: () => ({ numerator: { value: 1 }, denominator: { value: 2 } }),
  Quantity: (random) => ({ value: random.below(100), unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' }),
  Age: () => ({ value: 40, unit: 'years', system: 'http://unitsofmeasure.org', code: 'a' }),
  Duration: () => ({ value: 30, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' }),
  Distance: () => ({ value: 2, unit: 'km', system: 'http://unitsofmeasure.org', code: 'km' }),
  Count: () => ({ value: 2, unit: '1', system: 'http://unitsofmeasure.org', code: '1' }),
  Coding: (random) => ({ system: 'https://example.com/codes', code: `c${random.below(100)}` }),
  TriggerDefinition: () => ({ type: 'named-event', name: 'start' }),
  Expression: () => ({ language: 'text/fhirpath', expression: 'true' }),
  Extension: (random) => ({ url: `https://example.com/extension/${random.below(10)}`, valueString: 'x' }),
  Money: () => ({ value: 10 }),
  Attachment: () => ({ contentType: 'text/plain', data: 'AAAA' }),
  Identifier: (random) => ({ system: 'https://example.com/ids', value: `${random.below(10_000)}` }),
  ContactPoint: () => ({ system: 'phone', value: '+49 30 0000000' }),
  SampledData: () => ({ origin: { value: 0 }, period: 10, dimensions: 1, data: '1 2 3' }),
  Timing: (random) =>
    random.pick([
      { repeat: { frequency: 2, period: 1, periodUnit: 'wk' } },
      { repeat: { duration: 30, durationUnit: 'min', count: 6, when: ['MORN'], offset: 5 } },
      { event: ['2026-11-26'] },
    ]),
  Annotation: () => ({ text: 'A note.' }),
  Meta: () => ({ versionId: '1' }),
  Narrative: (random) => ({ status: 'generated', div: makePrimitive('xhtml', random) }),
};
