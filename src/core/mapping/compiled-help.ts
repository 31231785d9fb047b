import { cast } from './cast.ts';
import { Fault, kindOf } from './fault.ts';
import { textOf } from './make-datatype.ts';
import type { MappingPlace } from './mapping.ts';
import { type Cell, put, setCell, settle } from './place.ts';
import type { ExpressionPlan, Selected, StepPlan, TranslateOutput } from './plan.ts';
import type { Run } from './run.ts';
import type { TargetListMode } from './syntax.ts';
import { truncate } from './transforms.ts';
import { remembered, type Translation, type Translator, translateRow, translateValue } from './translate.ts';
import { checkShape, childAt, cloneValue, isEmpty, isObject, isTrue, scanFor, typeOfItem } from './values.ts';

type Owner = Record<string, unknown>;

/** What compiled code calls. Everything that it can reach is here, in its constants and in its inputs. */
export const compiledHelp = {
  put,
  setCell: (run: Run, cell: unknown, value: unknown, type: string | undefined, name: string): unknown => {
    if (!isObject(cell) || !('owner' in cell))
      throw new Fault('mapping-whole-target', `"${name}" has elements and no value of its own.`);
    setCell(run, cell as unknown as Cell, value, type);
    return cell;
  },
  settle,
  child: childAt,
  scan: scanFor,
  shape: checkShape,
  clone: cloneValue,
  isEmpty,
  isObject,
  isTrue,
  typeOfItem,
  newCell: (
    owner: Owner,
    step: StepPlan,
    path: string,
    mode: TargetListMode | undefined,
    at: string | undefined,
    value: unknown,
  ): Cell => ({ owner, step, path, mode, at, value }),
  objectAt: (value: unknown, name: string): Owner => {
    if (!isObject(value))
      throw new Fault('mapping-wrong-type', `"${name}" is ${kindOf(value)} and has no elements to set.`);
    return value as Owner;
  },
  tooMuch: (): never => {
    throw new Fault('mapping-too-much-work', 'The map needs too many steps for this input.');
  },
  stop: (code: string, message: string): never => {
    throw new Fault(code, message);
  },
  second: (step: StepPlan, before: unknown, value: unknown): void => {
    if (before === value) return;
    if (typeof before === 'object' && typeof value === 'object' && JSON.stringify(before) === JSON.stringify(value))
      return;
    throw new Fault('mapping-second-value', `"${step.name}" has a value already and gets a second, different one.`);
  },
  prune: (run: Run, owner: Owner, key: string, value: object): void => {
    const current = owner[key];
    if (current === value) delete owner[key];
    if (!Array.isArray(current)) return;
    const at = current.indexOf(value);
    if (at >= 0) current.splice(at, 1);
    if (current.length === 0) delete owner[key];
    run.shared?.delete(owner);
  },
  shared: (run: Run, owner: object, id: string): unknown => run.shared?.get(owner)?.get(id),
  share: (run: Run, owner: object, id: string, value: unknown): void => {
    run.shared ??= new Map();
    const found = run.shared.get(owner) ?? new Map<string, unknown>();
    run.shared.set(owner, found.set(id, value));
  },
  translate: (
    run: Run,
    translator: Translator,
    value: unknown,
    output: TranslateOutput,
    place: MappingPlace,
  ): unknown => {
    if (value === undefined) return undefined;
    try {
      const known = remembered(value, translator, output);
      if (known !== undefined) return known;
      return translateValue(value, translator, output, (message) =>
        run.reports.push({ kind: 'unmapped-code', message, place }),
      );
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The interpreter will tell which code of which rule; here it is enough to know that there is one.
      run.failed = true;
      return undefined;
    }
  },
  /** The same, and the row that was used. */
  translated: (
    run: Run,
    translator: Translator,
    value: unknown,
    output: TranslateOutput,
    place: MappingPlace,
  ): Translation | undefined => {
    if (value === undefined) return undefined;
    try {
      const found = translateRow(value, translator, output);
      if (found?.fallback !== undefined) run.reports.push({ kind: 'unmapped-code', message: found.fallback, place });
      return found;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      run.failed = true;
      return undefined;
    }
  },
  log: (run: Run, result: readonly { readonly value: unknown }[], place: MappingPlace): void => {
    const message = result
      .filter((item) => typeof item.value !== 'object' && item.value !== undefined)
      .map((item) => String(item.value))
      .join(' ');
    if (message !== '') run.reports.push({ kind: 'log', message, place });
  },
  list: (value: unknown): readonly unknown[] => (value === undefined || value === null ? [] : [value]),
  one: (result: readonly Selected[], written: string): Selected | undefined => {
    if (result.length > 1)
      throw new Fault(
        'mapping-many-values',
        `The expression (${written}) gives ${result.length} values where one is needed.`,
      );
    return result[0];
  },
  /** The only result of an expression that is known to give at most one. */
  only: (result: readonly Selected[]): unknown =>
    result.length > 1 ? compiledHelp.many('expression') : result[0]?.value,
  many: (written: string): never => {
    throw new Fault('mapping-many-values', `"${written}" takes one value, but the expression gives several.`);
  },
  constant: (
    run: Run,
    index: number,
    plan: ExpressionPlan,
    variables: Readonly<Record<string, readonly unknown[]>>,
  ): readonly unknown[] => {
    run.settled ??= [];
    const known = run.settled[index] ?? plan.evaluate(undefined, variables, run);
    run.settled[index] = known;
    return known.map((item) => item.value);
  },
  hasType: (name: string, value: unknown): boolean => {
    if (typeof value === 'number') return name === 'decimal' || (Number.isInteger(value) && name === 'integer');
    return typeof value === name;
  },
  /** What `append` adds for a value that is no text. */
  text: (value: unknown): string => (value === undefined ? '' : textOf(value)),
  truncate,
  cast,
  /** How many items a list has before the next one. */
  count: (list: unknown): number => (Array.isArray(list) ? list.length : 0),
  none: Object.freeze([]) as readonly string[],
  filled: (paths: readonly string[]): readonly string[] => paths.filter((path) => path !== ''),
  /** Paths that an expression names: each a beginning and what comes after it. */
  sources: (parts: readonly (string | undefined)[], rule: readonly string[]): readonly string[] => {
    const found = new Set<string>();
    for (let at = 0; at < parts.length; at += 2) {
      const from = parts[at];
      if (from !== undefined && from !== '') found.add(`${from}${parts[at + 1] ?? ''}`);
    }
    return found.size === 0 ? rule : [...found];
  },
};
