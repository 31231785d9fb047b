import { argumentValue, evaluation, scriptCall } from './compile-expression.ts';
import { type Emitter, text, typeCode } from './emitter.ts';
import type { TypeModel } from './models.ts';
import { settle } from './place.ts';
import type {
  GroupPlan,
  IdentityCase,
  MapPlan,
  PlacePlan,
  RulePlan,
  StepPlan,
  TargetPlan,
  TransformPlan,
  Variable,
} from './plan.ts';
import { isUsedAfter } from './plan-uses.ts';
import { isDynamic } from './session.ts';
import { transforms } from './transforms.ts';
import { jsonKind } from './type-check.ts';

/** What is written after the rules that are nested in a rule: taking back what stayed empty. */
export type Prunes = string[];

/** What the writer of targets needs to know of the map around. */
export interface TargetWriter {
  readonly out: Emitter;
  readonly plan: MapPlan;
  readonly rule: RulePlan;
  /** Some target wants to stay last: every list then goes the careful way. */
  readonly usesLast: boolean;
  readonly prunes: Prunes;
  readonly call: (group: GroupPlan, given: readonly { readonly value: string; readonly type: string }[]) => void;
}

/** Write one target of a rule. */
export function emitTarget(writer: TargetWriter, target: TargetPlan): void {
  const { out } = writer;
  const { transform, place, variable } = target;
  if (variable !== undefined) out.line(`let v${variable.slot}${isDynamic(variable) ? `, t${variable.slot}` : ''};`);
  if (transform.kind === 'create') {
    if (place === undefined)
      assign(out, variable, newObject(out, transform.type), nameOf(transform.type, transform.named));
    else emitCreateAt(writer, target, place, transform.type, (value, type) => assign(out, variable, value, type));
    return;
  }
  if (transform.kind === 'identity') {
    emitIdentity(writer, target, transform);
    return;
  }
  emitValue(writer, target, (value, type) => {
    if (place === undefined) assign(out, variable, value, type);
    else emitSetAt(writer, target, place, value, type);
  });
}

function assign(out: Emitter, variable: Variable | undefined, value: string, type: string): void {
  if (variable === undefined) out.line(`${value};`);
  else out.line(`v${variable.slot} = ${value};${isDynamic(variable) ? ` t${variable.slot} = ${type};` : ''}`);
}

function nameOf(type: TypeModel | undefined, named: string | undefined): string {
  const name = type?.name ?? named;
  return name === undefined ? 'undefined' : text(name);
}

function newObject(out: Emitter, type: TypeModel | undefined): string {
  void out;
  return type?.kind === 'resource' && !type.open ? `{ resourceType: ${text(type.name)} }` : '{}';
}

/** Code for the value of a transform; `each` writes what is done with it, inside a test that it is there. */
function emitValue(writer: TargetWriter, target: TargetPlan, each: (value: string, type: string) => void): void {
  const { out, plan, rule } = writer;
  const { transform } = target;
  const single = (code: string, type: string): void => {
    const value = out.fresh('z');
    out.line(`const ${value} = ${code};`);
    out.line(`if (${value} !== undefined) {`);
    each(value, type);
    out.line('}');
  };
  switch (transform.kind) {
    case 'copy': {
      const { argument } = transform;
      if (argument.kind === 'literal') {
        each(text(argument.value), text(argument.type));
        return;
      }
      const value = argumentValue(out, plan, argument);
      const isPrimitive =
        argument.kind === 'variable' &&
        argument.variable.types.length > 0 &&
        argument.variable.types.every((type) => type.kind === 'primitive');
      const keeps = isPrimitive || (argument.kind === 'variable' && argument.variable.mode === 'target');
      single(
        keeps ? value : `H.clone(${value})`,
        argument.kind === 'variable' ? typeCode(argument.variable) : 'undefined',
      );
      return;
    }
    case 'translate': {
      single(
        `H.translate(R, ${out.constant(transform.table)}, ${argumentValue(out, plan, transform.argument)}, ${text(transform.output)}, ${out.constant(rule.info.place)})`,
        text(transform.output),
      );
      return;
    }
    case 'call': {
      const given = transform.arguments.map((argument) => argumentValue(out, plan, argument));
      single(
        `${out.constant(transforms.get(transform.code)?.apply)}([${given.join(', ')}], R)`,
        transform.gives === undefined ? 'undefined' : text(transform.gives),
      );
      return;
    }
    case 'evaluate': {
      emitEvaluate(writer, target, transform, single, each);
      return;
    }
    default:
  }
}

