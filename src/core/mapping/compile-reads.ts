import type { Emitter } from './emitter.ts';
import type { Variable } from './plan.ts';

/** One place in the code where an element is read: the names that it gives, and the code that gives them their values. */
export interface Read {
  readonly names: readonly string[];
  readonly code: string;
}

/**
 * Reads that rules have in common. Where several rules look at the same element of the same part of an input, it is read
 * once, right after the variable of that part got its value: an input does not change, and a map asks for one
 * `referral.extension` a dozen times. What only one rule reads stays where it is read.
 */
export class SharedReads {
  private readonly out: Emitter;
  private readonly variable: Variable;
  private readonly declare: (code: string) => void;
  private readonly reads = new Map<string, { readonly read: Read; readonly fill: (code: string) => void }[]>();

  /** To be made where the variable has got its value. */
  constructor(out: Emitter, variable: Variable) {
    this.out = out;
    this.variable = variable;
    this.declare = out.reserve();
    out.reads.set(variable.slot, this);
  }

  add(element: string, read: Read): void {
    const known = this.reads.get(element) ?? [];
    this.reads.set(element, known);
    known.push({ read, fill: this.out.reserve() });
  }

  /** To be called where the block of the variable ends. */
  close(): void {
    const lines: string[] = [];
    for (const [first, ...others] of this.reads.values()) {
      if (first === undefined) continue;
      const { names, code } = first.read;
      if (others.length === 0) {
        first.fill(`let ${names.join(', ')}; ${code}`);
        continue;
      }
      const test = this.out.objectTest(this.variable);
      lines.push(`let ${names.join(', ')}; ${test === '' ? code : `if (${test}) { ${code} }`}`);
      for (const { read, fill } of others)
        fill(`const ${read.names.map((name, at) => `${name} = ${names[at]}`).join(', ')};`);
    }
    this.declare(lines.join(' '));
    this.out.reads.delete(this.variable.slot);
  }
}

/** Writes a read where it stands, or together with others of the same element. */
export function emitRead(out: Emitter, variable: Variable | undefined, element: string, read: Read): void {
  const shared = variable === undefined ? undefined : out.reads.get(out.rootOf(variable));
  if (shared === undefined) out.line(`let ${read.names.join(', ')}; ${read.code}`);
  else shared.add(element, read);
}
