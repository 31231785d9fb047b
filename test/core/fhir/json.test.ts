import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonLimits, parseJson, strangerLimits } from '../../../src/core/fhir/json.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const codes = (text: string, limits = jsonLimits) => parseJson(text, limits).issues.map((issue) => issue.code);

describe('a JSON text that a stranger sent', () => {
  test.each<[string, string, string, number, number]>([
    ['nothing', '', 'json-empty', 1, 1],
    ['white space only', ' \n\t', 'json-empty', 2, 2],
    ['a word', 'referral', 'json-syntax', 1, 1],
    ['a number with a leading zero', '{"a":01}', 'json-syntax', 1, 6],
    ['a number that ends in its point', '[1.]', 'json-syntax', 1, 2],
    ['a number that starts with its point', '[.5]', 'json-syntax', 1, 2],
    ['a plus sign', '[+1]', 'json-syntax', 1, 2],
    ['an exponent without digits', '[1e]', 'json-syntax', 1, 2],
    ['a minus alone', '[-]', 'json-syntax', 1, 2],
    ['NaN', '[NaN]', 'json-syntax', 1, 2],
    ['a comma at the end of an array', '[1,]', 'json-syntax', 1, 4],
    ['a comma at the end of an object', '{"a":1,}', 'json-syntax', 1, 8],
    ['a key without quotes', '{a:1}', 'json-syntax', 1, 2],
    ['a key in single quotes', "{'a':1}", 'json-syntax', 1, 2],
    ['a missing colon', '{"a" 1}', 'json-syntax', 1, 6],
    ['a missing value', '{"a":}', 'json-syntax', 1, 6],
    ['a comment', '{"a":1 /* one */}', 'json-syntax', 1, 8],
    ['two documents', '{} {}', 'json-syntax', 1, 4],
    ['an open object', '{"a":1', 'json-syntax', 1, 7],
    ['an open string', '"abc', 'json-syntax', 1, 5],
    ['a line break in a string', '"a\nb"', 'json-syntax', 1, 3],
    ['a NUL byte in a string', '"a\0b"', 'json-syntax', 1, 3],
    ['an escape that is none', '"\\x41"', 'json-syntax', 1, 2],
    ['an escape at the end', '"\\', 'json-syntax', 1, 2],
    ['a short unicode escape', '"\\u12"', 'json-syntax', 1, 2],
    ['a no-break space between tokens', '[\u00a01]', 'json-syntax', 1, 2],
    ['a second byte order mark', '\ufeff\ufeff{}', 'json-syntax', 1, 2],
    ['an escaped NUL', '{"a":"\\u0000"}', 'json-nul', 1, 7],
    ['a lone high surrogate', '["\\ud83d"]', 'json-lone-surrogate', 1, 3],
    ['a lone low surrogate', '["\\ude00"]', 'json-lone-surrogate', 1, 3],
    ['two high surrogates', '["\\ud83d\\ud83d"]', 'json-lone-surrogate', 1, 3],
    ['a raw lone surrogate', '["a\ud83d"]', 'json-lone-surrogate', 1, 4],
    ['a number beyond the largest', '{\n "a": 1e400}', 'json-number-range', 2, 7],
    ['a number below the smallest', '[-1e400]', 'json-number-range', 1, 2],
    ['an equal key', '{"status":"active",\n "status":"revoked"}', 'json-duplicate-key', 2, 2],
    ['an equal key, escaped once', '{"status":1,"st\\u0061tus":2}', 'json-duplicate-key', 1, 13],
    ['an equal key in an inner object', '{"a":{"b":1,"c":2,"b":3}}', 'json-duplicate-key', 1, 19],
    ['an equal key that is empty', '{"":1,"":2}', 'json-duplicate-key', 1, 7],
    ['__proto__', '{"__proto__":{"polluted":true}}', 'json-forbidden-key', 1, 2],
    ['__proto__, escaped', '{"\\u005f_proto__":1}', 'json-forbidden-key', 1, 2],
    ['constructor in an inner object', '{"a":[{"constructor":1}]}', 'json-forbidden-key', 1, 8],
    ['prototype', '{"prototype":1}', 'json-forbidden-key', 1, 2],
  ])('with %s is refused, and told where', (_, text, code, line, column) => {
    const parsed = parseJson(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.issues[0]).toMatchObject({ code, line, column });
    expect(parsed.issues[0]?.message).toContain(`line ${line}, column ${column}`);
  });

  test('may nest 64 deep and no deeper', () => {
    expect(codes(nested(64))).toEqual([]);
    expect(codes(nested(65))).toEqual(['json-too-deep']);
    expect(codes(nested(250_000))).toEqual(['json-too-deep']);
    expect(codes('{"a":'.repeat(65))).toEqual(['json-too-deep']);
  });

  test('may hold a string up to the limit', () => {
    const limits = { ...jsonLimits, stringLength: 10 };
    expect(codes('["0123456789"]', limits)).toEqual([]);
    expect(codes('["0123456789A"]', limits)).toEqual(['json-string-too-long']);
  });

  test('may hold as many values as the limit, and no more', () => {
    const limits = { ...jsonLimits, values: 4 };
    expect(codes('{"a":[1,2]}', limits)).toEqual([]);
    expect(codes('{"a":[1,2,3]}', limits)).toEqual(['json-too-many-values']);
    const list = (count: number) => Array.from({ length: count }, () => 0);
    expect(codes(JSON.stringify(list(2000)), strangerLimits)).toEqual([]);
    expect(codes(JSON.stringify(list(2001)), strangerLimits)).toEqual(['json-too-many-values']);
    const object = (count: number) => Object.fromEntries(list(count).map((_, at) => [`k${at}`, at]));
    expect(codes(JSON.stringify(object(2000)), strangerLimits)).toEqual([]);
    expect(codes(JSON.stringify(object(2001)), strangerLimits)).toEqual(['json-too-many-values']);
    const lists = (count: number) => Array.from({ length: count }, () => list(1999));
    expect(codes(JSON.stringify(lists(49)), strangerLimits)).toEqual([]);
    expect(codes(JSON.stringify(lists(51)), strangerLimits)).toEqual(['json-too-many-values']);
  });

  test('has all its faults told at once, at most twenty', () => {
    expect(codes('{"a":1,"a":2,"__proto__":"\\u0000","b":"\\ud800"}')).toEqual([
      'json-duplicate-key',
      'json-forbidden-key',
      'json-nul',
      'json-lone-surrogate',
    ]);
    expect(codes(`[${'1e400,'.repeat(100)}1]`)).toHaveLength(20);
  });

  test('finds equal keys in small and in large objects', () => {
    for (const count of [2, 23, 24, 25, 26, 1000]) {
      const keys = Array.from({ length: count }, (_, at) => `"k${at}":${at}`);
      expect(codes(`{${keys.join()}}`)).toEqual([]);
      for (const again of [0, 1, count - 1]) {
        expect(codes(`{${keys.join()},"k${again}":0}`)).toEqual(['json-duplicate-key']);
      }
    }
  });

  test('may use one key in sibling and in nested objects', () => {
    expect(codes('{"a":{"a":{"b":1}},"b":[{"a":1},{"a":2}]}')).toEqual([]);
  });

  test('is told both places of an equal key, and the name only where it is an element name', () => {
    const message = (text: string) => parseJson(text).issues[0]?.message ?? '';
    expect(message('{"status":1,"status":2}')).toContain(
      "'status' stands twice in one object, first at line 1, column 2",
    );
    expect(message('{"Zzyzx Canary":1,"Zzyzx Canary":2}')).not.toContain('Canary');
  });

  test('with a byte order mark is read without it', () => {
    expect(parseJson('\ufeff{"a":1}')).toMatchObject({ ok: true, value: { a: 1 } });
  });

  test('pollutes nothing', () => {
    parseJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('with a hundred thousand equal keys is refused in linear work', () => {
    expect(codes(`{${'"a":1,'.repeat(100_000)}"a":1}`)).toHaveLength(20);
  });
});

describe('a number', () => {
  test.each(['0.12345678901234567890', '12345678901234567890', '1e-400', '0.1000000000000000055', '-9007199254740993'])(
    '%s is kept as sent, with a warning that it will be rounded',
    (number) => {
      const parsed = parseJson(`{"value":${number}}`);
      expect(parsed.issues).toMatchObject([
        { code: 'json-number-precision', severity: 'warning', line: 1, column: 10 },
      ]);
      expect(parsed.ok && parsed.source('value')).toBe(number);
    },
  );

  test.each([
    '1.00',
    '0.10',
    '100',
    '1e2',
    '1.50E+3',
    '-0',
    '0.000000000000000000',
    '120000000000000000000',
    '1.2300000000000000000',
  ])('%s loses nothing but its form, which its source keeps', (number) => {
    const parsed = parseJson(`{"value": ${number} }`);
    expect(parsed.issues).toEqual([]);
    expect(parsed.ok && parsed.source('value')).toBe(number);
  });
});

describe('positions', () => {
  const text = `{
  "resourceType": "ServiceRequest",
  "code": { "coding": [ { "system": "s" },
    { "code": "c" } ] },
  "occurrenceTiming": { "repeat": { "count": 6 } },
  "_authoredOn": { "extension": [ { "url": "u" } ] },
  "quantityQuantity": { "value": 1.0 }
}`;
  const parsed = parseJson(text);
  test.each<[string, number, number]>([
    ['ServiceRequest', 1, 1],
    ['', 1, 1],
    ['ServiceRequest.code', 3, 3],
    ['ServiceRequest.code.coding[0]', 3, 25],
    ['ServiceRequest.code.coding.system', 3, 27],
    ['ServiceRequest.code.coding[1].code', 4, 7],
    ['ServiceRequest.code[0].coding[1].code[0]', 4, 7],
    ['ServiceRequest.occurrence', 5, 3],
    ['ServiceRequest.occurrence.ofType(Timing).repeat.count', 5, 37],
    ['ServiceRequest.occurrenceTiming.repeat.count', 5, 37],
    ['ServiceRequest.authoredOn.extension[0].url', 6, 37],
    ['ServiceRequest.quantity.value', 7, 25],
    ['ServiceRequest.code.coding[2].code', 3, 13],
    ['ServiceRequest.subject', 1, 1],
    ['ServiceRequest.code.text', 3, 3],
    ['ServiceRequest.code.coding[1].where(true).code', 4, 5],
  ])('%s stands, or would stand, at line %i, column %i', (expression, line, column) => {
    expect(parsed.ok && parsed.locate(expression)).toEqual({ line, column });
  });

  test('agree with the value on every path', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const read = parseJson(text);
        if (!read.ok) return;
        for (const [path, part] of paths(read.value)) {
          const source = read.source(path);
          expect(source === undefined ? undefined : JSON.parse(source)).toEqual(part);
        }
      }),
      { numRuns: 300, seed: 20261126 },
    );
  });
});