function emitEvaluate(
  writer: TargetWriter,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'evaluate' }>,
  single: (code: string, type: string) => void,
  each: (value: string, type: string) => void,
): void {
  const { out, plan } = writer;
  const { expression } = transform;
  const step = target.place?.last;
  if (expression.script?.value !== undefined) {
    single(
      scriptCall(out, plan, expression, 'value'),
      expression.types.length === 1 ? text(expression.types[0]?.name ?? '') : 'undefined',
    );
    return;
  }
  const results = out.fresh('r');
  const item = out.fresh('q');
  out.line(`const ${results} = ${evaluation(out, plan, expression)};`);
  if (step === undefined || step.list === false) out.line(`if (${results}.length > 1) H.many(${text(target.text)});`);
  out.line(`for (const ${item} of ${results}) {`);
  each(`H.clone(${item}.value)`, `(${item}.type || undefined)`);
  out.line('}');
}

/** Goes down to the object that the last step belongs to; gives the code of it. */
function emitSpot(writer: TargetWriter, place: PlacePlan): string {
  const { out, prunes } = writer;
  let owner = out.fresh('o');
  if (isObjectVariable(place.into)) out.line(`const ${owner} = v${place.into.slot};`);
  else out.line(`const ${owner} = H.objectAt(v${place.into.slot}, ${text(place.into.name)});`);
  for (const step of place.path) {
    const next = out.fresh('o');
    const isNew = out.fresh('n');
    const [type] = step.types;
    out.line(`let ${next} = ${owner}[${text(step.key)}]; const ${isNew} = !H.isObject(${next});`);
    out.line(
      `if (${isNew}) { ${next} = ${newObject(out, type)}; H.put(R, ${owner}, ${out.constant(step)}, ${next}, ${nameOf(type, undefined)}); }`,
    );
    prunes.push(`if (${isNew} && H.isEmpty(${next})) H.prune(R, ${owner}, ${text(step.key)}, ${next});`);
    owner = next;
  }
  return owner;
}

/** A target of a known type that is no primitive was made as an object or tested when it was set. */
function isObjectVariable(variable: Variable): boolean {
  return (
    variable.form === 'value' && variable.types.length > 0 && variable.types.every((type) => type.kind !== 'primitive')
  );
}

/** Prunes of a part of the code that sits in a block of its own must be written there, where its names are known. */
function guarded(writer: TargetWriter, place: PlacePlan, inner: () => void): void {
  const { out } = writer;
  out.line(`if (v${place.into.slot} !== undefined) {`);
  inner();
  out.line('}');
}

