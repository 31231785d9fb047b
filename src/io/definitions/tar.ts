/** One file of a tar archive. */
export interface TarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const block = 512;

/**
 * Read and write the plain tar that FHIR packages use: regular files, long names by pax or GNU headers.
 *
 * @throws Error when the archive ends in the middle of a file.
 * @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export function readTar(archive: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + block <= archive.length; ) {
    const header = archive.subarray(at, at + block);
    if (header[0] === 0) break;
    const size = Number.parseInt(text(header, 124, 12), 8) || 0;
    const bytes = archive.subarray(at + block, at + block + size);
    if (bytes.length < size) throw new Error(`The tar archive ends within ${nameIn(header)}: it is cut off.`);
    const kind = String.fromCharCode(header[156] ?? 0);
    if (kind === 'x') longName = paxPath(bytes) ?? longName;
    else if (kind === 'L') longName = text(bytes, 0, bytes.length);
    else {
      if (kind === '0' || kind === '\0') files.push({ name: longName ?? nameIn(header), bytes });
      longName = undefined;
    }
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

/** Write files so that the same files give the same bytes: no dates, no owners. Names to 99 characters. */
export function writeTar(files: readonly { readonly name: string; readonly text: string }[]): Uint8Array {
  const parts = files.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text, 'utf8');
    return [header(name, bytes.length), bytes, Buffer.alloc((block - (bytes.length % block)) % block)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 99) throw new Error(`${name} is too long for a tar header: 99 bytes are allowed.`);
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  bytes.write('0000644\0', 100);
  bytes.write('0000000\0', 108);
  bytes.write('0000000\0', 116);
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write('00000000000\0', 136);
  bytes.write('        ', 148);
  bytes.write('0', 156);
  bytes.write('ustar\x0000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

function nameIn(header: Uint8Array): string {
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return prefix ? `${prefix}/${name}` : name;
}

function paxPath(bytes: Uint8Array): string | undefined {
  return /^\d+ path=(.*)$/m.exec(Buffer.from(bytes).toString('utf8'))?.[1];
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end))
    .toString('utf8')
    .trim();
}
