import type { TypeLibrary, TypeModel } from './models.ts';

/** How JSON writes a primitive. */
export function jsonKind(type: TypeModel): 'string' | 'number' | 'boolean' {
  if (type.name === 'boolean') return 'boolean';
  return ['integer', 'positiveInt', 'unsignedInt', 'decimal'].includes(type.name) ? 'number' : 'string';
}

/** Whether a value of one type may stand where the other is expected, as far as the models can say. */
export function fits(from: TypeModel, to: TypeModel, library: TypeLibrary): boolean {
  if (from.url === to.url || from.name === to.name || to.open || from.open) return true;
  if (from.kind === 'primitive' && to.kind === 'primitive') return jsonKind(from) === jsonKind(to);
  if (from.kind === 'primitive' || to.kind === 'primitive') return false;
  // Elements with children of their own are known by their shape only.
  if (from.name.includes('.') || to.name.includes('.')) return sameShape(from, to);
  return descends(from, to, library) || descends(to, from, library);
}

/** Whether `type` is `wanted`, or specialises or constrains it. */
export function descends(type: TypeModel, wanted: TypeModel, library: TypeLibrary): boolean {
  let current: TypeModel | undefined = type;
  for (let depth = 0; current !== undefined && depth < 10; depth++) {
    if (current.url === wanted.url || current.name === wanted.name) return true;
    current = current.base === undefined ? undefined : library.find(current.base);
  }
  return false;
}

function sameShape(from: TypeModel, to: TypeModel): boolean {
  return (
    [...from.elements.keys()].some((name) => name !== 'id' && name !== 'extension' && to.elements.has(name)) ||
    to.elements.size < 4
  );
}

/** `Quantity`, or `Quantity or string`, for errors. */
export function typeNames(types: readonly TypeModel[]): string {
  if (types.length === 0) return 'something unknown';
  const names = types.map((type) => type.name);
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} or ${names.length - 4} more` : names.join(' or ');
}