function emitCreateAt(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  type: TypeModel | undefined,
  done: (value: string, type: string) => void,
): void {
  const { out, prunes } = writer;
  const { last } = place;
  if (last === undefined) {
    done(`v${place.into.slot}`, typeCode(place.into));
    return;
  }
  if (canWait(writer, target, place, last, type)) {
    emitLate(writer, target, place, last, type, done);
    return;
  }
  // Declared outside of the guard, since it is taken back after the nested rules.
  const made = out.fresh('m');
  const owner = out.fresh('w');
  out.line(`let ${made}, ${owner};`);
  const local: Prunes = [];
  guarded(writer, place, () => {
    const spot = emitSpot({ ...writer, prunes: local }, place);
    out.line(`${owner} = ${spot};`);
    const { shareId } = target;
    if (shareId !== undefined) {
      const shared = out.fresh('s');
      out.line(`const ${shared} = H.shared(R, ${owner}, ${text(shareId)}); if (${shared} !== undefined) { `);
      done(shared, nameOf(type, named(target)));
      out.line('} else {');
    }
    const value =
      type?.kind === 'primitive'
        ? emitCell(writer, target, last, type, owner)
        : emitObject(writer, target, last, type, owner, made);
    if (shareId !== undefined) out.line(`H.share(R, ${owner}, ${text(shareId)}, ${value});`);
    done(value, nameOf(type, named(target)));
    if (shareId !== undefined) out.line('}');
    // Objects on the way are taken back right away where nothing can fill them later through this target.
    if (local.length > 0) prunes.push(...hoisted(out, local));
  });
  if (type?.kind !== 'primitive')
    prunes.push(
      `if (${made} !== undefined && H.isEmpty(${made})) H.prune(R, ${owner}, ${text(keyOf(last, type, target))}, ${made});`,
    );
}

/** Whether a new element can be put into its place once it is filled: the usual case, and without taking back. */
function canWait(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  step: StepPlan,
  type: TypeModel | undefined,
): boolean {
  const plain = place.path.length === 0 && target.shareId === undefined && target.listMode === undefined && !step.typed;
  const settled = step.kind === 'key' || (step.kind === 'choice' && keyOf(step, type, target) !== step.key);
  if (!plain || !settled || type?.kind === 'primitive' || step.list === undefined || (step.list && writer.usesLast))
    return false;
  return target.transform.kind === 'create' && !isUsedAfter(writer.rule, target, place.into);
}

function emitLate(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  step: StepPlan,
  type: TypeModel | undefined,
  done: (value: string, type: string) => void,
): void {
  const { out, prunes } = writer;
  const made = out.fresh('m');
  const owner = out.fresh('w');
  const key = text(keyOf(step, type, target));
  out.line(`let ${made}, ${owner};`);
  guarded(writer, place, () => {
    out.line(
      `${owner} = ${isObjectVariable(place.into) ? `v${place.into.slot}` : `H.objectAt(v${place.into.slot}, ${text(place.into.name)})`};`,
    );
    if (step.list) {
      out.line(`${made} = ${newObject(out, type)};`);
      done(made, nameOf(type, named(target)));
      return;
    }
    const value = out.fresh('p');
    out.line(
      `let ${value} = ${owner}[${key}]; if (!H.isObject(${value})) ${made} = ${value} = ${newObject(out, type)};`,
    );
    done(value, nameOf(type, named(target)));
  });
  const put = step.list
    ? `if (${owner}[${key}] === undefined) ${owner}[${key}] = [${made}]; else ${owner}[${key}].push(${made});`
    : `if (${owner}[${key}] === undefined) ${owner}[${key}] = ${made}; else H.put(R, ${owner}, ${out.constant(step)}, ${made}, ${nameOf(type, named(target))}, undefined);`;
  prunes.push(`if (${made} !== undefined && !H.isEmpty(${made})) { ${put} }`);
}

/** Makes closures of what must be taken back later but is known only here. */
function hoisted(out: Emitter, local: Prunes): Prunes {
  const name = out.fresh('u');
  out.declare(name);
  out.line(`${name} = () => { ${[...local].reverse().join(' ')} };`);
  return [`if (${name} !== undefined) { ${name}(); ${name} = undefined; }`];
}

function named(target: TargetPlan): string | undefined {
  return target.transform.kind === 'create' ? target.transform.named : undefined;
}

function keyOf(step: StepPlan, type: TypeModel | undefined, target: TargetPlan): string {
  if (step.kind !== 'choice') return step.key;
  const name = type?.name ?? named(target);
  return step.choices.find((choice) => choice.type.name === name)?.key ?? step.key;
}

