import { emitChild, type Item, type Start } from './compile-child.ts';
import { markCode, pathCode, type Trail, trailOf } from './compile-trace.ts';
import { type Emitter, text, typeCode, valueCode } from './emitter.ts';
import type { SourcePlan, StepPlan } from './plan.ts';

type Each = (item: Item) => void;

/** Every item that the steps of a source lead to and that has the wanted type. */
export function emitItems(out: Emitter, source: SourcePlan, each: Each): void {
  const { from, filter } = source;
  const value = valueCode(from);
  const filtered: Each = (item) => {
    if (filter === undefined) {
      each(item);
      return;
    }
    out.line(`if (${typeTest(filter, item)}) {`);
    each(item);
    out.line('}');
  };
  const test =
    from.form === 'cell'
      ? `v${from.slot} !== undefined && ${value} !== undefined && ${value} !== null`
      : out.presentTest(from);
  out.line(`${test === '' ? '' : `if (${test}) `}{`);
  const start: Item = { value, type: typeCode(from), ...startTrail(out, source) };
  if (source.steps.length === 0 && from.form === 'value') emitMarkGiven(out, source, start);
  const variable = out.isInput(from) ? { variable: from } : {};
  emitSteps(out, source.steps, { ...start, ...variable, notObject: notObject(out, source) }, filtered);
  out.line('}');
}

/** Whether an item is of the wanted type; only where the data does not tell is its value looked at. */
function typeTest({ by, name }: NonNullable<SourcePlan['filter']>, { value, type }: Item): string {
  const same = `${type} === ${text(name)}`;
  return by === 'resource' ? same : `${same} || (${type} === undefined && H.hasType(${text(name)}, ${value}))`;
}

/** What a cell holds was made by a rule. */
function startTrail(out: Emitter, { from }: SourcePlan): { readonly trail?: Trail } {
  if (out.book === undefined) return {};
  const trail = trailOf(out, from);
  return { trail: from.form === 'cell' ? { ...trail, owner: undefined, isMade: true } : trail };
}

/** A parameter that is a primitive counts as read when a source names it; others were marked when they were found. */
function emitMarkGiven(out: Emitter, { from }: SourcePlan, { value, trail }: Item): void {
  if (trail?.owner === undefined || trail.isGiven !== true || out.sure.has(from.slot)) return;
  out.line(`if (typeof ${value} !== 'object' && ${trail.owner} !== undefined) T.at(${trail.owner}, ${trail.key});`);
}

/** Code that is true where a source has no elements at all; empty where that is known. */
function notObject(out: Emitter, { from, steps }: SourcePlan): string {
  if (steps.length === 0 || from.form === 'cell') return notObjectTest(valueCode(from));
  const isKnown = out.sure.has(from.slot) || out.parameters.has(out.rootOf(from));
  const test = isKnown ? out.objectTest(from) : undefined;
  return test === undefined ? notObjectTest(valueCode(from)) : test === '' ? '' : `!${test}`;
}

function notObjectTest(value: string): string {
  return `typeof ${value} !== 'object' || Array.isArray(${value})`;
}

function emitSteps(out: Emitter, steps: readonly StepPlan[], from: Start, each: Each): void {
  const [step, ...rest] = steps;
  if (step === undefined) {
    each(from);
    return;
  }
  const child = emitChild(out, step, from);
  const found = child.value;
  out.line(`if (${found} !== undefined && ${found} !== null) {`);
  const complex = step.types.length > 0 && step.types.every((one) => one.kind !== 'primitive');
  const next = (item: Item): void => {
    const type = needsLook(step) ? out.fresh('k') : child.type;
    if (type !== child.type) out.line(`const ${type} = H.typeOfItem(${item.value}, ${child.type});`);
    if (rest.length === 0) emitFound(out, step, item);
    const record = out.fresh('n');
    if (out.book !== undefined && rest.length > 0) out.line(`let ${record};`);
    const trail = item.trail === undefined ? undefined : { ...item.trail, record };
    emitSteps(
      out,
      rest,
      {
        value: item.value,
        type,
        ...(trail === undefined ? {} : { trail }),
        notObject: complex ? '' : notObjectTest(item.value),
      },
      each,
    );
  };
  const plan = out.constant(step);
  if (step.list === false) {
    out.line(`if (${wrongShape(step, found)}) H.shape(${plan}, ${found}, false);`);
    next(child);
  } else emitList(out, step, child, next);
  out.line('}');
}

