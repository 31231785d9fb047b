import type { MeasureTable } from '../plan/measure.ts';
import type { Measurement, Session } from '../plan/session.ts';

/** The values of one measure at one place over a course. */
export interface Series {
  readonly measure: string;
  /** Name of the measure; its id where there is no file of it. */
  readonly name: string;
  /** Region and side, for example `left knee`; empty where none was told. */
  readonly place: string;
  readonly bodySite?: string;
  readonly unit: string;
  /** In the order in which they were taken. */
  readonly values: readonly { readonly value: number; readonly at: string }[];
}

/**
 * Values as series. Only what was measured before treatments or once in an interval is compared over a course: a value
 * after a treatment tells of that treatment. Where there are none of the others, those after treatments are taken.
 */
export function seriesOf(sessions: readonly Session[], measures: MeasureTable): Series[] {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of sessions.flatMap((session) => session.measurements)) {
    const { measure, unit, movement, motion } = measurement;
    const key = [measure, unit, placeOf(measurement), movement, motion].join('|');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [measurement]);
    else group.push(measurement);
  }
  return [...groups.values()].flatMap((group) => {
    const comparable = group.filter(({ phase }) => phase !== 'post');
    const taken = (comparable.length > 0 ? comparable : group).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    const [first] = taken;
    if (first === undefined) return [];
    const { measure, unit, bodySite, movement, motion } = first;
    const moved = [motion, movement].filter((part) => part !== undefined).join(' ');
    return [
      {
        measure,
        name: [measures.get(measure)?.name ?? measure, moved].filter(Boolean).join(', '),
        place: placeOf(first),
        ...(bodySite === undefined ? {} : { bodySite }),
        unit,
        values: taken.map(({ value, at }) => ({ value, at })),
      },
    ];
  });
}

function placeOf({ bodySite, laterality }: Measurement): string {
  const side = laterality === undefined || laterality === 'none' || laterality === 'unknown' ? undefined : laterality;
  return [side, bodySite].filter((part) => part !== undefined).join(' ');
}