function emitCell(writer: TargetWriter, target: TargetPlan, step: StepPlan, type: TypeModel, owner: string): string {
  const { out } = writer;
  const choice =
    step.kind === 'choice' ? step.choices.find((candidate) => candidate.type.name === type.name) : undefined;
  const settled: StepPlan =
    choice === undefined ? step : { ...step, kind: 'key', key: choice.key, choices: [choice], types: [choice.type] };
  return `H.newCell(${owner}, ${out.constant(settled)}, ${target.listMode === undefined ? 'undefined' : text(target.listMode)}, undefined, undefined)`;
}

/** A new element, or the one that is there where only one may be. `made` is set only for a new one. */
function emitObject(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  type: TypeModel | undefined,
  owner: string,
  made: string,
): string {
  const { out, usesLast } = writer;
  const key = text(keyOf(step, type, target));
  const mode = target.listMode === undefined ? 'undefined' : text(target.listMode);
  const create = newObject(out, type);
  const simple =
    !step.typed &&
    target.listMode === undefined &&
    (step.kind === 'key' || (step.kind === 'choice' && key !== text(step.key)));
  if (simple && step.list === true && !usesLast) {
    out.line(
      `${made} = ${create}; if (${owner}[${key}] === undefined) ${owner}[${key}] = [${made}]; else ${owner}[${key}].push(${made});`,
    );
    return made;
  }
  const value = out.fresh('p');
  const put = `${made} = ${value} = ${create}; H.put(R, ${owner}, ${out.constant(step)}, ${value}, ${nameOf(type, named(target))}, ${mode});`;
  if (step.list === false) {
    out.line(
      `let ${value} = ${owner}[${key}]; if (!H.isObject(${value})) { ${simple ? `if (${value} === undefined) ${owner}[${key}] = ${made} = ${value} = ${create}; else { ${put} }` : put} }`,
    );
    return value;
  }
  if (target.listMode === 'single')
    out.line(
      `let ${value} = Array.isArray(${owner}[${key}]) ? ${owner}[${key}][0] : undefined; if (!H.isObject(${value})) { ${put} }`,
    );
  else out.line(`let ${value}; ${put}`);
  return value;
}

/** Sets a value that is there. */
function emitSetAt(writer: TargetWriter, target: TargetPlan, place: PlacePlan, value: string, type: string): void {
  const { out } = writer;
  const { variable } = target;
  const { last } = place;
  if (last === undefined) {
    out.line(`H.setCell(R, v${place.into.slot}, ${value}, ${type}, ${text(target.text)});`);
    if (variable !== undefined) assign(out, variable, `v${place.into.slot}`, type);
    return;
  }
  const local: Prunes = [];
  guarded(writer, place, () => {
    const owner = emitSpot({ ...writer, prunes: local }, place);
    const bound = emitPut(writer, target, last, owner, value, type);
    if (variable !== undefined) {
      const [fixed] = last.types;
      assign(
        out,
        variable,
        bound,
        type === 'undefined' && fixed !== undefined && last.types.length === 1 ? text(fixed.name) : type,
      );
    }
  });
}

/** Puts a value into an object; gives the code of what a variable for it is. */
function emitPut(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  owner: string,
  value: string,
  type: string,
): string {
  const { out } = writer;
  const { shareId, variable, listMode } = target;
  const cell = variable?.form === 'cell';
  const at = out.fresh('g');
  const result = out.fresh('j');
  const direct = shareId === undefined && !cell && emitDirect(writer, target, step, owner, value, result);
  if (direct) return result;
  const mode = listMode === undefined ? 'undefined' : text(listMode);
  const shared = shareId === undefined ? 'undefined' : `H.shared(R, ${owner}, ${text(shareId)})`;
  const made = cell ? `H.newCell(${owner}, ${out.constant(step)}, ${mode}, ${at}, ${result}0)` : `${result}0`;
  out.line(
    `let ${result} = ${shared}; if (${result} === undefined) { const ${result}0 = ${value}; const ${at} = H.put(R, ${owner}, ${out.constant(step)}, ${result}0, ${type}, ${mode}); ${result} = ${made};`,
  );
  if (shareId !== undefined) out.line(`H.share(R, ${owner}, ${text(shareId)}, ${result});`);
  out.line('}');
  return result;
}

