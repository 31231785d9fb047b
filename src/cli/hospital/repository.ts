import { allOk, created, multipleMatches, OperationOutcomeError, type SearchRequest, type WithId } from '@medplum/core';
import { type CreateResourceOptions, MemoryRepository } from '@medplum/fhir-router';
import type { Bundle, Identifier, OperationOutcome, Resource } from '@medplum/fhirtypes';

/**
 * Medplum's memory repository with an index of identifiers. Without it every conditional create looks at every
 * resource with FHIRPath, and after some hundred sessions a transaction takes half a second.
 */
export class IndexedRepository extends MemoryRepository {
  private readonly idsByIdentifier = new Map<string, Set<string>>();

  override async createResource<T extends Resource>(
    resource: T,
    options?: CreateResourceOptions,
    update = false,
  ): Promise<WithId<T>> {
    const kept = await super.createResource(resource, options, update);
    for (const identifier of identifiersOf(kept)) {
      const key = keyOf(kept.resourceType, tokenOf(identifier));
      const ids = this.idsByIdentifier.get(key) ?? new Set();
      this.idsByIdentifier.set(key, ids.add(kept.id));
    }
    return kept;
  }

  // The original goes to its maps directly and would see neither the index nor what is indexed here.
  override async conditionalCreate<T extends Resource>(
    resource: T,
    search: SearchRequest<T>,
    options?: CreateResourceOptions,
  ): Promise<{ resource: WithId<T>; outcome: OperationOutcome }> {
    const [existing, another] = (await this.search(search)).entry ?? [];
    if (another !== undefined) throw new OperationOutcomeError(multipleMatches);
    if (existing?.resource !== undefined) return { resource: existing.resource, outcome: allOk };
    return { resource: await this.createResource(resource, options), outcome: created };
  }

  override async search<T extends Resource>(request: SearchRequest<T>): Promise<Bundle<WithId<T>>> {
    const token = identifierToken(request);
    if (token === undefined) return super.search(request);
    const ids = [...(this.idsByIdentifier.get(keyOf(request.resourceType, token)) ?? [])];
    const found = await Promise.all(ids.map((id) => this.readResource<T>(request.resourceType, id)));
    // An update may have taken the identifier away again: what is read decides, not the index.
    const matches = found.filter((resource) => identifiersOf(resource).some((own) => tokenOf(own) === token));
    const entry = matches.map((resource) => ({ search: { mode: 'match' as const }, resource: resource as WithId<T> }));
    return { resourceType: 'Bundle', type: 'searchset', total: entry.length, ...(entry.length > 0 ? { entry } : {}) };
  }
}

/** `system|value` when the search asks for exactly one identifier and nothing else. */
function identifierToken(request: SearchRequest): string | undefined {
  const [filter, ...others] = request.filters ?? [];
  if (filter === undefined || others.length > 0 || request.include !== undefined) return undefined;
  return filter.code === 'identifier' && String(filter.operator) === 'eq' && filter.value.includes('|')
    ? filter.value
    : undefined;
}

function identifiersOf(resource: Resource): readonly Identifier[] {
  const { identifier } = resource as { readonly identifier?: Identifier | Identifier[] };
  if (identifier === undefined) return [];
  return Array.isArray(identifier) ? identifier : [identifier];
}

function tokenOf({ system, value }: Identifier): string {
  return `${system ?? ''}|${value ?? ''}`;
}

function keyOf(type: string, token: string): string {
  return `${type} ${token}`;
}
