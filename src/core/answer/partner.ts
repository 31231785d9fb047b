import { type Static, Type } from '@sinclair/typebox';
import type { Issue } from '../fhir/issue.ts';
import { closed, oneOf } from '../plan/fhir-parts.ts';
import { checkDataFile, type DataFile, dataFileIssue } from '../plan/screening/data-file.ts';

/**
 * partner: one hospital or portal, one file in mappings/partners/. Where its server is, what its referrals must look
 * like, how it wants to be answered, and what becomes of orders that are not plain orders. No secrets: those stand in
 * the settings and in the store.
 */

/** What becomes of a referral: taken, kept until somebody answered, or refused with its reason. */
export const verdicts = ['accept', 'hold', 'reject'] as const;
const VerdictSchema = oneOf(verdicts);
export type Verdict = Static<typeof VerdictSchema>;

/** https://hl7.org/fhir/R4/valueset-request-intent.html */
export const intents = [
  'proposal',
  'plan',
  'directive',
  'order',
  'original-order',
  'reflex-order',
  'filler-order',
  'instance-order',
  'option',
] as const;

/** What a partner may be asked for when its referral does not say it. */
export const questionCodes = [
  'session-count',
  'frequency',
  'body-region',
  'technique',
  'screening',
  'indication',
  'order-date',
] as const;
export type QuestionCode = (typeof questionCodes)[number];

/** Whose table of states the partner's Tasks follow; see mappings/anchors/. */
export const anchors = ['own', 'au', 'nl', 'bser'] as const;
export type AnchorId = (typeof anchors)[number];

const UrlSchema = Type.String({
  pattern: '^https?://[^\\s?#]+[^\\s?#/]$',
  description: 'a URL without slash at its end',
});
const SystemSchema = Type.String({ pattern: '^(https?://|urn:)\\S+$', description: 'an absolute URI' });

const PolicySchema = Type.Object(
  {
    /** By ServiceRequest.intent; an intent that is not named here is treated as `otherwise`. */
    intents: Type.Object(
      {
        ...Object.fromEntries(intents.map((intent) => [intent, Type.Optional(VerdictSchema)])),
        otherwise: VerdictSchema,
      },
      closed,
    ),
    /** The order asks for a service that is known and is no massage. */
    notMassage: VerdictSchema,
    /** The order's validity ended before it came. */
    expired: VerdictSchema,
    /** The order's code is in no list of ours. */
    unknownCode: VerdictSchema,
    /** What is asked for when it is missing; the plan waits for the answer. What is not listed is not asked. */
    asks: Type.Array(oneOf(questionCodes), { uniqueItems: true }),
    /** Days until the first reminder, and until a question without an answer ends in `rejected`. */
    remindAfterDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
    expireAfterDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
  },
  closed,
);

export const PartnerSchema = Type.Object(
  {
    /** The file's name without `.json`. */
    id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', description: 'lower case letters, digits and hyphens' }),
    name: Type.String({ minLength: 1 }),
    /** Base URL of its FHIR server: where outcomes and answers go, and the only place that references are read from. */
    baseUrl: UrlSchema,
    /** Canonical URL of the profile that its referrals are held to. */
    profile: UrlSchema,
    identifierSystems: Type.Object(
      {
        /** Of its referral numbers; empty: every system that it sends. */
        placer: Type.Array(SystemSchema),
        patient: Type.Array(SystemSchema),
        practitioner: Type.Array(SystemSchema),
      },
      closed,
    ),
    /** How outcomes are sent: one transaction, or one resource after another with If-None-Exist. */
    delivery: oneOf(['transaction', 'conditional-create']),
    /**
     * push-task: our Task is written at the hospital. update-task: the Task that the hospital made for its order is
     * updated there; ours is written for orders that came without one. keep: it reads ours here. message: $process-message.
     */
    answers: oneOf(['push-task', 'update-task', 'keep', 'message']),
    anchor: oneOf(anchors),
    /** Which reports it wants besides what the order asks for; without it a report a session and one at the end. */
    reporting: Type.Optional(
      Type.Object(
        {
          perSession: Type.Boolean(),
          interimEvery: Type.Optional(Type.Integer({ minimum: 1 })),
          finalSummary: Type.Boolean(),
        },
        closed,
      ),
    ),
    /** An order without a number of its own is known by its id at `baseUrl`. */
    placerFromId: Type.Optional(Type.Boolean()),
    policy: PolicySchema,
    /** Names of screening settings that are on for this partner, for example `hold-first-trimester`. */
    screeningSettings: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z0-9-]+$' }), { uniqueItems: true })),
  },
  closed,
);
export type Partner = Static<typeof PartnerSchema>;
export type PartnerPolicy = Omit<Partner['policy'], 'intents'> & {
  readonly intents: Readonly<Partial<Record<(typeof intents)[number], Verdict>> & { otherwise: Verdict }>;
};

/** The verdict on an intent; undefined in an order reads as `otherwise`. */
export function verdictOnIntent(policy: Partner['policy'], intent: string | undefined): Verdict {
  const byIntent = policy.intents as PartnerPolicy['intents'];
  const known = intents.find((one) => one === intent);
  return (known === undefined ? undefined : byIntent[known]) ?? byIntent.otherwise;
}

/**
 * Read all partner files.
 *
 * @returns Partners by id, and the issues of files that are none: a start must stop on them.
 */
export function loadPartners(files: readonly DataFile[]): {
  readonly partners: ReadonlyMap<string, Partner>;
  readonly issues: readonly Issue[];
} {
  const partners = new Map<string, Partner>();
  const issues: Issue[] = [];
  for (const file of files) {
    const checked = checkDataFile(PartnerSchema, file);
    if (!checked.ok) {
      issues.push(...checked.issues);
      continue;
    }
    const partner = checked.value;
    if (!file.file.endsWith(`${partner.id}.json`)) {
      issues.push(dataFileIssue(file.file, '.id', `has "${partner.id}", should be the file's name without .json.`));
    }
    partners.set(partner.id, partner);
  }
  return { partners, issues };
}
