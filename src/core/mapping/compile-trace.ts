import { choiceKeys } from '../fhirpath/model.ts';
import { type Emitter, text } from './emitter.ts';
import type { ExpressionPlan, RulePlan, Variable } from './plan.ts';
import type { FollowStep, MarkNumbers } from './trace-record.ts';

/**
 * Where a value of the input stands, as JavaScript: what the traced form knows of a variable. `owner` and `key` say
 * which place is marked when it is read; values that rules made have none.
 */
export interface Trail {
  /** Code of its path. */
  readonly path: string;
  /** Whether the path can be empty: that of a constant that was handed on. */
  readonly mayBeEmpty: boolean;
  readonly owner: string | undefined;
  readonly key: string;
  /** The key itself where it is settled: then its bit is known. */
  readonly settledKey?: string;
  /** The variable that holds the number of the key, where it is one of a few; below zero for another one. */
  readonly keyNumber?: string;
  /** The variables that hold the mark records of the owner and of the value itself. */
  readonly ownerRecord?: string;
  readonly record?: string;
  /** Nothing of it stands in an input, so that nothing is to be marked. */
  readonly isMade?: boolean;
  /** A primitive is marked when it is found. */
  readonly isMarked?: boolean;
  /** The owner may be absent: a parameter. */
  readonly isGiven?: boolean;
}

/** Numbers of marks: one for each key and each path that the code names. Filled while code is written. */
export class TraceBook implements MarkNumbers {
  readonly keys = new Map<string, number>();
  private readonly paths = new Map<string, number>();
  private readonly steps = new Map<string, readonly FollowStep[]>();
  private count = 0;

  get words(): number {
    return (this.count >> 5) + 1;
  }

  /** The number of a key. */
  number(name: string): number {
    return numbered(this.keys, name, () => this.count++);
  }

  key(name: string): { readonly word: number; readonly mask: number } {
    return bit(this.number(name));
  }

  path(steps: readonly FollowStep[]): { readonly word: number; readonly mask: number } {
    return bit(numbered(this.paths, steps.map((step) => step.name).join('.'), () => this.count++));
  }

  /** A path of an expression; from `*` on all is read. */
  follow(path: ExpressionPlan['reads'][number]['path']): readonly FollowStep[] {
    const all = path.findIndex((step) => step.name === '*');
    const used = all < 0 ? path : path.slice(0, all);
    const name = used.map((step) => step.name).join('.');
    const made =
      this.steps.get(name) ??
      used.map((step) => ({
        ...step,
        ...this.key(step.name),
        inherited: step.name in Object.prototype,
        choices: new Set(step.isChoice ? choiceKeys(step.name).values() : []),
      }));
    this.steps.set(name, made);
    return made;
  }
}

function numbered(known: Map<string, number>, name: string, next: () => number): number {
  const found = known.get(name) ?? next();
  known.set(name, found);
  return found;
}

function bit(number: number): { readonly word: number; readonly mask: number } {
  return { word: number >> 5, mask: 1 << (number & 31) };
}

/** Code of a path and what comes after it; texts that meet become one. */
export function pathCode(path: string, ...after: readonly string[]): string {
  let code = path;
  for (const part of after) {
    const merges = code.endsWith('"') && part.startsWith('"');
    code = merges ? code.slice(0, -1) + part.slice(1) : `${code} + ${part}`;
  }
  return code;
}

/** The trail of a variable; one that nothing was written down for was made by rules. */
export function trailOf(out: Emitter, variable: Variable): Trail {
  return (
    out.trails.get(variable.slot) ?? {
      path: `P${variable.slot}`,
      mayBeEmpty: true,
      owner: undefined,
      key: '""',
      isMade: true,
    }
  );
}

/** Code of the paths of some variables as an array, without those that have none. */
function paths(trails: readonly Trail[]): string {
  const [only] = trails;
  if (only === undefined) return noSources;
  if (trails.length === 1 && only?.mayBeEmpty === true) return `(${only.path} === "" ? [] : [${only.path}])`;
  const all = `[${trails.map((trail) => trail.path).join(', ')}]`;
  return trails.some((trail) => trail.mayBeEmpty) ? `H.filled(${all})` : all;
}

