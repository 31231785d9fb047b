import { condition, evaluation, scriptCall } from './compile-expression.ts';
import { type Emitter, text, typeCode, valueCode } from './emitter.ts';
import type { ExpressionPlan, MapPlan, SourcePlan, StepPlan, Variable } from './plan.ts';
import { isDynamic } from './session.ts';

/** What is done with an item: given the code of its value and type. */
type Each = (value: string, type: string) => void;

/** Write the loops over the items of a source; `body` writes what is done with each. */
export function emitSource(out: Emitter, plan: MapPlan, source: SourcePlan, place: string, body: () => void): void {
  const { variable, where } = source;
  if (isBuffered(source)) {
    emitBuffered(out, plan, source, place, body);
    return;
  }
  emitItems(out, source, (value, type) => {
    bindItem(out, variable, value, type);
    if (where !== undefined) out.line(`if (${condition(out, plan, where)}) {`);
    body();
    if (where !== undefined) out.line('}');
  });
}

/** Where something must be known of all items before the first is used. */
function isBuffered(source: SourcePlan): boolean {
  const { min, max, check, log, listMode } = source;
  return (
    min !== undefined ||
    max !== undefined ||
    check !== undefined ||
    log !== undefined ||
    listMode !== undefined ||
    source.default !== undefined
  );
}

/** Most logs are a constant sentence. */
function logged(out: Emitter, plan: MapPlan, log: ExpressionPlan): string {
  return log.script?.value === undefined
    ? evaluation(out, plan, log)
    : `[{ value: ${scriptCall(out, plan, log, 'value')} }]`;
}

function bindItem(out: Emitter, variable: Variable, value: string, type: string): void {
  out.line(`const v${variable.slot} = ${value};`);
  if (isDynamic(variable)) out.line(`const t${variable.slot} = ${type};`);
}

function emitBuffered(out: Emitter, plan: MapPlan, source: SourcePlan, place: string, body: () => void): void {
  const values = out.fresh('b');
  const types = out.fresh('y');
  const { variable, min, max, where, check, log, listMode } = source;
  const typed = isDynamic(variable);
  out.line(`{ let ${values} = [], ${types} = [];`);
  emitItems(out, source, (value, type) =>
    out.line(`${values}.push(${value});${typed ? ` ${types}.push(${type});` : ''}`),
  );
  if (min !== undefined) out.line(`if (${values}.length < ${min}) R.failed = true;`);
  if (max !== undefined && max !== Number.POSITIVE_INFINITY)
    out.line(`if (${values}.length > ${max}) R.failed = true;`);
  if (source.default !== undefined) {
    const found = out.fresh('d');
    out.line(
      `if (${values}.length === 0) { const ${found} = ${evaluation(out, plan, source.default)}[0]; if (${found} !== undefined) { ${values}.push(${found}.value); ${types}.push(${found}.type || undefined); } }`,
    );
  }
  const loop = (from: string, to: string, inner: () => void): void => {
    const at = out.fresh('i');
    out.line(`for (let ${at} = ${from}; ${at} < ${to}; ${at}++) {`);
    bindItem(out, variable, `${values}[${at}]`, `${types}[${at}]`);
    inner();
    out.line('}');
  };
  const all = (inner: () => void): void => loop('0', `${values}.length`, inner);
  if (where !== undefined) {
    const kept = out.fresh('b');
    const keptTypes = out.fresh('y');
    out.line(`const ${kept} = [], ${keptTypes} = [];`);
    all(() =>
      out.line(
        `if (${condition(out, plan, where)}) { ${kept}.push(v${variable.slot});${typed ? ` ${keptTypes}.push(t${variable.slot});` : ''} }`,
      ),
    );
    out.line(`${values} = ${kept}; ${types} = ${keptTypes};`);
  }
  if (check !== undefined) all(() => out.line(`if (!${condition(out, plan, check)}) R.failed = true;`));
  if (log !== undefined) all(() => out.line(`H.log(R, ${logged(out, plan, log)}, ${place});`));
  if (listMode === 'only_one') out.line(`if (${values}.length > 1) R.failed = true;`);
  const from = listMode === 'not_first' ? '1' : listMode === 'last' ? `Math.max(0, ${values}.length - 1)` : '0';
  const to =
    listMode === 'first'
      ? `Math.min(1, ${values}.length)`
      : listMode === 'not_last'
        ? `${values}.length - 1`
        : `${values}.length`;
  loop(from, to, body);
  out.line('}');
}

