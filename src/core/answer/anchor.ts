import { type Static, Type } from '@sinclair/typebox';
import type { Issue } from '../fhir/issue.ts';
import { closed, oneOf } from '../plan/fhir-parts.ts';
import { checkDataFile, type DataFile, dataFileIssue } from '../plan/screening/data-file.ts';
import { type PlanStatus, planStatuses } from '../plan/treatment-plan.ts';
import { businessStatuses } from './codes.ts';
import { type AnchorId, anchors } from './partner.ts';

/**
 * anchor: the published standard whose table of Task states a partner follows, as data in mappings/anchors/<id>.json.
 * Only four moves are legal in AU, NL and BSeR alike, so each partner's answer is projected from the plan's one state.
 */

/** https://hl7.org/fhir/R4/valueset-task-status.html */
export const taskStatuses = [
  'draft',
  'requested',
  'received',
  'accepted',
  'rejected',
  'ready',
  'cancelled',
  'in-progress',
  'on-hold',
  'failed',
  'completed',
  'entered-in-error',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** What happened last, where the plan's state alone does not tell. */
export const answerEvents = [
  'none',
  'awaiting-information',
  'visit-scheduled',
  'visit-no-show',
  'visit-cancelled',
  'session-completed',
  'cancellation-requested',
  'order-on-hold',
  'referred-onward',
] as const;
export type AnswerEvent = (typeof answerEvents)[number];

const TaskStatusSchema = oneOf(taskStatuses);
const BusinessSchema = oneOf(Object.keys(businessStatuses) as (keyof typeof businessStatuses)[]);

/** A state of a Task: its status, and the anchor's own number of it where it has one. */
const StateSchema = Type.Object(
  { status: TaskStatusSchema, number: Type.Optional(Type.String({ minLength: 1 })) },
  closed,
);
export type AnchorState = Static<typeof StateSchema>;

const MoveSchema = Type.Object(
  {
    /** Absent: the Task is made in the state `to`. A state without a number stands for all its numbers. */
    from: Type.Optional(StateSchema),
    to: StateSchema,
    who: oneOf(['placer', 'filler', 'either']),
  },
  closed,
);

const TellingSchema = Type.Object(
  {
    /** In order of preference: the first that can be reached from where the Task stands is told. */
    states: Type.Array(StateSchema, { minItems: 1 }),
    business: Type.Optional(BusinessSchema),
  },
  closed,
);

export const AnchorSchema = Type.Object(
  {
    id: oneOf(anchors),
    title: Type.String({ minLength: 3 }),
    source: Type.String({ minLength: 3 }),
    /** CodeSystem of its numbers, where it has any. */
    numberSystem: Type.Optional(Type.String({ minLength: 3 })),
    /** What each number says about the status. */
    numbers: Type.Optional(
      Type.Record(Type.String(), Type.Object({ title: Type.String(), statuses: Type.Array(TaskStatusSchema) }, closed)),
    ),
    moves: Type.Array(MoveSchema, { minItems: 1 }),
    /** How each state of a plan is told. */
    plan: Type.Object(Object.fromEntries(planStatuses.map((status) => [status, TellingSchema])), closed),
    /** How an event changes that, in the plan states that are named. */
    events: Type.Array(
      Type.Object(
        { event: oneOf(answerEvents), during: Type.Array(oneOf(planStatuses), { minItems: 1 }), tell: TellingSchema },
        closed,
      ),
    ),
  },
  closed,
);
type AnchorFile = Static<typeof AnchorSchema>;
export type Anchor = Omit<AnchorFile, 'plan'> & {
  readonly plan: Readonly<Record<PlanStatus, Static<typeof TellingSchema>>>;
};
export type Anchors = ReadonlyMap<AnchorId, Anchor>;

/** Read mappings/anchors/*.json; a start must stop on issues. */
export function loadAnchors(files: readonly DataFile[]): {
  readonly anchors: Anchors;
  readonly issues: readonly Issue[];
} {
  const found = new Map<AnchorId, Anchor>();
  const issues: Issue[] = [];
  for (const file of files) {
    const checked = checkDataFile(AnchorSchema, file);
    if (checked.ok) found.set(checked.value.id, checked.value as Anchor);
    else issues.push(...checked.issues);
  }
  for (const id of anchors) {
    if (!found.has(id)) issues.push(dataFileIssue(`mappings/anchors/${id}.json`, '', 'is missing or faulty.'));
  }
  return { anchors: found, issues };
}

/**
 * Whether the anchor's standard permits a Task to go from one state to another.
 *
 * @param from Undefined for a Task that is being made.
 * @param who  Who moves it; without it anybody's move counts.
 */
export function legalMove(
  from: AnchorState | undefined,
  to: AnchorState,
  anchor: Anchor,
  who?: 'placer' | 'filler',
): boolean {
  return anchor.moves.some((move) => {
    if (who !== undefined && move.who !== 'either' && move.who !== who) return false;
    if (!covers(move.to, to)) return false;
    return move.from === undefined || from === undefined ? move.from === from : covers(move.from, from);
  });
}

/** A state without a number stands for all its numbers; a number that was not told is not another one. */
function covers(wanted: AnchorState, state: AnchorState): boolean {
  return wanted.status === state.status && (wanted.number === undefined || wanted.number === state.number);
}

/** A way through the anchor's states. Hospitals that refuse a leap are told each step; see `route`. */
const longestRoute = 8;

/**
 * The shortest legal way from one state to another.
 *
 * @returns The states after `from`, the last of which is `to`; empty when the Task stands there already; undefined when
 *   there is no way.
 */
export function route(from: AnchorState | undefined, to: AnchorState, anchor: Anchor): AnchorState[] | undefined {
  if (from !== undefined && covers(to, from)) return [];
  let ways: AnchorState[][] = [[]];
  for (let length = 1; length <= longestRoute; length++) {
    const longer: AnchorState[][] = [];
    for (const way of ways) {
      const here = way.at(-1) ?? from;
      if (legalMove(here, to, anchor)) return [...way, to];
      for (const { to: next } of anchor.moves) {
        if (legalMove(here, next, anchor) && !ways.some((other) => other.some((state) => isSame(state, next)))) {
          if (!longer.some((other) => isSame(other.at(-1), next))) longer.push([...way, next]);
        }
      }
    }
    ways = longer;
  }
  return undefined;
}

function isSame(a: AnchorState | undefined, b: AnchorState): boolean {
  return a?.status === b.status && a.number === b.number;
}