/** Paths whose names FHIRPath can say without quotes. */
function* paths(value: unknown, path = ''): Generator<[string, unknown]> {
  yield [path, value];
  if (Array.isArray(value)) for (const [at, item] of value.entries()) yield* paths(item, `${path}[${at}]`);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (/^[a-z]\w*$/.test(key)) yield* paths(item, path === '' ? key : `${path}.${key}`);
    }
  }
}

describe('the gate and JSON.parse', () => {
  const native = (text: string) => {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return undefined;
    }
  };
  const agree = (text: string) => {
    const ours = parseJson(text);
    const theirs = native(text);
    if (ours.ok) expect(ours.value).toEqual(theirs?.value);
    const grammar = ours.issues.some((issue) => issue.code === 'json-syntax' || issue.code === 'json-empty');
    expect(grammar, text).toBe(theirs === undefined);
  };

  test('agree on valid texts', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large' }), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        agree(JSON.stringify(value, null, indent));
      }),
      { numRuns: 2000, seed: 20261126 },
    );
  });

  test('agree on texts with a few characters changed', () => {
    const character = fc.constantFrom(...'{}[]",:\\u0123eE+-. \n\ttrufalsn\u00e9\u{1f600}');
    const change = fc.record({ at: fc.nat(), drop: fc.nat(2), put: fc.array(character, { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
        let text = JSON.stringify(value, null, 1);
        for (const { at, drop, put } of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + put.join('') + text.slice(from + drop);
        }
        agree(text);
      }),
      { numRuns: 5000, seed: 20261126 },
    );
  });

  test('agree on every short text over a small alphabet', () => {
    const letters = [...'{}[]",:a1-.e'];
    const grow = (text: string, left: number) => {
      agree(text);
      if (left > 0) for (const letter of letters) grow(text + letter, left - 1);
    };
    grow('', 3);
  });
});
