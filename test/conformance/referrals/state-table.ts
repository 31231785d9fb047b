import {
  type Anchor,
  type AnchorState,
  legalMove,
  type TaskStatus,
  taskStatuses,
} from '../../../src/core/answer/anchor.ts';
import type { Facts } from './facts.ts';

interface Move {
  readonly from: AnchorState | undefined;
  readonly to: AnchorState;
  readonly who: 'placer' | 'filler' | undefined;
}

/**
 * Hold a published table of Task states against our data of the same standard: each row must be legal, for who may do it;
 * each pair of its states that is no row must be refused; and where the table says who, the other one's move must be, too.
 *
 * @param text Tab-separated, with a header: `from`, `to`, `who`; or `from_status`, `from_business`, ..., `actor`.
 */
export function compareTable(text: string, anchor: Anchor): NonNullable<Facts['table']> {
  const moves = readMoves(text);
  const wrong: string[] = [];
  const isTold = (from: AnchorState, to: AnchorState) =>
    moves.some((move) => covers(move.from, from) && covers(move.to, to));
  for (const { from, to, who } of moves) {
    if (!legalMove(from, to, anchor, who)) wrong.push(`${named(from, to)} is refused`);
    if (who === undefined) continue;
    const other = who === 'placer' ? 'filler' : 'placer';
    const both = moves.some((move) => move.who === other && named(move.from, move.to) === named(from, to));
    if (!both && legalMove(from, to, anchor, other)) wrong.push(`${named(from, to)} is permitted to the ${other}`);
  }
  const states = [...new Map(moves.flatMap(({ from, to }) => [from, to]).map((one) => [name(one), one])).values()];
  for (const from of states) {
    for (const to of states) {
      if (from === undefined || to === undefined || isTold(from, to)) continue;
      if (legalMove(from, to, anchor)) wrong.push(`${named(from, to)} is permitted`);
    }
  }
  return { rows: moves.length, wrong };
}

function readMoves(text: string): Move[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const columns = head.split('\t');
  return lines.flatMap((line): Move[] => {
    const cells = line.split('\t');
    const cell = (...names: string[]) => cells[columns.findIndex((one) => names.includes(one))]?.trim() ?? '';
    const to = state(cell('to', 'to_status'), cell('to_business'));
    // A row that says a state is the last one has no move.
    if (to === undefined) return [];
    return [{ from: state(cell('from', 'from_status'), cell('from_business')), to, who: actor(cell('who', 'actor')) }];
  });
}

function state(status: string, number: string): AnchorState | undefined {
  const known = taskStatuses.find((one) => one === status) as TaskStatus | undefined;
  return known === undefined ? undefined : { status: known, ...(number === '' ? {} : { number }) };
}

function actor(who: string): Move['who'] {
  if (/initiator|requester|placer/i.test(who)) return 'placer';
  return /recipient|owner|filler/i.test(who) ? 'filler' : undefined;
}

/** A state that the table gives no number stands for all its numbers. */
function covers(told: AnchorState | undefined, one: AnchorState): boolean {
  return told?.status === one.status && (told.number === undefined || told.number === one.number);
}

function named(from: AnchorState | undefined, to: AnchorState): string {
  return `${name(from)} -> ${name(to)}`;
}

function name(one: AnchorState | undefined): string {
  return one === undefined ? '(new)' : [one.status, one.number].filter(Boolean).join(' ');
}
