import type { PlanFacts } from '../../../../src/core/plan/screening/facts.ts';
import type { Disposition } from '../../../../src/core/plan/screening/rule.ts';
import {
  allergy,
  at,
  coded,
  concept,
  condition,
  lumbar,
  medicine,
  mld,
  observation,
  onset,
  type Resource,
  status,
  treats,
} from './record.ts';

/** For each rule: what it finds, and what it must not find, one step beside it. Now is 2026-11-26T10:00:00Z. */
export interface RuleRow {
  readonly hits: readonly Hit[];
  readonly misses: readonly Miss[];
}
export type Hit = readonly [disposition: Disposition, record: Resource, facts?: PlanFacts, order?: Resource];
export type Miss = readonly [record: Resource, facts?: PlanFacts, order?: Resource];

const c = condition;
const resolved = status('resolved');
const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } };
const wrong = { verificationStatus: { coding: [{ code: 'entered-in-error' }] } };
const knee = '72696002';
const neck = '45048000';
const nothing: Resource = { resourceType: 'Basic' };

export const ruleTable: Readonly<Record<string, RuleRow>> = {
  'deep-vein-thrombosis': {
    hits: [
      ['reject', c('I82.4')],
      ['reject', c('I82.409')],
      ['reject', c('I80.1')],
      ['reject', c('I80.2')],
      ['reject', c('128053003', status('active'))],
      ['reject', c('404223003', status('recurrence'))],
      ['reject', c('213220000', status('relapse'))],
      ['hold', c('128053003', resolved)],
    ],
    misses: [
      [c('I82.3')],
      [c('I82.5')],
      [c('I80.0')],
      [c('I80.3')],
      [c('128053003', refuted)],
      [c('128053003', wrong)],
    ],
  },
  'pulmonary-embolism': {
    hits: [
      ['reject', c('I26.99')],
      ['reject', c('59282003')],
      ['hold', c('59282003', resolved)],
    ],
    misses: [[c('I25')], [c('I27')], [c('59282003', refuted)]],
  },
  'venous-thrombosis-history': {
    hits: [
      ['hold', c('161508001')],
      ['hold', c('I82.5')],
      ['hold', c('I82.3')],
      ['hold', c('Z86.71')],
      ['hold', c('I82.509', resolved)],
    ],
    misses: [[c('I82.4')], [c('I81')], [c('I83')], [c('Z86.70')], [c('Z86.72')]],
  },
  thrombophlebitis: {
    hits: [
      ['hold', c('64156001'), treats('lower-leg')],
      ['hold', c('2477008'), treats('forearm')],
      ['hold', c('I80.0', at(knee)), treats('knee')],
      ['flag', c('61599003'), lumbar],
      ['reject', c('64156001'), mld],
      ['hold', c('64156001'), { bodySites: [], techniques: ['classic'] }],
    ],
    misses: [
      [c('I79'), mld],
      [c('I81'), mld],
      [c('64156001', resolved), mld],
    ],
  },
  fever: {
    hits: [
      ['hold', c('386661006')],
      ['hold', c('R50.9')],
      ['hold', observation('8310-5', 38, 'Cel')],
      ['hold', observation('8310-5', 100.4, '[degF]')],
      ['hold', observation('8310-5', 311.15, 'K')],
      ['hold', observation('8310-5', 38, 'Cel', { effectiveDateTime: '2026-11-24T10:00:00Z' })],
      ['hold', observation('8310-5', 38, 'Cel', { effectiveDateTime: '2026-11-24' })],
      ['hold', observation('8310-5', 38, 'Cel', { effectiveDateTime: undefined })],
      [
        'hold',
        observation('8310-5', 38, 'Cel', {
          effectiveDateTime: undefined,
          effectivePeriod: { start: '2026-11-01', end: '2026-11-25' },
        }),
      ],
      ['hold', observation('8310-5', 38, 'Cel', { effectiveDateTime: undefined, issued: '2026-11-25T10:00:00Z' })],
    ],
    misses: [
      [c('R49')],
      [c('R51')],
      [observation('8310-5', 37.9, 'Cel')],
      [observation('8310-5', 100.3, '[degF]')],
      [observation('8310-5', 38, 'Cel', { effectiveDateTime: '2026-11-24T09:59:59Z' })],
      [observation('8310-5', 38, 'Cel', { effectiveDateTime: '2026-11-23' })],
      [observation('8310-5', 38, 'Cel', { status: 'entered-in-error' })],
      [
        observation('8310-5', 38, 'Cel', {
          effectiveDateTime: undefined,
          effectivePeriod: { start: '2026-11-01', end: '2026-11-20' },
        }),
      ],
      [observation('8310-5', 38, 'Cel', { effectiveDateTime: undefined, effectivePeriod: { start: '2026-11-20' } })],
      [observation('8310-5', 38, 'Cel', { effectiveDateTime: undefined, issued: '2026-11-20T10:00:00Z' })],
      [observation('8311-3', 40, 'Cel')],
      [observation('8310-5', 38, 'Cel', { valueQuantity: { value: 38, comparator: '<', code: 'Cel' } })],
    ],
  },
  sepsis: {
    hits: [
      ['reject', c('91302008')],
      ['reject', c('A41.9')],
    ],
    misses: [[c('A40')], [c('A42')], [c('91302008', resolved)]],
  },
  'cellulitis-erysipelas-lymphangitis': {
    hits: [
      ['reject', c('128045006', at(neck)), mld],
      ['reject', c('44653001'), mld],
      ['hold', c('1415005'), lumbar],
      ['hold', c('L03.115', at(knee)), treats('knee')],
      ['flag', c('A46', at(knee)), treats('neck')],
    ],
    misses: [
      [c('L02'), mld],
      [c('L04'), mld],
      [c('A45'), mld],
      [c('A47'), mld],
    ],
  },
  'contagious-skin-disease': {
    hits: [
      ['hold', c('48277006', at(knee)), treats('neck')],
      ['hold', c('4740000')],
      ['hold', c('128869009')],
      ['hold', c('47382004')],
      ['hold', c('L01.00')],
      ['hold', c('B02')],
      ['hold', c('B86')],
      ['hold', c('L08.9')],
    ],
    misses: [[c('L00')], [c('L02')], [c('B01')], [c('B03')], [c('B85')], [c('B87')], [c('L07')], [c('L09')]],
  },
  'open-wound': {
    hits: [
      ['hold', c('125643001', at(knee)), treats('knee')],
      ['hold', c('125643001'), treats('knee')],
      ['flag', c('125666000', at(knee)), treats('neck')],
    ],
    misses: [[c('125643001', resolved)], [c('125642006')], [c('125644007')]],
  },
  fracture: {
    hits: [
      ['reject', c('S82.0'), treats('knee')],
      ['reject', c('S82.0', onset('2026-10-16')), treats('knee')],
      ['flag', c('S82.0', onset('2026-10-15')), treats('knee')],
      ['reject', c('S82.0', onset('2026-10')), treats('knee')],
      ['flag', c('S82.0', onset('2026-09')), treats('knee')],
      ['flag', c('S82.0', { recordedDate: '2026-01-05' }), treats('knee')],
      ['flag', c('S82.0'), treats('neck')],
      ['reject', c('S12.1'), treats('neck')],
      ['reject', c('S22'), treats('chest')],
      ['reject', c('S32'), lumbar],
      ['reject', c('S42'), treats('shoulder')],
      ['reject', c('S52'), treats('wrist')],
      ['reject', c('S72'), treats('hip')],
      ['reject', c('M84.3')],
      ['reject', c('125605004')],
      ['reject', c('50448004'), lumbar],
      ['flag', c('50448004'), treats('foot')],
      ['reject', c('443165006')],
      [
        'flag',
        c('125605004', at(knee, '7771000')),
        { bodySites: [{ site: 'knee', laterality: 'right' }], techniques: [] },
      ],
      [
        'reject',
        c('125605004', at(knee, '7771000')),
        { bodySites: [{ site: 'knee', laterality: 'left' }], techniques: [] },
      ],
    ],
    misses: [
      [c('S81')],
      [c('S83')],
      [c('S11')],
      [c('S13')],
      [c('M83')],
      [c('M85')],
      [c('S82.0', resolved), treats('knee')],
    ],
  },
  osteoporosis: {
    hits: [
      ['flag', c('64859006')],
      ['flag', c('M81.0')],
      ['hold', c('M80.0')],
      ['hold', c('443165006')],
    ],
    misses: [[c('M79')], [c('M82')], [c('64859006', refuted)]],
  },
  'bleeding-disorder': {
    hits: [
      ['hold', c('64779008')],
      ['hold', c('28293008')],
      ['hold', c('128105004')],
      ['hold', c('302215000')],
      ['hold', c('D66')],
      ['hold', c('D69.6')],
    ],
    misses: [[c('D65')], [c('D70')], [c('64779008', refuted)]],
  },
  anticoagulant: {
    hits: [
      ['flag', medicine('B01AA03')],
      ['flag', medicine('B01AB05')],
      ['flag', medicine('B01AE07')],
      ['flag', medicine('B01AF01')],
      ['flag', c('Z79.01')],
      ['flag', c('182764009')],
      ['flag', { ...medicine('B01AF02'), resourceType: 'MedicationRequest', status: 'on-hold' }],
    ],
    misses: [
      [medicine('B01AC04')],
      [medicine('B01AD02')],
      [medicine('B01AX05')],
      [medicine('B02AA02')],
      [medicine('B01AA03', { status: 'stopped' })],
      [{ ...medicine('B01AA03'), resourceType: 'MedicationRequest', doNotPerform: true }],
      [medicine('B01AA03', { status: 'entered-in-error' })],
      [c('Z78')],
      [c('Z80')],
    ],
  },
  antiplatelet: {
    hits: [['flag', medicine('B01AC06')]],
    misses: [[medicine('B01AB01')], [medicine('B01AD01')]],
  },
  malignancy: {
    hits: [
      ['hold', c('C00')],
      ['hold', c('C97')],
      ['hold', c('C50.911')],
      ['hold', c('C7A.00')],
      ['hold', c('363346000')],
      ['reject', c('C50'), mld],
    ],
    misses: [[c('B99')], [c('C98')], [c('D00')], [c('C50', status('remission')), mld]],
  },
  'heart-failure': {
    hits: [
      ['reject', c('84114007'), mld],
      ['reject', c('I50.9', status('active')), mld],
      ['flag', c('42343007', status('remission')), mld],
      ['flag', c('I50', status('inactive')), mld],
      ['flag', c('84114007'), lumbar],
    ],
    misses: [
      [c('I49.9'), lumbar],
      [c('I51'), mld],
      [c('84114007', resolved), mld],
    ],
  },
  'acute-coronary-syndrome': {
    hits: [
      ['reject', c('57054005')],
      ['reject', c('4557003')],
      ['reject', c('I21.9', onset('2026-10-15'))],
      ['hold', c('I21.9', onset('2026-10-14'))],
      ['reject', c('I21.9', onset('2026-10-15T10:00:00Z'))],
      ['hold', c('I21.9', onset('2026-10-15T09:59:59Z'))],
    ],
    misses: [[c('I20')], [c('I22')], [c('57054005', refuted)]],
  },
  'uncontrolled-hypertension': {
    hits: [
      ['hold', c('443482000')],
      ['hold', c('70272006')],
      ['hold', c('I16.0')],
      ['hold', observation('8480-6', 180, 'mm[Hg]')],
      ['hold', observation('8462-4', 110, 'mm[Hg]')],
      ['hold', observation('8480-6', 24, 'kPa')],
      ['hold', bloodPressure(150, 110)],
      ['hold', observation('8480-6', 180, 'mm[Hg]', { effectiveDateTime: '2026-08-26' })],
    ],
    misses: [
      [c('I15')],
      [c('I17')],
      [observation('8480-6', 179, 'mm[Hg]')],
      [observation('8462-4', 109, 'mm[Hg]')],
      [observation('8480-6', 23.9, 'kPa')],
      [bloodPressure(179, 109)],
      [observation('8480-6', 180, 'mm[Hg]', { effectiveDateTime: '2026-08-25' })],
    ],
  },
  hypertension: {
    hits: [
      ['flag', c('38341003')],
      ['flag', c('I10')],
    ],
    misses: [[c('I09')], [c('I11')], [c('38341003', resolved)]],
  },
  'stroke-tia': {
    hits: [
      ['hold', c('230690007')],
      ['hold', c('I63.9', onset('2026-08-27'))],
      ['hold', c('266257000', { ...resolved, ...onset('2026-11-01') })],
      ['hold', c('G45.9')],
    ],
    misses: [[c('I63.9', onset('2026-08-26'))], [c('I62')], [c('I64')], [c('G44')], [c('G46')]],
  },
  'cervical-artery-disease': {
    hits: [
      ['hold', c('64586002')],
      ['hold', c('34781003'), treats('foot')],
    ],
    misses: [[c('64586002', refuted)], [c('64586003')]],
  },
  aneurysm: {
    hits: [
      ['hold', c('432119003'), treats('shoulder')],
      ['reject', c('233985008'), treats('abdomen')],
      ['reject', c('I71.4'), { bodySites: [], techniques: ['classic'] }],
      ['reject', c('I72'), treats('lumbar', 'deep-tissue')],
      ['hold', c('I72'), lumbar],
      ['hold', c('I72'), treats('neck', 'deep-tissue')],
    ],
    misses: [[c('I70')], [c('I73')], [c('233985008', resolved)]],
  },
  'renal-failure': {
    hits: [
      ['reject', c('14669001'), mld],
      ['reject', c('N17.9'), mld],
      ['hold', c('709044004'), mld],
      ['hold', c('N18.3'), mld],
      ['hold', c('42399005'), mld],
      ['flag', c('N17'), lumbar],
      ['flag', c('N17'), { bodySites: [{ site: 'lumbar' }], techniques: [] }],
    ],
    misses: [
      [c('N16'), mld],
      [c('N19'), mld],
    ],
  },
  arrhythmia: {
    hits: [
      ['hold', c('698247007'), treats('neck', 'mld')],
      ['flag', c('I49.9'), mld],
      ['flag', c('I49.9'), { bodySites: [{ site: 'lumbar' }], techniques: [] }],
    ],
    misses: [
      [c('I48'), mld],
      [c('I50'), mld],
      [c('I49'), lumbar],
    ],
  },
  hyperthyroidism: {
    hits: [
      ['hold', c('34486009'), treats('neck-muscle', 'mld')],
      ['flag', c('E05'), mld],
    ],
    misses: [
      [c('E04'), mld],
      [c('E06'), mld],
      [c('E05'), lumbar],
    ],
  },
  'high-risk-pregnancy': {
    hits: [
      ['hold', c('47200007')],
      ['hold', c('398254007')],
      ['hold', c('199049003')],
      ['hold', c('O09')],
      ['hold', c('O14.1')],
      ['reject', c('6383007')],
      ['reject', c('O60.0')],
    ],
    misses: [[c('O08')], [c('O10')], [c('O13')], [c('O15')], [c('O59')], [c('O61')], [c('6383007', resolved)]],
  },
  pregnancy: {
    hits: [
      ['flag', c('77386006')],
      ['flag', c('O26.8')],
      ['flag', c('Z33.1')],
      ['flag', coded('82810-3', '77386006')],
      ['flag', coded('82810-3', '146799005')],
      ['flag', coded('82810-3', '152231000119106')],
      ['flag', coded('82810-3', '77386006', { effectiveDateTime: '2026-01-26' })],
    ],
    misses: [
      [coded('82810-3', '60001007')],
      [coded('82810-3', '77386006', { effectiveDateTime: '2026-01-25' })],
      [c('Z32')],
      [c('Z34')],
      [c('N99')],
      [c('P00')],
    ],
  },
  neuropathy: {
    hits: [
      ['flag', c('424736006')],
      ['flag', c('G62.9')],
      ['flag', c('E11.4')],
    ],
    misses: [[c('G61')], [c('G63')], [c('E10')], [c('E12')]],
  },
  'rheumatoid-arthritis': {
    hits: [
      ['flag', c('69896004'), treats('hand')],
      ['flag', c('M06.9')],
      ['flag', c('3723001')],
      ['hold', c('69896004', { ...status('relapse'), ...at('85562004') }), treats('hand')],
      ['hold', c('69896004', status('recurrence')), treats('hand')],
      ['flag', c('69896004', { ...status('relapse'), ...at('85562004') }), treats('knee')],
    ],
    misses: [[c('M05')], [c('M07')], [c('69896004', status('remission'))]],
  },
  'varicose-veins': {
    hits: [
      ['flag', c('72866009'), treats('lower-leg')],
      ['flag', c('I83.9', at('30021000')), treats('neck')],
    ],
    misses: [
      [c('I82'), treats('lower-leg')],
      [c('I84'), treats('lower-leg')],
      [c('72866009', refuted), treats('lower-leg')],
    ],
  },
  'peripheral-arterial-disease': {
    hits: [
      ['flag', c('399957001')],
      ['flag', c('400047006')],
      ['flag', c('I73.9')],
    ],
    misses: [[c('I72')], [c('I74')]],
  },
  'edema-of-unknown-origin': {
    hits: [
      ['hold', c('267038008'), mld],
      ['hold', c('R60.0'), mld],
      ['flag', c('R60'), lumbar],
    ],
    misses: [
      [c('R59'), mld],
      [c('R61'), mld],
    ],
  },
  'cauda-equina-syndrome': {
    hits: [['reject', c('192970008')]],
    misses: [[c('192970008', refuted)], [c('192970009')]],
  },
  'disc-prolapse': {
    hits: [
      ['hold', c('73589001'), lumbar],
      ['hold', c('M51.2'), treats('upper-back')],
      ['flag', c('M51.2'), treats('knee')],
    ],
    misses: [[c('M50')], [c('M52')], [c('73589001', resolved)]],
  },
  'latex-allergy': {
    hits: [
      ['flag', allergy('111088007')],
      [
        'flag',
        {
          resourceType: 'AllergyIntolerance',
          reaction: [{ substance: concept('http://snomed.info/sct', '111088007') }],
        },
      ],
    ],
    misses: [[allergy('111088007', refuted)], [allergy('111088007', resolved)], [c('111088007')]],
  },
  'nut-oil-allergy': {
    hits: [
      ['flag', allergy('256350002')],
      ['flag', allergy('762952008')],
      ['flag', allergy('227493005')],
      ['flag', allergy('91935009')],
      ['flag', c('91935009')],
    ],
    misses: [[allergy('256350003')], [allergy('762952008', status('inactive'))]],
  },
  'skin-irritation': {
    hits: [
      ['flag', c('40275004')],
      ['flag', c('43116000')],
      ['flag', c('9014002', at(knee)), treats('neck')],
    ],
    misses: [[c('40275004', resolved)], [c('9014003')]],
  },
  'multiple-sclerosis': {
    hits: [
      ['flag', c('24700007')],
      ['flag', c('G35')],
      ['hold', c('24700007', status('relapse'))],
    ],
    misses: [[c('G34')], [c('G36')]],
  },
  'parkinson-disease': {
    hits: [
      ['flag', c('49049000')],
      ['flag', c('G20')],
    ],
    misses: [[c('G19')], [c('G21')]],
  },
  'post-traumatic-stress': {
    hits: [
      ['flag', c('47505003')],
      ['flag', c('F43.10')],
    ],
    misses: [[c('F43.0')], [c('F43.2')]],
  },
  'post-operative': {
    hits: [
      ['flag', c('213299007')],
      ['flag', nothing, { ...lumbar, phases: ['post-op'] }],
    ],
    misses: [[nothing, { ...lumbar, phases: ['pre-op'] }], [c('213299007', resolved)]],
  },
  'pre-operative': {
    hits: [['flag', nothing, { ...lumbar, phases: ['chronic', 'pre-op'] }]],
    misses: [
      [nothing, { ...lumbar, phases: ['post-op'] }],
      [nothing, { ...lumbar, phases: ['unknown'] }],
    ],
  },
  'acute-injury': {
    hits: [
      ['hold', c('417076003'), treats('shoulder')],
      ['flag', c('417076003'), treats('knee')],
      ['hold', c('263134008', onset('2026-11-23T10:00:01Z')), treats('knee')],
      ['flag', c('263134008', onset('2026-11-23T10:00:00Z')), treats('knee')],
      ['hold', c('263134008', onset('2026-11-23')), treats('knee')],
      ['flag', c('263134008', onset('2026-11-22')), treats('knee')],
    ],
    misses: [
      [c('417076003', resolved), treats('shoulder')],
      [c('263134009'), treats('knee')],
    ],
  },
  'compartment-syndrome-rhabdomyolysis': {
    hits: [
      ['hold', c('111245009')],
      ['hold', c('240131006')],
    ],
    misses: [[c('111245009', resolved)], [c('240131007')]],
  },
  epilepsy: {
    hits: [
      ['flag', c('84757009')],
      ['flag', c('G40.9')],
    ],
    misses: [[c('G39')], [c('G41')]],
  },
  immunosuppression: {
    hits: [
      ['flag', medicine('L04AX03')],
      ['flag', medicine('L01BA01')],
      ['flag', medicine('H02AB06')],
    ],
    misses: [[medicine('L03AA02')], [medicine('L02BA01')], [medicine('H02AA02')]],
  },
  'wellness-order': {
    hits: [
      [
        'reject',
        nothing,
        lumbar,
        { category: [concept('https://tactus.example/fhir/CodeSystem/massage-category', 'wellness-massage')] },
      ],
      [
        'reject',
        nothing,
        lumbar,
        { code: concept('https://tactus.example/fhir/CodeSystem/massage-category', 'wellness-massage') },
      ],
    ],
    misses: [
      [
        nothing,
        lumbar,
        { category: [concept('https://tactus.example/fhir/CodeSystem/massage-category', 'medical-massage')] },
      ],
      [nothing, lumbar, { category: [{ text: 'wellness-massage' }] }],
    ],
  },
};

function bloodPressure(systolic: number, diastolic: number): Resource {
  const { valueQuantity: _, ...panel } = observation('85354-9', 0, 'mm[Hg]');
  const part = (loinc: string, value: number) => {
    const { code, valueQuantity } = observation(loinc, value, 'mm[Hg]');
    return { code, valueQuantity };
  };
  return { ...panel, component: [part('8480-6', systolic), part('8462-4', diastolic)] };
}
