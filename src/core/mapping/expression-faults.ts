import type { BinaryNode, CallNode, Node } from '../fhirpath/ast.ts';

/**
 * What can go wrong while a condition is worked out. The FHIRPath engine stops at `and` where the left side is false, and
 * goes on where it is empty: what then goes wrong on the right must be told by compiled code, too.
 */

const ordering: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const logic: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'implies']);
/** These compare any values, and find them different where their types are. */
const forgiving: ReadonlySet<string> = new Set(['=', '!=', 'in', '|']);
/** These take any collection; their argument, where they have one, is a condition. */
const harmless: ReadonlySet<string> = new Set(['exists', 'empty', 'where', 'first', 'last', 'count']);

/** Whether working a condition out can fail on data that has not the shape of its model. */
export function mayFail(node: Node): boolean {
  if (node.kind === 'literal') return false;
  if (node.kind === 'binary' && logic.has(node.operator)) return mayFail(node.left) || mayFail(node.right);
  if (node.kind === 'binary') return comparisonMayFail(node);
  if (node.kind === 'call' && node.name === 'not') return node.base === undefined || mayFail(node.base);
  // A path as a condition fails where it has two values.
  return node.kind !== 'call' || !['exists', 'empty'].includes(node.name) || callMayFail(node);
}

function comparisonMayFail({ operator, left, right }: BinaryNode): boolean {
  return ordering.has(operator) || !forgiving.has(operator) || valueMayFail(left) || valueMayFail(right);
}

function valueMayFail(node: Node): boolean {
  if (node.kind === 'binary') return comparisonMayFail(node);
  if (node.kind === 'call') return callMayFail(node);
  if (node.kind === 'member') return node.base !== undefined && valueMayFail(node.base);
  return node.kind !== 'literal' && node.kind !== 'variable' && node.kind !== 'special' && node.kind !== 'empty';
}

function callMayFail({ name, base, arguments: given }: CallNode): boolean {
  return !harmless.has(name) || (base !== undefined && valueMayFail(base)) || given.some(mayFail);
}

/** Whether a condition can be neither true nor false. */
export function mayBeEmpty(node: Node): boolean {
  if (node.kind === 'literal') return false;
  if (node.kind === 'call') return !['exists', 'empty', 'all'].includes(node.name);
  if (node.kind === 'binary' && logic.has(node.operator)) return mayBeEmpty(node.left) || mayBeEmpty(node.right);
  return true;
}