/** Every item that the steps of a source lead to and that has the wanted type. */
function emitItems(out: Emitter, source: SourcePlan, each: Each): void {
  const { from, filter } = source;
  const value = valueCode(from);
  const filtered: Each = (item, type) => {
    if (filter === undefined) return each(item, type);
    out.line(`if (H.hasType(${text(filter.by)}, ${text(filter.name)}, ${item}, ${type})) {`);
    each(item, type);
    out.line('}');
  };
  out.line(
    `if (${from.form === 'cell' ? `v${from.slot} !== undefined && ` : ''}${value} !== undefined && ${value} !== null) {`,
  );
  emitSteps(out, source.steps, value, typeCode(from), false, filtered);
  out.line('}');
}

function emitSteps(
  out: Emitter,
  steps: readonly StepPlan[],
  value: string,
  type: string,
  isChecked: boolean,
  each: Each,
): void {
  const [step, ...rest] = steps;
  if (step === undefined) {
    each(value, type);
    return;
  }
  const found = out.fresh('c');
  const foundType = emitChild(out, step, value, found, isChecked);
  out.line(`if (${found} !== undefined && ${found} !== null) {`);
  const complex = step.types.length > 0 && step.types.every((one) => one.kind !== 'primitive');
  const next = (item: string): void => {
    const itemType = needsLook(step) ? out.fresh('k') : foundType;
    if (itemType !== foundType) out.line(`const ${itemType} = H.typeOfItem(${item}, ${foundType});`);
    emitSteps(out, rest, item, itemType, complex, each);
  };
  const step0 = out.constant(step);
  if (step.list === false) {
    out.line(`if (${wrongShape(step, found)}) H.shape(${step0}, ${found}, false);`);
    next(found);
  } else {
    const at = out.fresh('i');
    const item = out.fresh('x');
    const list = out.fresh('l');
    if (step.list === true)
      out.line(`if (!Array.isArray(${found})) H.shape(${step0}, ${found}, false); const ${list} = ${found};`);
    else out.line(`const ${list} = Array.isArray(${found}) ? ${found} : [${found}];`);
    out.line(
      `for (let ${at} = 0; ${at} < ${list}.length; ${at}++) { const ${item} = ${list}[${at}]; if (${item} === undefined || ${item} === null) continue; if (++R.work > LIMIT) H.tooMuch();`,
    );
    out.line(`if (${wrongShape(step, item)}) H.shape(${step0}, ${item}, true);`);
    next(item);
    out.line('}');
  }
  out.line('}');
}

/** Whether the type of an item is what the data says of itself. */
function needsLook(step: StepPlan): boolean {
  const [type] = step.types;
  return step.types.length !== 1 || type === undefined || type.open;
}

/** A quick test of what `checkShape` refuses; the slow one then tells why. */
function wrongShape(step: StepPlan, value: string): string {
  if (step.types.length === 0) return `Array.isArray(${value})`;
  if (step.types.every((type) => type.kind === 'primitive')) return `typeof ${value} === 'object'`;
  if (step.types.every((type) => type.kind !== 'primitive'))
    return `typeof ${value} !== 'object' || Array.isArray(${value})`;
  return `Array.isArray(${value})`;
}

/** Declares `found` as what a step leads to; returns the code of its type. */
function emitChild(out: Emitter, step: StepPlan, value: string, found: string, isChecked: boolean): string {
  if (step.kind === 'key') {
    const [type] = step.types;
    if (!isChecked)
      out.line(
        `if (typeof ${value} !== 'object' || Array.isArray(${value})) H.child(${value}, ${out.constant(step)});`,
      );
    out.line(`const ${found} = ${value}[${text(step.key)}];`);
    return step.types.length === 1 && type !== undefined ? text(type.name) : 'undefined';
  }
  const type = out.fresh('k');
  if (step.kind === 'choice' && step.choices.length <= 12) {
    if (!isChecked)
      out.line(
        `if (typeof ${value} !== 'object' || Array.isArray(${value})) H.child(${value}, ${out.constant(step)});`,
      );
    const tests = step.choices.map(
      (choice) =>
        `if ((${found} = ${value}[${text(choice.key)}]) !== undefined && ${found} !== null) ${type} = ${text(choice.type.name)};`,
    );
    out.line(`let ${found}, ${type}; ${tests.join(' else ')}`);
    return type;
  }
  const child = out.fresh('h');
  if (step.kind === 'open') {
    // The key as it is named is by far the most frequent; everything else is looked for.
    out.line(`let ${found} = H.isObject(${value}) ? ${value}[${text(step.name)}] : undefined, ${type};`);
    out.line(
      `if (${found} === undefined || ${found} === null) { const ${child} = H.child(${value}, ${out.constant(step)}); if (${child} !== undefined) { ${found} = ${child}.value; ${type} = ${child}.type; } }`,
    );
    return type;
  }
  out.line(
    `const ${child} = H.child(${value}, ${out.constant(step)}); const ${found} = ${child}?.value, ${type} = ${child}?.type;`,
  );
  return type;
}
