/** `npm run fuzz -- <what> [--count N] [--seed S]`: mutated inputs, seeded; exit 1 when one finds a fault. */
const targets = ['validate', 'map'];
const [what = '', ...args] = process.argv.slice(2);
if (!targets.includes(what)) {
  process.stderr.write(`npm run fuzz -- <what> [--count N] [--seed S], where <what> is one of ${targets.join(', ')}\n`);
  process.exit(2);
}
const target = (await import(`./${what}.ts`)) as { run(args: readonly string[]): Promise<number> };
process.exitCode = await target.run(args);
