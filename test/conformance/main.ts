/** `npm run conformance -- <what> <folder>`: runs other people's cases; the last line is one JSON object. */
const suites = ['validator', 'mapping', 'referrals'];
const [what = '', ...args] = process.argv.slice(2);
if (!suites.includes(what)) {
  process.stderr.write(`npm run conformance -- <what> <folder>, where <what> is one of ${suites.join(', ')}\n`);
  process.exit(2);
}
const suite = (await import(`./${what}/run.ts`)) as { run(args: readonly string[]): Promise<number> };
process.exitCode = await suite.run(args);
