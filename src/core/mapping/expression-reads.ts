import type { Node } from '../fhirpath/ast.ts';
import { isChoiceName, isElementName } from '../fhirpath/model.ts';
import { isTypeArgument } from './expression-tree.ts';
import type { ExpressionPlan, ReadStep, Variable } from './plan.ts';

type Read = ExpressionPlan['reads'][number];

/** Where a part of an expression is: so many steps from the focus (no variable) or from a variable. */
type At = Read;

/** Every path of elements that an expression follows, from its focus or from a variable. */
export function readsOf(node: Node, variables: ReadonlyMap<string, Variable>): ExpressionPlan['reads'] {
  const walk = new ReadWalk(variables);
  walk.use(node, { path: [] });
  const { reads } = walk;
  // A path inside a longer one is only the way there.
  return reads.filter((read) => !reads.some((other) => other !== read && goesOn(read, other)));
}

function goesOn(read: Read, other: Read): boolean {
  const longer = other.path.length > read.path.length && read.path.length > 0;
  return longer && other.variable === read.variable && read.path.every((step, i) => other.path[i]?.name === step.name);
}

class ReadWalk {
  readonly reads: Read[] = [];
  private readonly variables: ReadonlyMap<string, Variable>;

  constructor(variables: ReadonlyMap<string, Variable>) {
    this.variables = variables;
  }

  /** Walks a part whose value is used: where that is the focus or a variable itself, all of it counts as read. */
  use(part: Node, here: At): void {
    const end = this.walk(part, here);
    if (end !== undefined && end.path.length === 0) this.reads.push(end);
  }

  /** Walks a part; gives where it leads to, or undefined where it makes a value of its own. */
  private walk(part: Node, here: At): At | undefined {
    switch (part.kind) {
      case 'variable': {
        const variable = this.variables.get(part.name);
        return variable === undefined ? undefined : { path: [], variable };
      }
      case 'special':
        return part.name === '$this' ? here : undefined;
      case 'member': {
        const from = part.base === undefined ? here : this.walk(part.base, here);
        return from === undefined ? undefined : this.step(from, part.name);
      }
      case 'call':
        return this.call(part, here);
      case 'index':
        this.use(part.index, here);
        return this.walk(part.base, here);
      case 'type':
        return this.walk(part.operand, here);
      case 'sign':
        this.use(part.operand, here);
        return undefined;
      case 'binary':
        this.use(part.left, here);
        this.use(part.right, here);
        return undefined;
      default:
        return undefined;
    }
  }

  private step(from: At, name: string): At {
    // Names that R4 does not know may be choices of a logical model.
    const isChoice = name !== '*' && (isChoiceName(name) || !isElementName(name));
    const step: ReadStep = { name, isChoice };
    const at = { ...from, path: [...from.path, step] };
    this.reads.push(at);
    return at;
  }

  private call(part: Extract<Node, { kind: 'call' }>, here: At): At | undefined {
    const from = part.base === undefined ? here : this.walk(part.base, here);
    if (!isTypeArgument(part.name)) for (const argument of part.arguments) this.use(argument, from ?? here);
    if (from === undefined) return undefined;
    return part.name === 'children' || part.name === 'descendants' ? this.step(from, '*') : from;
  }
}
