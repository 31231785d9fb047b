import type { Code, Evaluate, Measure, Truth } from './code.ts';
import type { Items } from './item.ts';
import { type Path, pathCount, pathHead, pathItems, type Step } from './path.ts';

/** A value that is always the same. */
export function constantCode(constant: Items, at: number): Code {
  const value = constant[0]?.value;
  const items = () => constant;
  if (typeof value !== 'boolean') return { at, items, constant };
  const truth: Truth = value ? 1 : 0;
  return { at, items, constant, decide: () => truth };
}

/** One member more. */
export function memberCode(base: Code, step: Step, at: number): Code {
  if (base.path !== undefined) return pathCode({ head: base.path.head, steps: [...base.path.steps, step] }, at);
  const items = base.items;
  return { at, items: (self, context) => pathItems(items(self, context), [step], context) };
}

/** A chain of members; also of one that begins with `%resource`. */
export function pathCode(path: Path, at: number): Code {
  const { steps, head } = path;
  const items: Evaluate = (self, context) => pathItems(pathHead(path, self, context), steps, context);
  const counted = (limit: number): Measure => {
    if (head === 'self') return (self) => pathCount(self.value, self.extra, steps, limit);
    return (self, context) => {
      let count = 0;
      for (const item of pathHead(path, self, context))
        count += pathCount(item.value, item.extra, steps, limit - count);
      return count;
    };
  };
  const first = counted(1);
  return {
    at,
    items,
    path,
    count: counted(Number.POSITIVE_INFINITY),
    exists: (self, context) => first(self, context) > 0,
  };
}
