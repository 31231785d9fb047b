import { type FullIdentifier, placerNumber } from '../core/fhir/identifiers.ts';
import { type Issue, isFault, worstFirst } from '../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../core/fhir/json.ts';
import type { Locate, Validator } from '../core/validate/validator.ts';

/** What is read of a partner's file (core/answer/partner.ts). */
export interface ReferralSender {
  readonly id: string;
  /** Canonical URL of the profile that its referrals are held to. */
  readonly profile: string;
  readonly identifierSystems: {
    /** Of its placer numbers; empty: every system. */
    readonly placer: readonly string[];
  };
  /** Whether an order without a number of its own may be known by its id at the partner's server. */
  readonly placerFromId?: boolean;
  readonly baseUrl: string;
  /** `update-task`: where its own Task is must be kept (flows/placer-task.ts). */
  readonly answers?: string;
}

type Json = Readonly<Record<string, unknown>>;

export interface GoodReferral {
  readonly ok: true;
  readonly resource: Json;
  readonly placer: FullIdentifier;
  /** Warnings and remarks. */
  readonly issues: readonly Issue[];
}

export type ReadReferral =
  | GoodReferral
  | { readonly ok: false; readonly status: 400 | 422; readonly issues: readonly Issue[] };

/**
 * Read a ServiceRequest from its text and check it whole: JSON, R4, the partner's profile, and the rules that no
 * profile can say.
 *
 * @returns The resource with its placer number, or every issue with the status that R4 wants for the worst of them.
 * @see https://hl7.org/fhir/R4/http.html#rejecting-updates
 */
export function readReferral(validator: Validator, sender: ReferralSender, text: string): ReadReferral {
  const parsed = parseJson(text, strangerLimits);
  if (!parsed.ok) return { ok: false, status: 400, issues: parsed.issues };
  const checked = checkReferral(validator, sender, parsed.value, parsed.locate);
  return { ...checked, issues: worstFirst([...checked.issues, ...parsed.issues]) };
}

/** The same from a value; `locate` finds positions in the text that it came from. */
export function checkReferral(
  validator: Validator,
  sender: ReferralSender,
  resource: unknown,
  locate?: Locate,
): ReadReferral {
  const wrongType = typeIssue(resource);
  if (!isObject(resource) || wrongType !== undefined) return refused(400, wrongType === undefined ? [] : [wrongType]);
  const conforms = validator.accepts(resource, [sender.profile]);
  const found = conforms ? [] : validator.validate(resource, { profiles: [sender.profile], ...(locate && { locate }) });
  if (found.some(isFault)) {
    const release = releaseHint(resource);
    const status = validator.accepts(withoutProfiles(resource)) ? 422 : 400;
    return refused(status, [...found, ...placed(release === undefined ? [] : [release], locate)]);
  }
  const placer = placerOf(resource, sender);
  const broken = [...ruleIssues(resource), ...(placer === undefined ? [placerIssue(sender)] : [])];
  if (placer === undefined || broken.length > 0) return refused(422, [...placed(broken, locate), ...found]);
  return { ok: true, resource, placer, issues: found };
}

function typeIssue(resource: unknown): Issue | undefined {
  const type = isObject(resource) ? resource.resourceType : undefined;
  if (type === 'ServiceRequest') return undefined;
  const unnamed =
    type === undefined ? 'an object without resourceType' : 'an object whose resourceType is no name of a type';
  const named = typeof type === 'string' && /^[A-Z][A-Za-z]{1,40}$/.test(type) ? `a ${type}` : unnamed;
  const found = isObject(resource) ? named : 'no JSON object';
  return {
    severity: 'fatal',
    code: 'wrong-resource-type',
    type: 'structure',
    expression: '',
    message: `The body is ${found}; this address takes a ServiceRequest of FHIR R4.`,
  };
}

/** R4 demands that what may change the meaning and is not understood is refused, not skipped. */
function ruleIssues(resource: Json): Issue[] {
  const issues: Issue[] = [];
  if (resource.implicitRules !== undefined) {
    const message =
      'ServiceRequest.implicitRules names rules that we do not know, so its content cannot be trusted; leave it out.';
    issues.push(broken('implicit-rules', 'not-supported', 'ServiceRequest.implicitRules', message));
  }
  if (resource.doNotPerform === true) {
    const message =
      'ServiceRequest.doNotPerform is true: an order not to massage cannot become a treatment; nothing was taken in.';
    issues.push(broken('do-not-perform', 'business-rule', 'ServiceRequest.doNotPerform', message));
  }
  for (const path of modifierExtensions(resource, 'ServiceRequest')) {
    const message = `${path} may change the meaning of the order and is not known here, so the order cannot be taken in with it.`;
    issues.push(broken('modifier-extension', 'extension', path, message));
  }
  return issues;
}

/** Depth is bounded by the JSON gate. */
function modifierExtensions(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => modifierExtensions(item, `${path}[${at}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'modifierExtension' && Array.isArray(item)
      ? item.map((_, at) => `${path}.modifierExtension[${at}]`)
      : modifierExtensions(item, `${path}.${key}`),
  );
}

function placerOf(resource: Json, sender: ReferralSender): FullIdentifier | undefined {
  const number = placerNumber(resource, sender.identifierSystems.placer);
  if (number !== undefined || sender.placerFromId !== true || typeof resource.id !== 'string') return number;
  return { system: `${sender.baseUrl}/ServiceRequest`, value: resource.id };
}

function placerIssue(sender: ReferralSender): Issue {
  const { placer } = sender.identifierSystems;
  const systems = placer.length === 0 ? '' : ` with the system ${placer.join(' or ')}`;
  const message = `The order has no number of the hospital; it needs an identifier${systems} and a value, so that it is never done twice.`;
  return broken('placer-missing', 'required', 'ServiceRequest.identifier', message);
}

/** The commonest mistake of a newer sender, told once beside the issues that it causes. */
export function releaseHint(resource: Json): Issue | undefined {
  const element = isObject(resource.code) && resource.code.concept !== undefined ? 'code.concept' : undefined;
  const found = element ?? ['reason', 'bodyStructure'].find((name) => resource[name] !== undefined);
  if (found === undefined) return undefined;
  const message = `ServiceRequest.${found} is of FHIR R5 or later; this address speaks R4 (4.0.1).`;
  return { ...broken('newer-release', 'not-supported', `ServiceRequest.${found}`, message), severity: 'information' };
}

/** The resource as R4 alone sees it. */
export function withoutProfiles(resource: Json): Json {
  const { meta, ...rest } = resource;
  if (!isObject(meta)) return resource;
  const { profile: _, ...kept } = meta;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
}

function placed(issues: readonly Issue[], locate: Locate | undefined): Issue[] {
  return issues.map((issue) => ({ ...issue, ...locate?.(issue.expression) }));
}

function broken(code: string, type: Issue['type'], expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}

function refused(status: 400 | 422, issues: readonly Issue[]): ReadReferral {
  return { ok: false, status, issues: worstFirst(issues) };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
