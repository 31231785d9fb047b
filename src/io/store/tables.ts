import type { Generated } from 'kysely';

/**
 * The tables as Kysely sees them; migrations/ makes them. Instants are ISO 8601 texts here and timestamptz there.
 * Documents are `json`, not `jsonb`: they are kept and given back as they were written, key by key, and never searched.
 */
export interface Tables {
  'tactus.plan': PlanTable;
  'tactus.session': SessionTable;
  'tactus.history': HistoryTable;
  'tactus.token': TokenTable;
}

export interface PlanTable {
  id: string;
  referral_id: string;
  partner: string;
  status: string;
  version: number;
  /** Identifiers of the patient as `system|value`. */
  patients: string[];
  /** The whole PlanRecord. */
  document: unknown;
  updated_at: string;
  /** Rises with every change of any plan: the key of the pages. */
  change: Generated<number>;
}

export interface SessionTable {
  id: string;
  plan_id: string;
  seq: number;
  amends: string | null;
  content_hash: string;
  document: unknown;
  recorded_at: string;
}

export interface HistoryTable {
  id: Generated<number>;
  at: string;
  about: string;
  subject: string;
  event: string;
  by: string;
  detail: unknown;
}

export interface TokenTable {
  hash: string;
  audience: string;
  owner: string;
  created_at: string;
  revoked_at: string | null;
}
