import type { ElementNode } from './element.ts';

/** Variables of a generated body that count those children of which it matters how often they occur. */
export class Counters {
  readonly #names = new Map<ElementNode, string>();

  constructor(children: readonly ElementNode[]) {
    for (const child of children) {
      const isExtension = child.name === 'extension' && child.max > 0;
      if (child.min > 0 || child.isChoice || isExtension || needsSlices(child)) {
        this.#names.set(child, `r${this.#names.size}`);
      }
    }
  }

  of(child: ElementNode): string | undefined {
    return this.#names.get(child);
  }

  declaration(): string {
    return [...this.#names.values()].map((name) => `,${name}=0`).join('');
  }

  /** Statements for one more occurrence, or for all of an array; a choice may be there in one type only. */
  count(child: ElementNode, occurrences = '1'): string {
    const name = this.#names.get(child);
    if (name === undefined) return '';
    return child.isChoice ? `if(++${name}>1)return false;` : `${name}=${occurrences};`;
  }

  /** Statements that answer false where there are too few. */
  limits(): string {
    const lines = [...this.#names].map(([child, name]) => {
      if (child.min > 0) return `if(${name}<${child.min})return false;`;
      return needsSlices(child) ? `if(${name}===0)return false;` : '';
    });
    return lines.join('');
  }
}

function needsSlices(child: ElementNode): boolean {
  return child.slices.some((slice) => slice.min > 0);
}
