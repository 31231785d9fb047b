import type { ElementNode, TypeRule } from './element.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Path } from './path.ts';
import type { Finding, Run } from './run.ts';
import { choiceKey } from './shape.ts';

/** One occurrence of an element. */
export interface Item {
  /** Undefined when only `extra` is there. */
  readonly value: unknown;
  /** What stands under `_name`: id and extensions of a primitive. */
  readonly extra: unknown;
  readonly type: TypeRule;
  readonly path: Path;
}

/**
 * The occurrences of one element in an object, whatever its JSON shape; what is wrong with the shape is reported.
 * @see https://hl7.org/fhir/R4/json.html
 */
export function collectItems(run: Run, value: JsonObject, node: ElementNode, path: Path): readonly Item[] {
  const items: Item[] = [];
  if (!node.isChoice) {
    const type = node.types[0] ?? elementType;
    collectKey(run, value, node, { key: node.name, type, path }, items);
    return items;
  }
  let keys = 0;
  // Most objects have few keys and some choices fifty types, so it is the keys that are gone through.
  const types = run.shapes.choices(node);
  for (const given of Object.keys(value)) {
    const isBeside = given.charCodeAt(0) === 95;
    const key = isBeside ? given.slice(1) : given;
    const type = types.get(key);
    if (type === undefined || (isBeside && Object.hasOwn(value, key))) continue;
    keys += 1;
    const allowed = node.types.find((rule) => rule.code === type.code);
    collectKey(run, value, node, { key, type: allowed ?? type, path }, items);
    if (allowed === undefined) report(run, items.at(-1)?.path ?? path, node, wrongChoice(node, type));
  }
  if (keys > 1) {
    report(run, path, node, {
      code: 'choice-multiple',
      type: 'structure',
      message: `${node.name}[x] is given in ${keys} types at once; keep one of them.`,
    });
  }
  return items;
}

const elementType: TypeRule = { code: 'Element', profiles: [], targetProfiles: [], aggregation: [] };

function wrongChoice(node: ElementNode, type: TypeRule): Finding {
  const allowed = node.types.map((rule) => choiceKey(node, rule)).join(', ');
  return {
    code: 'choice-type',
    type: 'structure',
    message: `${node.name}[x] is given as ${choiceKey(node, type)}, which this profile does not allow; give ${allowed || 'nothing'} instead.`,
  };
}

function report(run: Run, path: Path, node: ElementNode, finding: Finding): void {
  run.issues.add(path, { ...finding, node });
}

interface Place {
  readonly key: string;
  readonly type: TypeRule;
  readonly path: Path;
}

function collectKey(run: Run, object: JsonObject, node: ElementNode, place: Place, items: Item[]): void {
  const main = Object.hasOwn(object, place.key) ? object[place.key] : undefined;
  const beside = besideOf(place.key);
  const extra = Object.hasOwn(object, beside) ? object[beside] : undefined;
  if (main === undefined && extra === undefined) return;
  const step = (index: number | undefined): Path => ({
    parent: place.path,
    name: node.name,
    key: main === undefined ? beside : place.key,
    fhirType: place.type.code,
    ...(node.isChoice ? { type: place.type.code } : {}),
    ...(index === undefined ? {} : { index }),
  });
  if (!node.isArray) {
    collectSingle(run, node, { value: main, extra, type: place.type, path: step(undefined) }, items);
    return;
  }
  const values = main === undefined ? [] : Array.isArray(main) ? main : [main];
  const extras = extra === undefined ? [] : Array.isArray(extra) ? extra : [extra];
  if ((main !== undefined && !Array.isArray(main)) || (extra !== undefined && !Array.isArray(extra))) {
    report(run, step(undefined), node, {
      code: 'array-expected',
      type: 'structure',
      message: `${node.name} may repeat, so JSON writes it as an array; put it in [ ].`,
    });
  }
  if ((Array.isArray(main) && main.length === 0) || (Array.isArray(extra) && extra.length === 0)) {
    report(run, step(undefined), node, {
      code: 'array-empty',
      type: 'structure',
      message: `${node.name} is an empty array; leave it out when it has no values.`,
    });
  }
  for (let index = 0; index < Math.max(values.length, extras.length); index += 1) {
    const item = {
      value: values[index] ?? undefined,
      extra: extras[index] ?? undefined,
      type: place.type,
      path: step(index),
    };
    if (item.value !== undefined || item.extra !== undefined) items.push(item);
    else reportNull(run, node, item.path);
  }
}

const besides = new Map<string, string>();

/** `_name`; kept, because to join and to look up a new text took a twentieth of a run. Names come from definitions only. */
function besideOf(name: string): string {
  let beside = besides.get(name);
  if (beside === undefined) {
    beside = `_${name}`;
    besides.set(name, beside);
  }
  return beside;
}

function collectSingle(run: Run, node: ElementNode, item: Item, items: Item[]): void {
  if (Array.isArray(item.value) || Array.isArray(item.extra)) {
    report(run, item.path, node, {
      code: 'array-unexpected',
      type: 'structure',
      message: `${node.name} occurs once, so JSON does not write it as an array; remove the [ ].`,
    });
    const only = Array.isArray(item.value) ? item.value : [item.value];
    for (const value of only) if (isObject(value)) items.push({ ...item, value });
    return;
  }
  if (item.value === null || item.extra === null) reportNull(run, node, item.path);
  else items.push(item);
}

function reportNull(run: Run, node: ElementNode, path: Path): void {
  report(run, path, node, {
    code: 'null-value',
    type: 'structure',
    message: `${node.name} is null; FHIR's JSON leaves out what has no value.`,
  });
}
