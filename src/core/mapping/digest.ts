/**
 * SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. The core has no platform to ask for one.
 * @see https://csrc.nist.gov/pubs/fips/180-4/upd1/final
 */
export function sha256(text: string): string {
  const message = padded(text);
  const state = Int32Array.from(initial);
  const schedule = new Int32Array(64);
  for (let at = 0; at < message.byteLength; at += 64) round(state, schedule, message, at);
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

const primes = firstPrimes(64);
const initial = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const constants = Int32Array.from(primes.map((prime) => fraction(Math.cbrt(prime))));

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits of what stands after the point. */
function fraction(value: number): number {
  return ((value - Math.floor(value)) * 2 ** 32) | 0;
}

/** The text in UTF-8, a 1 bit, zeros, and the length in bits, in whole blocks of 64 bytes. */
function padded(text: string): DataView {
  // No UTF-16 unit takes more than three bytes.
  const bytes = new Uint8Array(text.length * 3 + 72);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.codePointAt(at) ?? 0;
    if (c < 0x80) bytes[length++] = c;
    else if (c < 0x800) {
      bytes[length++] = 0xc0 | (c >> 6);
      bytes[length++] = 0x80 | (c & 63);
    } else if (c < 0x10000) {
      bytes[length++] = 0xe0 | (c >> 12);
      bytes[length++] = 0x80 | ((c >> 6) & 63);
      bytes[length++] = 0x80 | (c & 63);
    } else {
      bytes[length++] = 0xf0 | (c >> 18);
      bytes[length++] = 0x80 | ((c >> 12) & 63);
      bytes[length++] = 0x80 | ((c >> 6) & 63);
      bytes[length++] = 0x80 | (c & 63);
      at++;
    }
  }
  bytes[length] = 0x80;
  const message = new DataView(bytes.buffer, 0, Math.ceil((length + 9) / 64) * 64);
  message.setBigUint64(message.byteLength - 8, BigInt(length) * 8n);
  return message;
}

function round(state: Int32Array, w: Int32Array, message: DataView, at: number): void {
  for (let i = 0; i < 16; i++) w[i] = message.getInt32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] ?? 0;
    const y = w[i - 2] ?? 0;
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const sum1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (w[i] ?? 0)) | 0;
    const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  let i = 0;
  for (const value of [a, b, c, d, e, f, g, h]) {
    state[i] = (state[i] ?? 0) + value;
    i++;
  }
}

function turn(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}