function emitList(out: Emitter, step: StepPlan, child: Item, next: (item: Item) => void): void {
  const found = child.value;
  const plan = out.constant(step);
  const at = out.fresh('i');
  const item = out.fresh('x');
  const list = out.fresh('l');
  const count = (length: string): string => `if ((R.work += ${length}) > LIMIT) H.tooMuch();`;
  if (step.list === true) {
    out.line(
      `if (!Array.isArray(${found})) H.shape(${plan}, ${found}, false); const ${list} = ${found}; ${count(`${list}.length`)}`,
    );
    out.line(`for (let ${at} = 0; ${at} < ${list}.length; ${at}++) { const ${item} = ${list}[${at}];`);
  } else {
    // Most often one value stands there alone: no list is made for it.
    const length = out.fresh('b');
    out.line(
      `const ${list} = Array.isArray(${found}) ? ${found} : undefined, ${length} = ${list} === undefined ? 1 : ${list}.length;`,
    );
    out.line(`if (${list} !== undefined) { ${count(length)} }`);
    out.line(
      `for (let ${at} = 0; ${at} < ${length}; ${at}++) { const ${item} = ${list} === undefined ? ${found} : ${list}[${at}];`,
    );
  }
  out.line(`if (${item} === undefined || ${item} === null) continue;`);
  out.line(`if (${wrongShape(step, item)}) H.shape(${plan}, ${item}, true);`);
  next({ value: item, type: child.type, ...itemTrail(step, child, { list, at }) });
  out.line('}');
}

/** Where an item of a list stands. Where no model says that it is a list, what stands alone is no item of one. */
function itemTrail(
  step: StepPlan,
  { trail }: Item,
  { list, at }: { list: string; at: string },
): { readonly trail?: Trail } {
  if (trail === undefined) return {};
  const { path, isMade, mayBeEmpty } = trail;
  const made = isMade === true ? { isMade } : {};
  if (step.list === true)
    return {
      trail: {
        path: pathCode(path, '"["', at, '"]"'),
        mayBeEmpty,
        owner: isMade === true ? undefined : list,
        key: at,
        ...made,
      },
    };
  const isList = `${list} !== undefined`;
  return {
    trail: {
      path: `${path} + (${isList} ? "[" + ${at} + "]" : "")`,
      mayBeEmpty,
      owner: isMade === true ? undefined : `(${isList} ? ${list} : ${trail.owner})`,
      key: `(${isList} ? ${at} : ${trail.key})`,
      ...made,
      ...(trail.isGiven === true ? { isGiven: true } : {}),
    },
  };
}

/** Marks a value of its own; what has elements is marked by those that are read. */
function emitFound(out: Emitter, step: StepPlan, { value, trail }: Item): void {
  if (trail?.owner === undefined || trail.isMade === true) return;
  const isPrimitive = step.types.length > 0 && step.types.every((type) => type.kind === 'primitive');
  const isObject = step.types.length > 0 && step.types.every((type) => type.kind !== 'primitive');
  if (isObject) return;
  const mark = markCode(out, trail);
  out.line(isPrimitive ? mark : `if (typeof ${value} !== 'object') { ${mark} }`);
}

/** Whether the type of an item is what the data says of itself; the key of a choice says it already. */
function needsLook(step: StepPlan): boolean {
  const [type] = step.types;
  if (step.kind === 'choice') return step.choices.some((choice) => choice.type.open);
  return step.types.length !== 1 || type === undefined || type.open;
}

/** A quick test of what `checkShape` refuses; the slow one then tells why. */
function wrongShape(step: StepPlan, value: string): string {
  if (step.types.length === 0) return `Array.isArray(${value})`;
  if (step.types.every((type) => type.kind === 'primitive')) return `typeof ${value} === 'object'`;
  if (step.types.every((type) => type.kind !== 'primitive')) return notObjectTest(value);
  return `Array.isArray(${value})`;
}
