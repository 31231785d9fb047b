import type { ElementNode } from './element.ts';
import type { Path } from './path.ts';
import type { Run } from './run.ts';

/** How often an element (or a slice of it) may occur: https://hl7.org/fhir/R4/conformance-rules.html#cardinality */
export function checkCardinality(run: Run, node: ElementNode, count: number, parent: Path, why = ''): void {
  const what = node.sliceName === undefined ? shown(node) : `Slice '${node.sliceName}' of ${shown(node)}`;
  if (count < node.min) {
    run.issues.add(parent, {
      code: node.sliceName === undefined ? 'cardinality-min' : 'slice-min',
      type: 'required',
      message: `${what} must occur at least ${times(node.min)}, but occurs ${times(count)}; add it.${why}`,
      node,
    });
  }
  // A choice that is given in several types at once has been told already.
  if (count > node.max && !(node.isChoice && node.max === 1)) {
    run.issues.add(parent, {
      code: node.sliceName === undefined ? 'cardinality-max' : 'slice-max',
      type: 'structure',
      message:
        node.max === 0
          ? `${what} is not allowed here; remove it.`
          : `${what} may occur at most ${times(node.max)}, but occurs ${times(count)}; keep ${node.max}.`,
      node,
    });
  }
}

function shown(node: ElementNode): string {
  return node.isChoice ? `${node.name}[x]` : node.name;
}

function times(count: number): string {
  if (count === 0) return 'never';
  return count === 1 ? 'once' : `${count} times`;
}