/** The frequent cases without a call: a settled key, no list mode, a type that is known. */
function emitDirect(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  owner: string,
  value: string,
  result: string,
): boolean {
  const { out, usesLast } = writer;
  const [type] = step.types;
  if (
    step.kind !== 'key' ||
    step.typed ||
    target.listMode !== undefined ||
    step.types.length !== 1 ||
    type === undefined
  )
    return false;
  if (step.list === undefined || (step.list && usesLast)) return false;
  const settled = settledLiteral(target, step);
  if (settled !== undefined) out.line(`const ${result} = ${text(settled)};`);
  else {
    const wanted = type.kind === 'primitive' ? jsonKind(type) : 'object';
    out.line(
      `let ${result} = ${value}; if (typeof ${result} !== ${text(wanted)}) ${result} = H.settle(${out.constant(step)}, ${result}, undefined);`,
    );
  }
  const key = text(step.key);
  if (step.list)
    out.line(
      `if (${owner}[${key}] === undefined) ${owner}[${key}] = [${result}]; else ${owner}[${key}].push(${result});`,
    );
  else
    out.line(
      `if (${owner}[${key}] === undefined) ${owner}[${key}] = ${result}; else H.second(${out.constant(step)}, ${owner}[${key}], ${result});`,
    );
  return true;
}

function settledLiteral(target: TargetPlan, step: StepPlan): string | number | boolean | undefined {
  const { transform } = target;
  if (transform.kind !== 'copy' || transform.argument.kind !== 'literal') return undefined;
  try {
    const value = settle(step, transform.argument.value, transform.argument.type);
    return typeof value === 'object' ? undefined : (value as string);
  } catch {
    return undefined;
  }
}

function emitIdentity(
  writer: TargetWriter,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'identity' }>,
): void {
  const { out } = writer;
  const { source, cases } = transform;
  const { place } = target;
  if (place === undefined) return;
  const one = (found: IdentityCase): void => {
    if (found.group === undefined) {
      const type = found.to === undefined ? typeCode(source) : text(found.to.name);
      emitSetAt(writer, target, place, `H.clone(v${source.slot})`, type);
      return;
    }
    const { group } = found;
    emitCreateAt(
      writer,
      { ...target, transform: { kind: 'create', type: found.to, named: undefined } },
      place,
      found.to,
      (value, type) =>
        writer.call(group, [
          { value: `v${source.slot}`, type: typeCode(source) },
          { value, type },
        ]),
    );
  };
  const [first] = cases;
  const open = cases.find((candidate) => candidate.from === undefined);
  if (!isDynamic(source) || (open !== undefined && cases.length === 1)) {
    const [type] = source.types;
    const found = cases.find((candidate) => candidate.from?.name === type?.name) ?? open ?? first;
    if (found !== undefined) one(found);
    return;
  }
  const tests = cases.filter((candidate) => candidate.from !== undefined);
  const groups = tests.filter((candidate) => candidate.group !== undefined);
  const copies = new Map(
    tests
      .filter((candidate) => candidate.group === undefined)
      .map((candidate) => [candidate.from?.name ?? '', candidate.to?.name ?? candidate.from?.name]),
  );
  for (const candidate of groups) {
    out.line(`if (t${source.slot} === ${text(candidate.from?.name ?? '')}) {`);
    one(candidate);
    out.line('} else');
  }
  const table = out.constant(copies);
  const last = open ?? (cases.length === 1 ? first : undefined);
  out.line(`if (${table}.has(t${source.slot})) {`);
  emitSetAt(writer, target, place, `H.clone(v${source.slot})`, `${table}.get(t${source.slot})`);
  out.line(`} else ${last === undefined ? `if (t${source.slot} === undefined)` : ''} {`);
  if (last !== undefined) one(last);
  else if (first !== undefined) one(first);
  out.line(last === undefined ? `} else H.stop('mapping-wrong-type', 'There is no rule for this type.');` : '}');
}
