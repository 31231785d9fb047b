import { list, own } from '../../../src/core/validate/json.ts';

type Made = Record<string, unknown>;

/**
 * Make a resource that its snapshot allows keep the rules between its elements, which a free choice of elements may break.
 * Each is decided by what was made, before any validator sees it: nothing that was made is dropped.
 */
export function settle(made: Made): Made {
  rules[String(made.resourceType)]?.(made);
  return made;
}

const code = (system: string, value: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: value }],
});

const rules: Readonly<Record<string, (made: Made) => void>> = {
  // ait-1, ait-2
  AllergyIntolerance: (made) => {
    delete made.clinicalStatus;
    if (!says(made.verificationStatus, 'entered-in-error'))
      made.clinicalStatus = code('allergyintolerance-clinical', 'active');
  },
  // app-1 to app-4
  Appointment: (made) => {
    for (const participant of parts(made.participant)) participant.actor ??= { reference: 'Patient/1' };
    Object.assign(made, { start: '2026-11-26T09:00:00Z', end: '2026-11-26T09:30:00Z' });
    if (made.status !== 'cancelled' && made.status !== 'noshow') delete made.cancelationReason;
  },
  // cpl-3
  CarePlan: (made) => {
    for (const activity of parts(made.activity)) if (activity.detail !== undefined) delete activity.reference;
  },
  // con-1, con-2, con-4, con-5
  Condition: (made) => {
    for (const evidence of parts(made.evidence)) evidence.code ??= [{ text: 'evidence' }];
    for (const stage of parts(made.stage)) stage.summary ??= { text: 'stage' };
    const isAbated = Object.keys(made).some((key) => key.startsWith('abatement'));
    if (says(made.verificationStatus, 'entered-in-error')) delete made.clinicalStatus;
    else if (isAbated) made.clinicalStatus = code('condition-clinical', 'resolved');
    if (isAbated && made.clinicalStatus === undefined) for (const key of keysOf(made, 'abatement')) delete made[key];
  },
  // gol-1
  Goal: (made) => {
    for (const target of parts(made.target))
      if (keysOf(target, 'detail').length > 0) target.measure ??= { text: 'measure' };
  },
  // obs-3, obs-6; mae-1
  Observation: (made) => {
    for (const range of parts(made.referenceRange)) range.text ??= 'range';
    if (keysOf(made, 'value').length > 0) delete made.dataAbsentReason;
    if (made.valueBoolean === false) delete made.component;
  },
  // org-1 to org-3
  Organization: (made) => {
    made.name ??= 'Clinic';
    for (const item of [...parts(made.address), ...parts(made.telecom)]) if (item.use === 'home') item.use = 'work';
  },
  // pat-1
  Patient: (made) => {
    for (const contact of parts(made.contact)) contact.name ??= { text: 'Contact' };
  },
  // prr-1; msr-3
  ServiceRequest: (made) => {
    if (made.code === undefined) delete made.orderDetail;
    if (made.doNotPerform === true) made.doNotPerform = false;
  },
  // inv-1; mft-2
  Task: (made) => {
    if (made.authoredOn !== undefined) made.authoredOn = '2020-01-01T00:00:00Z';
    for (const reason of parts(made.statusReason)) reason.text ??= 'A reason.';
  },
};

function parts(value: unknown): readonly Made[] {
  return list(value).filter((item): item is Made => typeof item === 'object' && item !== null);
}

function keysOf(made: Made, name: string): readonly string[] {
  return Object.keys(made).filter((key) => key.startsWith(name) && /[A-Z]/.test(key.charAt(name.length)));
}

function says(concept: unknown, wanted: string): boolean {
  return list(own(concept, 'coding')).some((coding) => own(coding, 'code') === wanted);
}
