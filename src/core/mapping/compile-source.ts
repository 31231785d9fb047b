import type { Item } from './compile-child.ts';
import { condition, evaluation, scriptAnswer } from './compile-expression.ts';
import { SharedReads } from './compile-reads.ts';
import { emitItems } from './compile-steps.ts';
import { emitReads, type Trail } from './compile-trace.ts';
import { type Emitter, text } from './emitter.ts';
import type { ExpressionPlan, MapPlan, SourcePlan, Variable } from './plan.ts';
import { isDynamic } from './session.ts';

/** Write the loops over the items of a source; `body` writes what is done with each. */
export function emitSource(out: Emitter, plan: MapPlan, source: SourcePlan, place: string, body: () => void): void {
  if (source.default !== undefined) emitBuffered(out, plan, source, place, body);
  else if (source.steps.every((step) => step.list === false)) emitSingle(out, plan, source, place, body);
  else if (!isBuffered(source)) {
    emitItems(out, source, (item) => {
      bindItem(out, source, item);
      sharing(out, source, () => where(out, plan, source, () => pathed(out, source.variable, body)));
    });
  } else if (isOnlyChosen(source)) emitChosen(out, plan, source, body);
  else emitBuffered(out, plan, source, place, body);
}

/** Where something must be known of all items before the first is used. */
function isBuffered({ min, max, check, log, listMode }: SourcePlan): boolean {
  return [min, max, check, log, listMode].some((part) => part !== undefined);
}

/** `first` and `last` with nothing else that looks at all items. */
function isOnlyChosen({ min, max, check, log, listMode }: SourcePlan): boolean {
  const choose = listMode === 'first' || listMode === 'last';
  return choose && [min, max, check, log].every((part) => part === undefined);
}

function where(out: Emitter, plan: MapPlan, source: SourcePlan, inner: () => void): void {
  if (source.where === undefined) {
    inner();
    return;
  }
  out.line(`if (${tested(out, plan, source.where)}) {`);
  inner();
  out.line('}');
}

/** The code of a condition, after what it reads was written down. */
function tested(out: Emitter, plan: MapPlan, expression: ExpressionPlan): string {
  emitReads(out, expression);
  return condition(out, plan, expression);
}

/** Most logs are a constant sentence. */
function logged(out: Emitter, plan: MapPlan, log: ExpressionPlan): string {
  emitReads(out, log);
  const slow = evaluation(out, plan, log);
  if (log.script?.value === undefined) return slow;
  const answer = scriptAnswer(out, log, 'value');
  return `${answer} === BAIL ? ${slow} : [{ value: ${answer} }]`;
}

/** Declares the variable of a source with what is known of it. */
function bindItem(out: Emitter, source: SourcePlan, { value, type, trail }: Item): void {
  const { variable, from, steps } = source;
  const { slot } = variable;
  out.line(`const v${slot} = ${value};`);
  if (isDynamic(variable)) out.line(`const t${slot} = ${type};`);
  const last = steps.at(-1);
  const isObject =
    last === undefined
      ? out.sure.has(from.slot)
      : last.types.length > 0 && last.types.every((one) => one.kind !== 'primitive');
  // A default may be anything.
  if (source.default === undefined) {
    out.present.add(slot);
    if (isObject) out.sure.add(slot);
    if (last === undefined) out.roots.set(slot, out.rootOf(from));
  }
  if (trail === undefined) return;
  // Another name for the same thing stands where that stands.
  if (last === undefined) out.trails.set(slot, trail);
  else {
    out.line(`let N${slot};`);
    const isMarked = last.types.length > 0 && last.types.every((one) => one.kind === 'primitive');
    out.trails.set(slot, { ...trail, record: `N${slot}`, ...(isMarked ? { isMarked } : {}) });
  }
}

/** Lets the rules of an item read its elements once; another name for something shares with that. */
function sharing(out: Emitter, { variable, steps }: SourcePlan, inner: () => void): void {
  if (steps.length === 0 || !out.sure.has(variable.slot) || !out.isInput(variable)) {
    inner();
    return;
  }
  const shared = new SharedReads(out, variable);
  inner();
  shared.close();
}

/** Writes the path of a variable down once, where something in `body` asks for it. */
function pathed(out: Emitter, variable: Variable, body: () => void): void {
  const trail = out.trails.get(variable.slot);
  const name = `P${variable.slot}`;
  if (trail === undefined || /^P\d+$/.test(trail.path)) {
    body();
    return;
  }
  const declare = out.reserve();
  out.trails.set(variable.slot, { ...trail, path: name });
  const from = out.lines.length;
  body();
  if (out.lines.slice(from).some((line) => line.includes(name))) declare(`const ${name} = ${trail.path};`);
}

