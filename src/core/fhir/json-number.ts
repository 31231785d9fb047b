/**
 * Whether a JSON number has digits that a JavaScript number does not keep: `0.12345678901234567890`, `1e-400`.
 * Zeros at the end are form, not value: `1.00` loses none (its form is kept in the bytes as received).
 */
export function losesDigits(written: string): boolean {
  const exact = digitsOf(written);
  const kept = digitsOf(String(Number(written)));
  return exact.digits !== kept.digits || exact.exponent !== kept.exponent;
}

/** Significant digits without zeros at either end, and the power of ten of the last of them. */
function digitsOf(written: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = '', power = '0'] = written.toLowerCase().replace(/^-/, '').split('e');
  const point = mantissa.indexOf('.');
  const fraction = point < 0 ? 0 : mantissa.length - point - 1;
  const all = mantissa.replace('.', '');
  let from = 0;
  let to = all.length;
  while (from < to && all.charCodeAt(from) === 0x30) from++;
  while (to > from && all.charCodeAt(to - 1) === 0x30) to--;
  if (from === to) return { digits: '', exponent: 0 };
  return { digits: all.slice(from, to), exponent: Number(power) - fraction + (all.length - to) };
}
