/**
 * Work on all items, so many at a time. Every item is tried; when some fail, the first failure is thrown in the end, so
 * that the pack comes again and finds only what is left.
 */
export async function inLanes<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, rest.length) }, lane));
  if (failures.length > 0) throw failures[0];
}
