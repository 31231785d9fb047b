import { parseArgs } from 'node:util';
import type { Resource } from '@medplum/fhirtypes';
import { type Issue, isFault } from '../core/fhir/issue.ts';
import { parseJson } from '../core/fhir/json.ts';
import { createValidator } from '../core/validate/create.ts';
import { refusedDefinitions } from '../core/validate/refused.ts';
import type { Definitions, Validator } from '../core/validate/validator.ts';
import { combineDefinitions, loadDefinitions } from '../io/definitions/definitions.ts';
import { definitionsOf, loadPackage } from '../io/definitions/package.ts';
import { readText } from './read-text.ts';
import { drawIssues } from './validate-picture.ts';

export const help = `npx tactus validate FILE... [--profile URL] [--package DIR|TGZ] [--json]

Check FHIR R4 resources (JSON) against their base definition, the profiles they name in meta.profile, and --profile.

  --profile URL       hold them to this profile too; may be repeated
  --package DIR|TGZ   take profiles and value sets from a FHIR package as well; may be repeated. Definitions in it
                      that ask for what cannot be checked here are named, and refuse what is held to them
  --json              one JSON line a file: {"file","valid","issues"}
  --help              this text

Ends with 0 when all are valid, 1 when one is not, 2 when it could not be asked, or not of every file.`;

/** @returns 0 all valid, 1 one is not, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      profile: { type: 'string', multiple: true },
      package: { type: 'string', multiple: true },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (positionals.length === 0) {
    process.stderr.write(`tactus validate: FILE is missing.\n\n${help}\n`);
    return 2;
  }
  const definitions = definitionsFrom(values.package ?? []);
  const profiles = values.profile ?? [];
  const unknown = profiles.find((url) => definitions.structure(url) === undefined);
  if (unknown !== undefined) throw new Error(`the profile ${unknown} is not known; name its package with --package.`);
  const validator = createValidator(definitions, { now: () => new Date().toISOString() });
  let invalid = 0;
  let unread = 0;
  for (const file of positionals) {
    let text: string;
    try {
      text = readText(file);
    } catch (error) {
      process.stderr.write(`tactus validate: ${error instanceof Error ? error.message : String(error)}\n`);
      unread += 1;
      continue;
    }
    const issues = checkText(text, validator, profiles);
    const valid = !issues.some(isFault);
    if (!valid) invalid += 1;
    const told = values.json === true ? JSON.stringify({ file, valid, issues }) : drawIssues(file, text, issues);
    process.stdout.write(`${told}\n`);
  }
  if (unread > 0) return 2;
  return invalid === 0 ? 0 : 1;
}

/** Packages come first, so that a newer version of something that Tactus has too is the one that counts. */
function definitionsFrom(packages: readonly string[]): Definitions {
  let definitions = loadDefinitions();
  for (const path of packages) {
    const resources = loadPackage(path);
    definitions = combineDefinitions(definitionsOf(resources, definitions), definitions);
    for (const { message } of refusedDefinitions(definitions, structuresIn(resources)))
      process.stderr.write(`tactus validate: ${path}: ${message}\n`);
  }
  return definitions;
}

function structuresIn(resources: readonly Resource[]): readonly string[] {
  return resources.flatMap((resource) =>
    resource.resourceType === 'StructureDefinition' && typeof resource.url === 'string' ? [resource.url] : [],
  );
}

function checkText(text: string, validator: Validator, profiles: readonly string[]): readonly Issue[] {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed.issues;
  return [...parsed.issues, ...validator.validate(parsed.value, { profiles, locate: parsed.locate })];
}
