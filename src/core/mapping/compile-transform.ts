import { type Emitter, text } from './emitter.ts';
import { transforms } from './transforms.ts';

/** An argument as code: a literal, or the name of a variable that holds it. */
interface GivenCode {
  readonly code: string;
  readonly literal?: string | number | boolean;
}

interface TransformCode {
  readonly code: string;
  /** The result is never absent. */
  readonly isThere: boolean;
}

/** The code of a call of a transform; the most frequent ones without an array of arguments, and with their usual case first. */
export function transformCode(out: Emitter, name: string, given: readonly GivenCode[]): TransformCode {
  const [first, second] = given;
  if (name === 'uuid') return { code: 'R.newId()', isThere: false };
  if (name === 'append') return append(given);
  if (name === 'truncate' && first !== undefined && typeof second?.literal === 'number')
    return { code: absent(first, truncate(first.code, second.literal)), isThere: false };
  if (name === 'cast' && first !== undefined && typeof second?.literal === 'string')
    return { code: absent(first, cast(first.code, second.literal.replace(/^FHIR\./, ''))), isThere: false };
  const all = given.map(({ code }) => code).join(', ');
  return { code: `${out.constant(transforms.get(name)?.apply)}([${all}], R)`, isThere: false };
}

function absent({ code, literal }: GivenCode, result: string): string {
  return literal === undefined ? `(${code} === undefined ? undefined : ${result})` : result;
}

/** Absent arguments add nothing; only where all are absent there is no text. */
function append(given: readonly GivenCode[]): TransformCode {
  const parts = given.map(({ code, literal }) =>
    literal === undefined ? `(typeof ${code} === 'string' ? ${code} : H.text(${code}))` : text(String(literal)),
  );
  const joined = `(${['""', ...parts].join(' + ')})`;
  if (given.some(({ literal }) => literal !== undefined)) return { code: joined, isThere: true };
  const none = given.map(({ code }) => `${code} === undefined`).join(' && ');
  return { code: `(${none} ? undefined : ${joined})`, isThere: false };
}

/** A text that is short enough stays as it is. */
function truncate(value: string, length: number): string {
  return `(typeof ${value} === 'string' && ${value}.length <= ${length} ? ${value} : H.truncate(${value}, ${length}))`;
}

/** What is of the type already stays as it is; a number loses the sign of zero, as its text does. */
function cast(value: string, type: string): string {
  const other = `H.cast(${value}, ${text(type)})`;
  if (type === 'string' || type === 'markdown' || type === 'xhtml')
    return `(typeof ${value} === 'string' ? ${value} : ${other})`;
  const least = { integer: undefined, unsignedInt: 0, positiveInt: 1 };
  if (!(type in least)) return other;
  const min = least[type as keyof typeof least];
  const fits = min === undefined ? '' : ` && ${value} >= ${min}`;
  return `(typeof ${value} === 'number' && (${value} | 0) === ${value}${fits} ? ${value} | 0 : ${other})`;
}
