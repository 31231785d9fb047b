import type { Evaluate } from './code.ts';
import { type FhirPathEnvironment, FhirPathError } from './expression.ts';
import { Item, type Items, none } from './item.ts';

/**
 * Steps that one evaluation may take: visits of nodes and comparisons. dom-3 on a Bundle of 10,000 nodes takes about
 * 100,000. Visits take 0.02 to 0.3 µs each: an expression that runs away ends within some tenths of a second.
 */
export const workLimit = 1_000_000;

/** Characters of a text that an expression may make: longer ones are an attack, or a mistake in the expression. */
export const textLimit = 1_000_000;

/** Characters that are handled in the time of one step. */
const charactersPerStep = 64;

/** How much of an expression an error message repeats. */
const quotedLength = 200;

/** What one evaluation knows and has used up. */
export class Context {
  readonly environment: FhirPathEnvironment;
  readonly text: string;
  /** The collection that `iif` and an evaluation on several values work on. */
  head: Items;
  index = 0;
  total: Items = none;
  private work = 0;
  private readonly focus: Item | Items;
  private rootItems: Items | undefined;
  private resourceItems: Items | undefined;
  private rootResourceItems: Items | undefined;
  private kept: Map<string, Items> | undefined;

  /** @param focus The focus, or the several values that stand in its place. */
  constructor(text: string, environment: FhirPathEnvironment, focus: Item | Items) {
    this.text = text;
    this.environment = environment;
    this.focus = focus;
    this.head = focus instanceof Item ? none : focus;
  }

  /** `%context`, and `$this` outside of every iteration. */
  get root(): Items {
    this.rootItems ??= this.focus instanceof Item ? [this.focus] : this.focus;
    return this.rootItems;
  }

  /** `%resource`; where the caller names none, the focus itself. */
  get resource(): Items {
    this.resourceItems ??= this.environment.resource === undefined ? this.root : [new Item(this.environment.resource)];
    return this.resourceItems;
  }

  /** `%rootResource`; where the caller names none, `%resource`. */
  get rootResource(): Items {
    const given = this.environment.rootResource;
    this.rootResourceItems ??= given === undefined ? this.resource : [new Item(given)];
    return this.rootResourceItems;
  }

  spend(steps: number): void {
    this.work += steps;
    if (this.work > workLimit) this.fail(`The expression needs more than ${workLimit} steps on this data.`, -1);
  }

  /** Account for reading or making a text of some length. */
  spendText(length: number): void {
    if (length > charactersPerStep) this.spend(Math.ceil(length / charactersPerStep));
    if (length > textLimit) this.fail(`A text gets longer than ${textLimit} characters.`, -1);
  }

  /** Work out what does not depend on the focus once per evaluation. */
  keep(key: string, evaluate: Evaluate, self: Item): Items {
    this.kept ??= new Map();
    let items = this.kept.get(key);
    if (items === undefined) {
      items = evaluate(self, this);
      this.kept.set(key, items);
    }
    return items;
  }

  fail(message: string, at: number): never {
    const place = at < 0 ? '' : `offset ${at} of `;
    throw new FhirPathError(`${message} (${place}${this.text.slice(0, quotedLength)})`, this.text, at);
  }
}
