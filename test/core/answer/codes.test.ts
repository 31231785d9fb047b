import { readFileSync } from 'node:fs';
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import {
  businessStatuses,
  businessStatusSystem,
  questionSystem,
  statusReasonSystem,
  statusReasons,
} from '../../../src/core/answer/codes.ts';
import { messageEventSystem } from '../../../src/core/answer/message.ts';
import { messageEvents } from '../../../src/core/answer/message-events.ts';
import { questionCodes } from '../../../src/core/answer/partner.ts';
import { clearanceQuestion, missingFrom } from '../../../src/core/answer/question.ts';
import { generatedFolder } from '../../../src/io/definitions/definitions.ts';
import { anchor, plan } from './answer-parts.ts';

/** The code speaks exactly the codes that its profiles publish. */
const published = <T>(name: string) => JSON.parse(readFileSync(`${generatedFolder}/tactus/${name}.json`, 'utf8')) as T;
const codesOf = (id: string) => published<CodeSystem>(`CodeSystem-${id}`).concept?.map(({ code }) => code);
const lastPart = (url: string) => url.slice(url.lastIndexOf('/') + 1);

describe('a code system of answers is what the code says', () => {
  const questions = missingFrom(
    {
      ...plan,
      authoredOn: undefined,
      dosage: {},
      bodySites: [],
      scope: 'unknown',
      indications: [],
      service: { ...plan.service, technique: [] },
      screening: { ...plan.screening, completeness: 'partial' },
    } as unknown as typeof plan,
    { asks: [...questionCodes] },
  );
  const ourEvents = messageEvents.filter(({ system }) => system === messageEventSystem);
  test.each([
    [statusReasonSystem, Object.keys(statusReasons)],
    [businessStatusSystem, Object.keys(businessStatuses)],
    [questionSystem, [...questions, clearanceQuestion([])].map(({ code }) => code)],
    [messageEventSystem, [...ourEvents.map(({ code }) => code), 'referral-answer']],
  ])('%s', (system, codes) => {
    expect(codesOf(lastPart(system))).toEqual(codes);
    expect(published<CodeSystem>(`CodeSystem-${lastPart(system)}`).url).toBe(system);
  });
});

test('the value set of business states has the numbers of BSeR, those of its anchor and no other', () => {
  const { numberSystem, numbers } = anchor('bser');
  const { compose } = published<ValueSet>('ValueSet-business-status');
  const theirs = compose?.include.find(({ system }) => system === numberSystem);
  expect(theirs?.concept?.map(({ code }) => code)).toEqual(Object.keys(numbers ?? {}));
});
