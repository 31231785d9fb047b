/** The expression tree of FHIRPath. `at` is the offset of the node in the text, from 0. */
export type Node =
  | { readonly kind: 'empty'; readonly at: number }
  | { readonly kind: 'literal'; readonly at: number; readonly type: LiteralType; readonly value: LiteralValue }
  | { readonly kind: 'variable'; readonly at: number; readonly name: string }
  | { readonly kind: 'special'; readonly at: number; readonly name: '$this' | '$index' | '$total' }
  | MemberNode
  | CallNode
  | { readonly kind: 'index'; readonly at: number; readonly base: Node; readonly index: Node }
  | { readonly kind: 'sign'; readonly at: number; readonly sign: '+' | '-'; readonly operand: Node }
  | TypeNode
  | BinaryNode;

/** The types that a literal can have, all in the namespace `System`. */
export type LiteralType = 'Boolean' | 'String' | 'Integer' | 'Decimal' | 'Date' | 'DateTime' | 'Time' | 'Quantity';

/** A quantity literal as a FHIR Quantity: calendar durations have a unit only, UCUM units a system and code too. */
export interface QuantityValue {
  readonly value: number;
  readonly unit?: string;
  readonly system?: string;
  readonly code?: string;
}

export type LiteralValue = boolean | string | number | QuantityValue;

/** `base.name`, or `name` alone where `base` is undefined. */
export interface MemberNode {
  readonly kind: 'member';
  readonly at: number;
  readonly base: Node | undefined;
  readonly name: string;
}

/** `base.name(arguments)`, or `name(arguments)` alone where `base` is undefined. */
export interface CallNode {
  readonly kind: 'call';
  readonly at: number;
  readonly base: Node | undefined;
  readonly name: string;
  readonly arguments: readonly Node[];
}

/** `operand is Type` and `operand as Type`. */
export interface TypeNode {
  readonly kind: 'type';
  readonly at: number;
  readonly operator: 'is' | 'as';
  readonly operand: Node;
  readonly type: string;
}

export type BinaryOperator =
  | '*'
  | '/'
  | 'div'
  | 'mod'
  | '+'
  | '-'
  | '&'
  | '|'
  | '<'
  | '<='
  | '>'
  | '>='
  | '='
  | '!='
  | '~'
  | '!~'
  | 'in'
  | 'contains'
  | 'and'
  | 'or'
  | 'xor'
  | 'implies';

export interface BinaryNode {
  readonly kind: 'binary';
  readonly at: number;
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
}
