import { choiceElements, dataTypes, exceptionalTypes, resourceTypes, typicalTypes } from './model-data.ts';

const bases = new Map([...readPairs(dataTypes), ...readPairs(resourceTypes)]);
const typical = readPairs(typicalTypes);
const exceptional = readPairs(exceptionalTypes);
const choices = new Set(choiceElements.trim().split(/\s+/));
const dataTypeNames = new Set([...readPairs(dataTypes).keys(), 'Element']);
/** `ValueString` types: the suffix of a choice element's key, and the type it says. */
const suffixes = new Map([...dataTypeNames].map((name) => [name.charAt(0).toUpperCase() + name.slice(1), name]));
suffixes.set('Resource', 'Resource');

/** Types of FHIRPath itself; http://hl7.org/fhirpath/N1/#literals. */
const systemTypes = new Set(['Any', 'Boolean', 'String', 'Integer', 'Decimal', 'Date', 'DateTime', 'Time', 'Quantity']);

/** Whether R4 has an element `name[x]` somewhere. */
export function isChoiceName(name: string): boolean {
  return choices.has(name);
}

/** Whether R4 has an element of this name anywhere. */
export function isElementName(name: string): boolean {
  return typical.has(name) || choices.has(name);
}

/** Whether R4 has a data type or a resource of this name. */
export function isTypeName(name: string): boolean {
  return bases.has(name) || name === 'Element' || name === 'Resource';
}

export function isSystemType(name: string): boolean {
  return systemTypes.has(name);
}

/** Whether a type is a primitive of FHIR, such as `dateTime`. */
export function isPrimitive(type: string): boolean {
  const first = type.charCodeAt(0);
  return first >= 97 && first <= 122 && bases.has(type);
}

/**
 * Whether a key such as `valueQuantity` holds the choice element `value`.
 *
 * @returns The type that the rest of the key names; undefined when the rest is no type.
 */
export function choiceType(key: string, name: string): string | undefined {
  return key.startsWith(name) ? suffixes.get(key.slice(name.length)) : undefined;
}

/** The keys that the choice element `name` may stand under, `_` before them for their extras, each with the plain key. */
export function choiceKeys(name: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const suffix of suffixes.keys()) {
    keys.set(name + suffix, name + suffix);
    keys.set(`_${name}${suffix}`, name + suffix);
  }
  return keys;
}

/**
 * The type of a child element.
 *
 * @param parent A type, or for elements with children of their own a path such as `Timing.repeat`; undefined when
 *   unknown: the children of something unknown are unknown too.
 * @param key The JSON key: the element's name, for a choice with its type.
 * @returns undefined when it cannot be said.
 */
export function childType(parent: string | undefined, key: string): string | undefined {
  const ofParent = knownTypes.get(parent);
  const known = ofParent?.get(key);
  if (known !== undefined || ofParent?.has(key)) return known;
  const type = findChildType(parent, key);
  // Keys come from senders, too: what is remembered has an end, and made-up ones must not keep the real ones out for good.
  if (remembered >= rememberedLimit) {
    knownTypes.clear();
    remembered = 0;
  }
  remembered += 1;
  const types = knownTypes.get(parent) ?? new Map<string, string | undefined>();
  knownTypes.set(parent, types.set(key, type));
  return type;
}

/** Asked for every value that an invariant meets; to find it anew took a fifth of the time of FHIRPath. */
const knownTypes = new Map<string | undefined, Map<string, string | undefined>>();
const rememberedLimit = 5000;
let remembered = 0;

function findChildType(parent: string | undefined, key: string): string | undefined {
  if (parent !== undefined && !parent.startsWith('System.')) {
    const path = `${parent}.${key}`;
    const found = exceptional.get(path) ?? inheritedException(parent, key) ?? typical.get(key);
    if (found !== undefined) return found === '*' ? path : found;
  }
  return typeFromSuffix(key);
}

/** Whether `type` is `wanted` or specialises it. Paths of elements with children are BackboneElements (or Elements). */
export function isSubtype(type: string, wanted: string): boolean {
  let current: string | undefined = type;
  while (current !== undefined) {
    if (current === wanted) return true;
    current = baseOf(current);
  }
  return false;
}

/** The type that a type specialises. */
export function baseOf(type: string): string | undefined {
  const dot = type.indexOf('.');
  if (dot < 0) return bases.get(type);
  const root = type.slice(0, dot);
  if (root === 'System') return undefined;
  return isSubtype(root, 'Resource') ? 'BackboneElement' : 'Element';
}

function inheritedException(parent: string, key: string): string | undefined {
  for (let base = baseOf(parent); base !== undefined; base = baseOf(base)) {
    const found = exceptional.get(`${base}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeFromSuffix(key: string): string | undefined {
  for (let at = key.length - 1; at > 0; at--) {
    const code = key.charCodeAt(at);
    if (code >= 65 && code <= 90) {
      const type = suffixes.get(key.slice(at));
      if (type !== undefined && choices.has(key.slice(0, at))) return type;
    }
  }
  return undefined;
}

/** Reads lines of `type: name name …` (a line that begins with a space continues the one before) as name → type. */
function readPairs(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  let type = '';
  for (const word of text.split(/\s+/)) {
    if (word.endsWith(':')) type = word.slice(0, -1);
    else if (word !== '') pairs.set(word, type);
  }
  return pairs;
}
