/** `npm run bench -- <what>`: prints figures beside peers or limits measured in the same run; asserts nothing. */
const benches = ['validate', 'map', 'watch', 'screen', 'intake', 'loop', 'start'];
const [what = '', ...args] = process.argv.slice(2);
if (!benches.includes(what)) {
  process.stderr.write(`npm run bench -- <what>, where <what> is one of ${benches.join(', ')}\n`);
  process.exit(2);
}
const bench = (await import(`./${what}.ts`)) as { run(args: readonly string[]): Promise<number> };
process.exitCode = await bench.run(args);
