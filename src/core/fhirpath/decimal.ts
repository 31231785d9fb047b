/** A decimal number taken apart exactly: `digits` × 10^-`scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Significant digits of a quotient: one more than a double can tell apart. */
const quotientDigits = 18;

/**
 * Decimal arithmetic on numbers as they are written: 0.1 + 0.2 is 0.3. Values come from JSON as doubles, so the result is
 * the double nearest to the exact decimal result.
 */
export function addDecimals(left: number, right: number): number {
  const sum = left + right;
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(sum)) return sum;
  return combine(left, right, (a, b) => a + b, sum);
}

export function subtractDecimals(left: number, right: number): number {
  return addDecimals(left, -right);
}

export function multiplyDecimals(left: number, right: number): number {
  const a = decimalOf(left);
  const b = decimalOf(right);
  if (a === undefined || b === undefined) return left * right;
  return numberOf({ digits: a.digits * b.digits, scale: a.scale + b.scale });
}

/** The quotient to 18 digits; undefined when dividing by zero. */
export function divideDecimals(left: number, right: number): number | undefined {
  if (right === 0) return undefined;
  const a = decimalOf(left);
  const b = decimalOf(right);
  if (a === undefined || b === undefined) return left / right;
  const shift = Math.max(0, quotientDigits - digitCount(a.digits) + digitCount(b.digits));
  const scaled = a.digits * 10n ** BigInt(shift);
  return numberOf({ digits: scaled / b.digits, scale: a.scale - b.scale + shift });
}

/** The whole part of the quotient, cut towards zero; undefined when dividing by zero. */
export function wholeQuotient(left: number, right: number): number | undefined {
  if (right === 0) return undefined;
  return combine(left, right, (a, b) => a / b, Math.trunc(left / right), true);
}

/** What remains after `wholeQuotient`; undefined when dividing by zero. */
export function remainder(left: number, right: number): number | undefined {
  if (right === 0) return undefined;
  return combine(left, right, (a, b) => a % b, left % right);
}

/** Rounded half away from zero to a number of decimal places. */
export function roundDecimal(value: number, places: number): number {
  const decimal = decimalOf(value);
  if (decimal === undefined || decimal.scale <= places) return value;
  const unit = 10n ** BigInt(decimal.scale - places);
  const half = decimal.digits < 0n ? -unit / 2n : unit / 2n;
  return numberOf({ digits: (decimal.digits + half) / unit, scale: places });
}

/** Digits after the point as the number is written, without trailing zeros. */
export function decimalPlaces(value: number): number {
  return Math.max(0, decimalOf(value)?.scale ?? 0);
}

/** As written in plain digits, without an exponent. */
export function decimalText(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const decimal = decimalOf(value);
  return decimal === undefined ? text : plainText(decimal);
}

function combine(
  left: number,
  right: number,
  operate: (a: bigint, b: bigint) => bigint,
  otherwise: number,
  isWhole = false,
): number {
  const a = decimalOf(left);
  const b = decimalOf(right);
  if (a === undefined || b === undefined) return otherwise;
  const scale = Math.max(a.scale, b.scale);
  const digits = operate(a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale));
  return numberOf({ digits, scale: isWhole ? 0 : scale });
}

/** Numbers beyond 10^±40 are left to the processor: their digits would only cost time. */
function decimalOf(value: number): Decimal | undefined {
  const size = Math.abs(value);
  if (value !== 0 && (!(size < 1e40) || size < 1e-40)) return undefined;
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function numberOf(decimal: Decimal): number {
  const value = Number(`${decimal.digits}e${-decimal.scale}`);
  return value === 0 ? 0 : value;
}

function digitCount(digits: bigint): number {
  return String(digits < 0n ? -digits : digits).length;
}

function plainText(decimal: Decimal): string {
  const isNegative = decimal.digits < 0n;
  const digits = String(isNegative ? -decimal.digits : decimal.digits).padStart(decimal.scale + 1, '0');
  const point = digits.length - decimal.scale;
  const text = decimal.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return isNegative ? `-${text}` : text;
}