/** At most one item: nothing needs to be collected. */
function emitSingle(out: Emitter, plan: MapPlan, source: SourcePlan, place: string, body: () => void): void {
  const { min = 0, max = 1, check, log, listMode } = source;
  const count = out.fresh('b');
  if (min > 0) out.line(`let ${count} = 0;`);
  emitItems(out, source, (item) => {
    if (min > 0) out.line(`${count}++;`);
    if (max < 1) out.line('R.failed = true;');
    bindItem(out, source, item);
    const inner = (): void => {
      if (check !== undefined) out.line(`if (!${tested(out, plan, check)}) R.failed = true;`);
      if (log !== undefined) out.line(`H.log(R, ${logged(out, plan, log)}, ${place});`);
      if (listMode !== 'not_first' && listMode !== 'not_last') pathed(out, source.variable, body);
    };
    sharing(out, source, () => where(out, plan, source, inner));
  });
  if (min > 0) out.line(`if (${count} < ${min}) R.failed = true;`);
}

/** The first or the last that fits. All are looked at, since each may be of a wrong shape. */
function emitChosen(out: Emitter, plan: MapPlan, source: SourcePlan, body: () => void): void {
  const { variable, listMode } = source;
  const names = ['value', 'type', 'path', 'owner', 'key'].map(() => out.fresh('b'));
  const [value = '', type = '', path = '', owner = '', key = ''] = names;
  out.line(`{ let ${names.join(', ')};`);
  emitItems(out, source, (item) => {
    bindItem(out, source, item);
    const { trail } = item;
    const kept =
      trail === undefined ? '' : ` ${path} = ${trail.path}; ${owner} = ${trail.owner}; ${key} = ${trail.key};`;
    const typed = isDynamic(variable) ? ` ${type} = ${item.type};` : '';
    where(out, plan, source, () =>
      out.line(
        `${listMode === 'first' ? `if (${value} === undefined) ` : ''}{ ${value} = v${variable.slot};${typed}${kept} }`,
      ),
    );
  });
  out.line(`if (${value} !== undefined) {`);
  bindItem(out, source, {
    value,
    type,
    ...(out.book === undefined ? {} : { trail: { path, mayBeEmpty: false, owner, key } }),
  });
  body();
  out.line('} }');
}

/** Collects the items, with their places in the traced form, before the first is used. */
function emitBuffered(out: Emitter, plan: MapPlan, source: SourcePlan, place: string, body: () => void): void {
  const { min, max, check, log, listMode } = source;
  const all = out.fresh('b');
  out.line(`{ let ${all} = [];`);
  const keep = (value: string, type: string, trail: Trail | undefined): string =>
    `{ value: ${value}, type: ${type}${trail === undefined ? '' : `, path: ${trail.path}, owner: ${trail.owner}, key: ${trail.key}`} }`;
  emitItems(out, source, ({ value, type, trail }) => out.line(`${all}.push(${keep(value, type, trail)});`));
  if (min !== undefined) out.line(`if (${all}.length < ${min}) R.failed = true;`);
  if (max !== undefined && max !== Number.POSITIVE_INFINITY) out.line(`if (${all}.length > ${max}) R.failed = true;`);
  if (source.default !== undefined) emitDefault(out, plan, source.default, all);
  const each = (from: string, to: string, inner: (item: string) => void): void => {
    const at = out.fresh('i');
    const item = out.fresh('e');
    out.line(`for (let ${at} = ${from}; ${at} < ${to}; ${at}++) { const ${item} = ${all}[${at}];`);
    const trail = { path: `${item}.path`, mayBeEmpty: true, owner: `${item}.owner`, key: `${item}.key`, isGiven: true };
    bindItem(out, source, {
      value: `${item}.value`,
      type: `${item}.type`,
      ...(out.book === undefined ? {} : { trail }),
    });
    inner(item);
    out.line('}');
  };
  if (source.where !== undefined) {
    const kept = out.fresh('b');
    out.line(`const ${kept} = [];`);
    each('0', `${all}.length`, (item) => where(out, plan, source, () => out.line(`${kept}.push(${item});`)));
    out.line(`${all} = ${kept};`);
  }
  if (check !== undefined)
    each('0', `${all}.length`, () => out.line(`if (!${tested(out, plan, check)}) R.failed = true;`));
  if (log !== undefined) each('0', `${all}.length`, () => out.line(`H.log(R, ${logged(out, plan, log)}, ${place});`));
  if (listMode === 'only_one') out.line(`if (${all}.length > 1) R.failed = true;`);
  const from = listMode === 'not_first' ? '1' : listMode === 'last' ? `Math.max(0, ${all}.length - 1)` : '0';
  const to =
    listMode === 'first'
      ? `Math.min(1, ${all}.length)`
      : listMode === 'not_last'
        ? `${all}.length - 1`
        : `${all}.length`;
  each(from, to, () => pathed(out, source.variable, body));
  out.line('}');
}

function emitDefault(out: Emitter, plan: MapPlan, expression: ExpressionPlan, all: string): void {
  const found = out.fresh('d');
  out.line(`if (${all}.length === 0) {`);
  emitReads(out, expression);
  out.line(
    `const ${found} = ${evaluation(out, plan, expression)}[0]; if (${found} !== undefined) ${all}.push({ value: ${found}.value, type: ${found}.type || undefined, path: ${text('')}, owner: undefined, key: ${text('')} }); }`,
  );
}
