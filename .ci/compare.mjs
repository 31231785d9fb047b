// node .ci/compare.mjs '{"recall":0.91}' 'recall>=0.90' …: exit 1 when a figure misses its bound, saying which.
const [text, ...bounds] = process.argv.slice(2);
const figures = JSON.parse(text);
let missed = 0;
for (const bound of bounds) {
  const [, key, sign, limit] = /^(\w+)(>=|<=)([\d.]+)$/.exec(bound) ?? [];
  const has = figures[key];
  const good = typeof has === 'number' && (sign === '>=' ? has >= Number(limit) : has <= Number(limit));
  if (!good) {
    missed++;
    console.error(`${key} is ${has}, should be ${sign} ${limit}.`);
  }
}
process.exitCode = missed === 0 && bounds.length > 0 ? 0 : 1;
