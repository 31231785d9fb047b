import type { Facts, Row } from './facts.ts';

/** Whether what happened is what the words of the manifest expect. */
interface Rule {
  /** Found in the column `expected handling`. */
  readonly words: RegExp;
  readonly holds: (facts: Facts, row: Row) => boolean;
}

const isRefused = ({ status }: Facts) => status >= 400 && status < 500;
const isTaken = ({ status }: Facts) => status >= 200 && status < 300;
const isRejected = (facts: Facts) => isTaken(facts) && facts.state.startsWith('rejected') && facts.reasons.length > 0;
/** A refusal says what is wrong, and where or what instead. */
const isExplained = ({ issues }: Facts) => issues.length > 0 && issues.every(({ text }) => text.length > 20);
const said = ({ issues }: Facts, words: RegExp) =>
  issues.some(({ text, expression }) => words.test(`${expression} ${text}`));
const hasCode = ({ issues }: Facts, ...codes: string[]) => issues.some(({ code }) => codes.includes(code));
const isTurnedDown = (facts: Facts) => isRejected(facts) || (isRefused(facts) && isExplained(facts));
const isAwaiting = (facts: Facts) => isTaken(facts) && /awaiting-information/.test(facts.state);

/** Statuses of HTTP after which a repeat may help, and codes of issues that say so. */
const passing = {
  statuses: [408, 425, 429, 500, 502, 503, 504],
  codes: ['transient', 'throttled', 'timeout', 'no-store'],
};

/** Every rule whose words stand in the expectation must hold. The words are the manifest's, never a file's name. */
const rules: readonly Rule[] = [
  {
    words: /\b415\b/,
    holds: (facts) => facts.status === 415 && said(facts, /application\/fhir\+json/),
  },
  {
    words: /DELIVERY/,
    holds: ({ delivery }) => {
      if (delivery === undefined) return false;
      const again =
        passing.statuses.includes(delivery.httpStatus) || delivery.codes.some((code) => passing.codes.includes(code));
      return delivery.verdict === (again ? 'again' : 'refused');
    },
  },
  { words: /ORACLE/, holds: ({ table }) => table !== undefined && table.rows > 0 && table.wrong.length === 0 },
  { words: /focus type/, holds: (facts) => isRefused(facts) && said(facts, /Task\.focus/) },
  {
    words: /unsupported event/,
    holds: (facts) => facts.status === 422 && hasCode(facts, 'not-supported') && said(facts, /#\S+, \S+#/),
  },
  {
    words: /contradict/,
    holds: (facts) =>
      hasCode(facts, 'business-rule') && said(facts, /Task\.status/) && said(facts, /Task\.businessStatus/),
  },
  { words: /hint.*R5/, holds: (facts) => isRefused(facts) && said(facts, /R5/) },
  { words: /REJECT structure|^structure$/, holds: (facts) => isTaken(facts) || isStructureFault(facts) },
  { words: /must be refused as|\bREJECT\b(?!\/)/, holds: isTurnedDown },
  { words: /(code|service) reject|reject service|not offered|not a treatment/, holds: isTurnedDown },
  { words: /structure accept/, holds: (facts) => isTaken(facts) },
  { words: /session count (\d+)/, holds: countsSessions },
  { words: /not queued/, holds: (facts) => isTaken(facts) && facts.plans.length === 1 },
  {
    words: /lacks session count/,
    holds: (facts) =>
      isAwaiting(facts) || (isRefused(facts) && hasCode(facts, 'required', 'business-rule') && said(facts, /quantity/)),
  },
  { words: /not a new plan/, holds: (facts) => facts.plans.length === 0 && isExplained(facts) },
  { words: /not a request/, holds: (facts) => isTaken(facts) && facts.plans.length === 0 && said(facts, /answer/) },
  { words: /listed one by one/, holds: (facts) => isRefused(facts) && facts.issues.length > 1 },
  { words: /onward referral/, holds: (facts) => isTaken(facts) || isTurnedDown(facts) },
  { words: /^state\b|rejected \+ onward/, holds: (facts) => isTaken(facts) || said(facts, /Task\.status|ended/) },
  {
    words: /list as unsupported/,
    holds: (facts, { structure }) =>
      isTaken(facts) || said(facts, /Task\.input/) || (structure !== 'ok' && isStructureFault(facts)),
  },
  { words: /NOTIFY/, holds: (facts) => isTaken(facts) && facts.state !== '' },
  {
    words: /CANCEL route/,
    holds: (facts) =>
      (isTaken(facts) && /^(accepted|rejected|received)/.test(facts.state)) ||
      (isRefused(facts) && said(facts, /Task\.focus/)),
  },
  { words: /outcome shape reference/, holds: (facts) => isRefused(facts) && isExplained(facts) },
];

/** A structure fault names the element. */
function isStructureFault(facts: Facts): boolean {
  return isRefused(facts) && facts.issues.some(({ code, expression }) => code === 'structure' || expression !== '');
}

function countsSessions({ plans }: Facts, { expected }: Row): boolean {
  const wanted = Number(/session count (\d+)/.exec(expected)?.[1]);
  return plans.some(({ plan }) => plan.dosage.sessions === wanted);
}

/**
 * Decide whether a payload led to what the manifest says.
 *
 * @returns `expected`; or `unexpected` with the words that are not met, or because no rule reads the expectation.
 */
export function decide(facts: Facts, row: Row): { readonly verdict: 'expected' | 'unexpected'; readonly why: string } {
  if (facts.status >= 500) return { verdict: 'unexpected', why: 'a fault of ours' };
  if (isRefused(facts) && facts.issues.length === 0)
    return { verdict: 'unexpected', why: 'a refusal without a reason' };
  if (facts.status === 415 && !/415/.test(row.expected)) return { verdict: 'unexpected', why: 'its form is not read' };
  const meant = rules.filter(({ words }) => words.test(row.expected));
  if (meant.length === 0) return { verdict: 'unexpected', why: 'no rule reads this expectation' };
  const missed = meant.filter(({ holds }) => !holds(facts, row));
  if (missed.length === 0) return { verdict: 'expected', why: '' };
  return { verdict: 'unexpected', why: `not met: ${missed.map(({ words }) => words.source).join('; ')}` };
}
