import type { Evaluate, ExpressionPlan, ScriptPart } from './plan.ts';
import type { Run } from './run.ts';

/** What a script answers when the data has not the shape of its model: the FHIRPath engine decides then. */
export const bailed: unique symbol = Symbol('bail');

export type Script = (run: Run, focus: unknown, ...variables: readonly unknown[]) => unknown;

/** The functions that scripts call. */
export const scriptHelp = {
  bailed,
  bail: (): never => {
    throw bailed;
  },
  any: (list: readonly unknown[], test: (item: unknown) => boolean): boolean => {
    for (let i = 0; i < list.length; i++) if (test(list[i])) return true;
    return false;
  },
  /** Part of an expression by the engine: whether it is true, or false; neither for an empty result. */
  leaf: (
    evaluate: Evaluate,
    run: Run,
    focus: unknown,
    variables: Readonly<Record<string, readonly unknown[]>>,
    wanted: boolean,
  ): boolean => {
    const result = evaluate(focus, variables, run);
    if (result.length > 1) throw bailed;
    return result.length === 1 && (result[0]?.value !== false) === wanted;
  },
  list: (value: unknown): readonly unknown[] => (value === undefined || value === null ? [] : [value]),
};

/** A script as a function declaration; `leaves` is the code of the array of its leaves. */
export function scriptFunction(name: string, expression: ExpressionPlan, part: ScriptPart, leaves: string): string {
  const parameters = ['R', 'f', ...expression.variables.map((variable) => `w${variable.slot}`)].join(', ');
  const named = expression.variables
    .map((variable) => `[${JSON.stringify(variable.name)}]: S.list(w${variable.slot})`)
    .join(', ');
  const leaf =
    part.leaves.length === 0
      ? ''
      : `const leaf = (r, at, focus, wanted) => S.leaf(${leaves}[at], r, focus, { __proto__: null, ${named} }, wanted);`;
  return `function ${name}(${parameters}) { ${leaf} try { ${part.code} } catch (error) { if (error === S.bailed) return error; throw error; } }`;
}

/** The preamble that scripts need. */
export const scriptPreamble = 'const bail = S.bail, any = S.any, BAIL = S.bailed;';

const built = new WeakMap<ScriptPart, Script>();

/** A script on its own, for the interpreter. */
export function scriptOf(expression: ExpressionPlan, part: ScriptPart): Script {
  const known = built.get(part);
  if (known !== undefined) return known;
  const made = new Function(
    'S',
    'L',
    `'use strict'; ${scriptPreamble} return ${scriptFunction('e', expression, part, 'L')};`,
  )(scriptHelp, part.leaves) as Script;
  built.set(part, made);
  return made;
}