/** Constants come from nowhere, all of them from the same. */
export const noSources = 'H.none';

/** Where a rule reads from: the paths of its sources. */
export function sourcesOf(out: Emitter, rule: RulePlan): string {
  return out.book === undefined ? '' : paths(rule.sources.map((source) => trailOf(out, source.variable)));
}

export function variableSources(out: Emitter, variables: readonly Variable[]): string {
  return out.book === undefined ? '' : paths(variables.map((variable) => trailOf(out, variable)));
}

/** Where an expression reads from: the paths that it names, or where it names none those of the rule. */
export function expressionSources(out: Emitter, expression: ExpressionPlan, rule: RulePlan): string {
  if (out.book === undefined) return '';
  if (expression.variables.length === 0 && expression.reads.length === 0) return noSources;
  const parts = expression.reads.flatMap(({ variable, path }) => {
    const from = variable ?? expression.focus;
    if (from === undefined) return [];
    return [trailOf(out, from).path, text(path.map((step) => `.${step.name}`).join(''))];
  });
  return `H.sources([${parts.join(', ')}], ${sourcesOf(out, rule)})`;
}

/** Code that marks the place of something that was found; undefined for what stands in no input. */
export function markCode(out: Emitter, { owner, key, settledKey, keyNumber, ownerRecord, isGiven }: Trail): string {
  if (owner === undefined) return '';
  if (ownerRecord !== undefined && settledKey !== undefined) return markKey(out, ownerRecord, owner, settledKey);
  const slow = `${isGiven === true ? `if (${owner} !== undefined) ` : ''}T.at(${owner}, ${key});`;
  if (ownerRecord === undefined || keyNumber === undefined) return slow;
  const quick = `(${ownerRecord} ??= T.of(${owner}))[${keyNumber} >> 5] |= 1 << (${keyNumber} & 31);`;
  return isGiven === true ? `if (${keyNumber} >= 0) ${quick} else ${slow}` : quick;
}

/** Marks a key that is settled. */
function markKey(out: Emitter, record: string, owner: string, key: string): string {
  const { word, mask } = out.book?.key(key) ?? { word: 0, mask: 0 };
  return `(${record} ??= T.of(${owner}))[${word}] |= ${mask};`;
}

/** Marks a variable's value as read, with all that is in it. */
export function emitMark(out: Emitter, variable: Variable): void {
  if (out.book === undefined) return;
  const trail = trailOf(out, variable);
  if (trail.owner !== undefined && trail.isMarked !== true) out.line(markCode(out, trail));
}

/** Marks what an expression can read. */
export function emitReads(out: Emitter, expression: ExpressionPlan): void {
  const { book } = out;
  if (book === undefined) return;
  for (const { variable, path } of expression.reads) {
    const from = variable ?? expression.focus;
    const trail = from === undefined ? undefined : trailOf(out, from);
    if (from === undefined || trail?.owner === undefined || trail.isMade || from.form === 'cell') continue;
    const steps = book.follow(path);
    const { owner, key, record, isMarked } = trail;
    if (isMarked) continue;
    if (steps.length === 0) {
      out.line(`T.whole(${owner}, ${key}, v${from.slot});`);
      continue;
    }
    const given = out.constant(steps);
    const slow = `T.reads(${owner}, ${key}, v${from.slot}, ${given});`;
    if (record === undefined) {
      out.line(slow);
      continue;
    }
    const { word, mask } = book.path(steps);
    const quick = `if (((${record} ??= T.of(v${from.slot}))[${word}] & ${mask}) === 0) T.follow(${record}, ${word}, ${mask}, v${from.slot}, ${given});`;
    const test = out.objectTest(from);
    out.line(
      trail.isGiven
        ? `if (${owner} !== undefined) { if (${test || 'true'}) { ${quick} } else ${slow} }`
        : test === ''
          ? quick
          : `if (${test}) { ${quick} } else ${slow}`,
    );
  }
}
