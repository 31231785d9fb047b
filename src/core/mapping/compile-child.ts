import { emitRead } from './compile-reads.ts';
import { pathCode, type Trail } from './compile-trace.ts';
import { type Emitter, text } from './emitter.ts';
import type { StepPlan, Variable } from './plan.ts';
import { typesByKey } from './values.ts';

/** An item that a source leads to, as code: its value, its type, and in the traced form where it stands. */
export interface Item {
  readonly value: string;
  readonly type: string;
  readonly trail?: Trail;
}

/** What a step begins with. */
export interface Start extends Item {
  /** Code of a test that the value is no object; empty where that was tested. */
  readonly notObject: string;
  /** The variable that is read from, where what is read from it can be shared. */
  readonly variable?: Variable;
}

/** More types of a choice than these are looked for among the keys that are there. */
const choiceLimit = 12;

/** Declares what a step leads to, before lists are taken apart. */
export function emitChild(out: Emitter, step: StepPlan, from: Start): Item {
  const { value } = from;
  const found = out.fresh('c');
  const slow = `H.child(${value}, ${out.constant(step)})`;
  if (step.kind !== 'open' && from.notObject !== '') out.line(`if (${from.notObject}) ${slow};`);
  if (step.kind === 'key') {
    const [type] = step.types;
    emitRead(out, from.variable, step.key, { names: [found], code: `${found} = ${value}[${text(step.key)}];` });
    return {
      value: found,
      type: step.types.length === 1 && type !== undefined ? text(type.name) : 'undefined',
      ...settledTrail(from, step.key),
    };
  }
  const type = out.fresh('k');
  const key = out.fresh('y');
  const number = out.fresh('y');
  const { book } = out;
  if (step.kind === 'choice' && step.choices.length <= choiceLimit) {
    const keyed = (name: string): string =>
      book === undefined ? '' : ` ${key} = ${text(name)}; ${number} = ${book.number(name)};`;
    const tests = step.choices.map(
      (choice) =>
        `if ((${found} = ${value}[${text(choice.key)}]) !== undefined && ${found} !== null) { ${type} = ${text(choice.type.name)};${keyed(choice.key)} }`,
    );
    const names = [found, type, ...(book === undefined ? [] : [key, number])];
    // Rules with other expectations of the same element try other types.
    const element = `${step.name}[x] ${step.choices.map((choice) => choice.key).join(' ')}`;
    emitRead(out, from.variable, element, { names, code: tests.join(' else ') });
    return { value: found, type, ...keyTrail(from, key, false, number) };
  }
  const child = out.fresh('h');
  if (step.kind === 'open') {
    // The key as it is named is by far the most frequent; everything else is looked for.
    const numbered = book === undefined ? '' : `, ${number} = ${book.number(step.name)}`;
    const unnumbered = book === undefined ? '' : ` ${number} = -1;`;
    out.line(
      `let ${found} = H.isObject(${value}) ? ${value}[${text(step.name)}] : undefined, ${type}, ${key} = ${text(step.name)}${numbered};`,
    );
    out.line(
      `if (${found} === undefined || ${found} === null) { const ${child} = ${slow}; if (${child} !== undefined) { ${found} = ${child}.value; ${type} = ${child}.type; ${key} = ${child}.key;${unnumbered} } }`,
    );
    return { value: found, type, ...keyTrail(from, key, true, number) };
  }
  const scan = `H.scan(${value}, ${out.constant(typesByKey(step))})`;
  out.line(
    `const ${child} = ${scan}; const ${found} = ${child}?.value, ${type} = ${child}?.type, ${key} = ${child}?.key;`,
  );
  return { value: found, type, ...keyTrail(from, key, false) };
}

/** Where the child with a settled key stands. */
function settledTrail({ value, trail }: Item, key: string): { readonly trail?: Trail } {
  if (trail === undefined) return {};
  const { path, record, isMade } = trail;
  const after = pathCode(path, text(`.${key}`));
  if (isMade === true) return { trail: { path: after, mayBeEmpty: false, owner: undefined, key: text(key), isMade } };
  const known = record === undefined ? {} : { settledKey: key, ownerRecord: record };
  return { trail: { path: after, mayBeEmpty: false, owner: value, key: text(key), ...known } };
}

/** Where the child with the key of a variable stands. `.value` of a primitive is that primitive, with an empty key. */
function keyTrail(
  { value, trail }: Item,
  key: string,
  mayBeSame: boolean,
  number?: string,
): { readonly trail?: Trail } {
  if (trail === undefined) return {};
  const { path, isMade } = trail;
  const after = mayBeSame ? `${path} + (${key} === "" ? "" : "." + ${key})` : pathCode(path, '"."', key);
  const made = isMade === true ? { isMade } : {};
  const owner = trail.owner ?? 'undefined';
  return {
    trail: {
      path: after,
      mayBeEmpty: mayBeSame,
      owner: isMade === true ? undefined : mayBeSame ? `(${key} === "" ? ${owner} : ${value})` : value,
      key: mayBeSame ? `(${key} === "" ? ${trail.key} : ${key})` : key,
      ...(mayBeSame ? { isGiven: true } : {}),
      ...(number === undefined || trail.record === undefined || isMade === true
        ? {}
        : { keyNumber: number, ownerRecord: trail.record }),
      ...made,
    },
  };
}
