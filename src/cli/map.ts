import { parseArgs } from 'node:util';
import { parseJson } from '../core/fhir/json.ts';
import { findMapping, loadTools } from './mapping-tools/load-tools.ts';
import { type Ran, type Runnable, runsOf } from './mapping-tools/run-mapping.ts';
import { tracePicture } from './mapping-tools/trace-picture.ts';
import { readText } from './read-text.ts';
import { misuse } from './usage.ts';

export const help = `npx tactus map MAPPING FILE   run a mapping on a file and print what comes out

MAPPING  the name of a map in mappings/, for example referral-to-plan
FILE     for referral-to-plan: a ServiceRequest, or a Bundle, of which each ServiceRequest is mapped
         for session-to-outcome: { "session": ..., "plan": ..., "partner": { "fhirBase": ... } }
         for any other map: its inputs by name

--trace      also say for each element where it came from, and what was not used
--json       one JSON object a run: { ok, output, reports | issues, trace?, dropped? }
--folder DIR the mappings (default: those of Tactus)

Exit: 0 mapped, 1 the mapping refused the file, 2 could not be asked.`;

/** @returns 0 mapped, 1 refused, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      trace: { type: 'boolean' },
      json: { type: 'boolean' },
      folder: { type: 'string' },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const wrong = misuse(positionals, ['MAPPING', 'FILE']);
  if (wrong !== undefined) {
    process.stderr.write(`tactus map: ${wrong}\n\n${help}\n`);
    return 2;
  }
  const [name = '', file = ''] = positionals;
  const tools = loadTools(values.folder);
  const runs = runsOf(findMapping(tools, name), readInput(file), tools.measures);
  let refused = false;
  for (const one of runs) {
    const ran = one.run();
    refused ||= !ran.ok;
    if (values.json === true) tellJson(one, ran, values.trace === true);
    else tellText(one, ran, values.trace === true);
  }
  return refused ? 1 : 0;
}

function readInput(file: string): unknown {
  const parsed = parseJson(readText(file));
  if (parsed.ok) return parsed.value;
  throw new Error(`${file} cannot be read: ${parsed.issues.map(({ message }) => message).join(' ')}`);
}

function tellJson(one: Runnable, ran: Ran, withTrace: boolean): void {
  const traced = withTrace ? one.trace() : undefined;
  const more = traced === undefined ? {} : { trace: traced.trace, dropped: traced.dropped };
  process.stdout.write(`${JSON.stringify({ ...ran, ...more })}\n`);
}

function tellText(one: Runnable, ran: Ran, withTrace: boolean): void {
  if (!ran.ok) {
    process.stderr.write(
      ran.issues.map(({ code, expression, message }) => `${expression}: ${message} [${code}]\n`).join(''),
    );
    return;
  }
  for (const { kind, message } of ran.reports) process.stderr.write(`${kind}: ${message}\n`);
  process.stdout.write(`${JSON.stringify(ran.output, null, 2)}\n`);
  if (withTrace) process.stdout.write(`\n${tracePicture(one.trace(), one.inputs)}`);
}
