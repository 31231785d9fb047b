import { pathCode } from './compile-trace.ts';
import { isObjectVariable, nameOf, type TargetWriter } from './compile-writer.ts';
import { text } from './emitter.ts';
import type { PlacePlan } from './plan.ts';

/** The object that the last step of a place belongs to, and in the traced form its path, as code. */
export interface Spot {
  readonly owner: string;
  readonly path?: string;
}

/**
 * Goes down to the object that the last step of a place belongs to, making what is missing.
 *
 * @param names Gets the variables that are used: prunes need them outside of the block that is being written.
 */
export function emitSpot(writer: TargetWriter, place: PlacePlan, names: string[]): Spot {
  const { out, prunes } = writer;
  let owner = emitOwner(writer, place, names);
  let path = `P${place.into.slot}`;
  for (const step of place.path) {
    const next = out.fresh('o');
    const isNew = out.fresh('n');
    const [type] = step.types;
    names.push(next, isNew);
    out.line(`${next} = ${owner}[${text(step.key)}]; ${isNew} = !H.isObject(${next});`);
    const put = `H.put(R, ${owner}, ${out.constant(step)}, ${next}, ${nameOf(type, undefined)})`;
    const make = `if (${isNew}) { ${next} = ${out.newObject(type)};`;
    if (out.book === undefined) out.line(`${make} ${put}; }`);
    else {
      const at = out.fresh('p');
      out.line(
        `let ${at}; ${make} ${at} = ${pathCode(path, '"."', put)}; } else ${at} = ${pathCode(path, text(`.${step.key}`))};`,
      );
      path = at;
    }
    prunes.push(`if (${isNew} && H.isEmpty(${next})) H.prune(R, ${owner}, ${text(step.key)}, ${next});`);
    owner = next;
  }
  return { owner, ...(out.book === undefined ? {} : { path }) };
}

/** The object that a place begins with. */
export function emitOwner({ out }: TargetWriter, place: PlacePlan, names: string[]): string {
  const owner = out.fresh('o');
  const { slot, name } = place.into;
  names.push(owner);
  out.line(`${owner} = ${isObjectVariable(place.into) ? `v${slot}` : `H.objectAt(v${slot}, ${text(name)})`};`);
  return owner;
}
