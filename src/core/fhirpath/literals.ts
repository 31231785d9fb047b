import type { LiteralType, LiteralValue, Node, QuantityValue } from './ast.ts';
import type { Token } from './lexer.ts';
import { isPossibleTemporal } from './temporal.ts';

/** Refuses a literal; the caller knows the place. */
type Refuse = (message: string) => never;

const calendarUnits = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/;
const ucum = 'http://unitsofmeasure.org';

/** Literals: http://hl7.org/fhirpath/N1/#literals */
export function literal(token: Token, type: LiteralType, value: LiteralValue): Node {
  return { kind: 'literal', at: token.start, type, value };
}

/** A number, or with a unit after it a quantity. */
export function numberLiteral(token: Token, unit: Token | undefined, refuse: Refuse): Node {
  const value = Number(token.value);
  if (unit !== undefined) return literal(token, 'Quantity', quantity(value, unit));
  const isDecimal = token.value.includes('.');
  // One more than the largest Integer, for a minus sign before it.
  if (!isDecimal && value > 2_147_483_648) refuse(`${token.value} is larger than an Integer can be.`);
  return literal(token, isDecimal ? 'Decimal' : 'Integer', value);
}

/** Whether what follows a number is its unit: a calendar word, or UCUM in single quotes. */
export function isUnitToken(token: Token, text: string): boolean {
  if (token.kind === 'string') return text[token.start] === "'";
  return token.kind === 'word' && calendarUnits.test(token.value);
}

/** `@2014-01-25`, `@2014T`, `@T14:30`. */
export function dateLiteral(token: Token, refuse: Refuse): Node {
  const value = token.value;
  const isTime = value.startsWith('T');
  const type: LiteralType = isTime ? 'Time' : value.includes('T') ? 'DateTime' : 'Date';
  const plain = isTime ? value.slice(1) : value.endsWith('T') ? value.slice(0, -1) : value;
  if (!isPossibleTemporal(plain)) refuse(`@${value} is not a possible date or time.`);
  return literal(token, type, plain);
}

function quantity(value: number, unit: Token): QuantityValue {
  if (unit.kind === 'word') return { value, unit: unit.value };
  return { value, unit: unit.value, system: ucum, code: unit.value };
}
